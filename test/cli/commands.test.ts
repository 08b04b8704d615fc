import { execFile } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { createAdmin } from '../../src/admin/index.ts';
import { silent } from '../../src/base/index.ts';
import { loadNodeBackend } from '../../src/crypto/index.ts';
import { openAdminSocket } from '../../src/daemon/admin-socket.ts';
import { realClock } from '../../src/daemon/clock.ts';
import { ADDRESS_TEXT, fakeNode, KEY_TEXT, numbered, peer } from '../admin/fake-node.ts';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

type Result = { readonly code: number; readonly out: string; readonly err: string };

/** Runs the built program as a person would. */
function fcmesh(...args: readonly string[]): Promise<Result> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args], { timeout: 20_000 }, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), out, err });
    });
  });
}

if (!existsSync(MAIN)) {
  t.pass('dist is not built: the commands are not tried', { skip: 'run npm run build:ts first' });
} else {
  t.test('init writes a good file once, and check says so', async (t) => {
    const file = path.join(t.testdir(), 'fcmesh.yaml');
    const made = await fcmesh('init', '--config', file, '--json');
    t.equal(made.code, 0, made.err);
    const { key, address } = JSON.parse(made.out) as Record<string, string>;
    t.equal(statSync(file).mode & 0o777, 0o600);
    const text = readFileSync(file, 'utf8');
    const again = await fcmesh('init', '--config', file);
    t.equal(again.code, 2);
    t.match(again.err, /exists already\n.*--force/);
    t.equal(readFileSync(file, 'utf8'), text);
    const checked = await fcmesh('check', '--config', file, '--json');
    t.match(JSON.parse(checked.out), { ok: true, key, address, problems: [] });
    t.equal((await fcmesh('init', '--force', '--config', file)).code, 0);
    t.not(readFileSync(file, 'utf8'), text);
  });

  t.test('check tells mistakes with line, column and suggestion, and exits 2', async (t) => {
    const file = path.join(t.testdir(), 'bad.yaml');
    writeFileSync(file, 'identity: {privateKey: 00}\npeer: []\n', { mode: 0o600 });
    const plain = await fcmesh('check', '--config', file);
    t.equal(plain.code, 2);
    t.match(plain.err, `${file}:2:1: unknown key "peer"; did you mean "peers"?`);
    const json = await fcmesh('check', '--config', file, '--json');
    t.equal(json.code, 2);
    t.match(JSON.parse(json.out), {
      ok: false,
      problems: [
        { line: 1, column: 24 },
        { line: 2, column: 1 },
      ],
    });
    t.equal((await fcmesh('up', '--config', file)).code, 2);
  });

  t.test('keygen and address agree', async (t) => {
    const { privateKey, key, address } = JSON.parse((await fcmesh('keygen')).out) as Record<string, string>;
    t.match(privateKey, /^[0-9a-f]{64}$/);
    t.same(JSON.parse((await fcmesh('address', key ?? '', '--json')).out), { key, address });
    t.same(JSON.parse((await fcmesh('address', KEY_TEXT)).out), { key: KEY_TEXT, address: ADDRESS_TEXT });
    t.equal((await fcmesh('address', 'nonsense')).code, 2);
  });

  t.test('wrong usage exits 2, no daemon 3', async (t) => {
    t.equal((await fcmesh('statsu')).code, 2);
    t.equal((await fcmesh()).code, 2);
    t.equal((await fcmesh('status', '--nonsense')).code, 2);
    t.equal((await fcmesh('trace')).code, 2);
    t.equal((await fcmesh('status', '--admin', 'nonsense')).code, 2);
    t.equal((await fcmesh('ping', 'x', '-c', 'many', '--admin', '127.0.0.1:9')).code, 2);
    const nobody = await fcmesh('status', '--admin', '127.0.0.1:9');
    t.equal(nobody.code, 3);
    t.match(nobody.err, 'no daemon answers at 127.0.0.1:9; start it with: fcmesh up');
    t.match((await fcmesh('--version')).out, /^\d+\.\d+\.\d+\n$/);
    t.equal((await fcmesh('--help')).code, 0);
  });

  t.test('the JSON of a running daemon has the documented fields', async (t) => {
    const socket = await openAdminSocket({ host: '127.0.0.1', port: 0 });
    t.teardown(socket.close);
    const node = fakeNode({
      peers: [
        peer(1),
        peer(2, {
          rttUs: null,
          state: 'handshake',
          reason: 'no answer for 3 s: wrong password, key or port, or a firewall',
        }),
      ],
      keptOut: [{ address: numbered(9).address, rule: 'tcp/22', isRule: true, count: 3, agoMs: 5500 }],
    });
    const facts = { version: '0.1.0', pid: 42, tun: { name: 'fc0', mtu: 1304 }, listen: [], warnings: () => ['w'] };
    const crypto = await loadNodeBackend();
    socket.serve(
      createAdmin({
        node,
        facts,
        crypto,
        clock: realClock,
        unixMs: Date.now,
        stop: () => {},
        password: null,
        readonlyPassword: null,
        log: silent,
      }),
    );
    const ask = async (...args: readonly string[]) => {
      const result = await fcmesh(...args, '--admin', `127.0.0.1:${socket.at.port}`, '--json');
      return { code: result.code, json: JSON.parse(result.out) as unknown };
    };
    t.match(await ask('status'), {
      code: 0,
      json: {
        version: '0.1.0',
        protocol: 21,
        address: ADDRESS_TEXT,
        key: KEY_TEXT,
        uptimeSeconds: 3600,
        engine: 'native',
        tun: { name: 'fc0', mtu: 1304 },
        peers: { total: 2, established: 1 },
        sessions: 1,
        nodesKnown: 1,
        warnings: ['w'],
        refused: [],
        keptOut: [
          { address: /^fc00:0009/, key: null, name: null, rule: 'tcp/22', isRule: true, count: 3, lastSeconds: 5 },
        ],
      },
    });
    t.match(await ask('peers'), {
      code: 0,
      json: [
        {
          name: 'peer1',
          endpoint: '192.0.2.1:21000',
          transport: 'udp',
          direction: 'out',
          state: 'established',
          reason: null,
          protocol: 20,
          label: '0000.0000.0000.0014',
          rttMs: 1.234,
          rttP95Ms: 2.345,
          jitterMs: 0.1,
          lossPercent: 1.25,
          quality: 98,
          mtu: 1324,
          fragmenting: false,
          rxBytes: 1_000_000,
          txBytes: 2048,
          rxBps: 125_000,
          txBps: 0,
          ageSeconds: 61,
        },
        { rttMs: null, state: 'handshake', reason: /^no answer for 3 s/ },
      ],
    });
    t.match(await ask('sessions'), {
      json: [
        {
          name: 'peer1',
          state: 'ESTABLISHED',
          label: '0000.0000.0000.0015',
          hops: 2,
          rttMs: 4.2,
          rxBytes: 10,
          txBytes: 20,
          ageSeconds: 5,
        },
      ],
    });
    t.match(await ask('routes'), {
      json: [
        {
          name: 'peer2',
          label: '0000.0000.0000.0015',
          hops: 2,
          rttMs: null,
          lossPercent: null,
          protocol: 20,
          via: /^fc00:0001/,
        },
      ],
    });
    t.match(await ask('ping', 'peer1', '-c', '2', '-i', '0.01'), {
      code: 0,
      json: {
        sent: 2,
        received: 2,
        lossPercent: 0,
        rttMs: { min: 1.5, avg: 1.5, p95: 1.5, max: 1.5 },
        label: '0000.0000.0000.0015',
        hops: 2,
      },
    });
    t.match(await ask('ping', '--label', '0000.0000.0000.0013', '-c', '1'), { code: 0, json: { rttMs: { min: 0.9 } } });
    t.match(await ask('trace', 'peer1'), {
      code: 0,
      json: { address: /^fc00/, hops: [{ name: 'peer1', label: '0000.0000.0000.0013', rttMs: 0.5 }, { rttMs: null }] },
    });
    const read = async (...args: readonly string[]) =>
      (await fcmesh(...args, '--admin', `127.0.0.1:${socket.at.port}`)).out.replace(/ +/g, ' ');
    t.match(await read('sessions'), /\npeer1 fc00:0001\S+ established /, 'for people: names, and states in words');
    t.match(await read('trace', 'peer1'), /\n 1 peer1 fc00:0001\S+ 0000/);
    t.match(await read('routes'), /\npeer2 fc00:0002\S+ 0000/);
    t.match(await ask('find', 'peer1'), {
      code: 1,
      json: { found: false, key: null, label: null, hops: null, queries: 7, elapsedMs: 80 },
    });
  });

  t.test('a node beyond the reach of a label is said to be there, and how far away', async (t) => {
    const socket = await openAdminSocket({ host: '127.0.0.1', port: 0 });
    t.teardown(socket.close);
    const { address } = numbered(1);
    const tooFar = { hops: 16, missingBits: 5 };
    const node = fakeNode(
      { peers: [peer(1)], tooFar: [{ address, ...tooFar }] },
      { ping: async () => null, trace: async () => null, tooFar: () => tooFar },
    );
    const facts = { version: '0.1.0', pid: 42, tun: null, listen: [], warnings: () => [] };
    const crypto = await loadNodeBackend();
    const common = { clock: realClock, unixMs: Date.now, stop: () => {}, password: null, readonlyPassword: null };
    socket.serve(createAdmin({ node, facts, crypto, log: silent, ...common }));
    const ask = (...args: readonly string[]) => fcmesh(...args, '--admin', `127.0.0.1:${socket.at.port}`);
    const sentence =
      / exists, but is 16 hops away: a label holds about 14\. A peering in between would bring it into reach\./;
    for (const args of [
      ['ping', 'peer1', '-c', '1'],
      ['find', 'peer1'],
      ['trace', 'peer1'],
    ]) {
      const { code, out, err } = await ask(...args);
      t.equal(code, 1, args.join(' '));
      t.match(out + err, sentence, args.join(' '));
      t.notMatch(out + err, /Is the node running|No way to/);
      t.match(JSON.parse((await ask(...args, '--json')).out), { tooFar }, `${args[0]} --json`);
    }
    t.match((await ask('status')).out, sentence);
    t.match(JSON.parse((await ask('status', '--json')).out), { tooFar: [{ address: /^fc00/, ...tooFar }] });
  });
}

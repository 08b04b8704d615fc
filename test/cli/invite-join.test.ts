import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

type Result = { readonly code: number; readonly out: string; readonly err: string };

function fcmesh(...args: readonly string[]): Promise<Result> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args], { timeout: 30_000 }, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), out, err });
    });
  });
}

/** Three ports that are hardly in use; a daemon that finds one taken fails the test, and says so. */
const base = 20_000 + (process.pid % 9000) * 4;

/** Nobody else can dial it, so no invitation names it by itself. */
const HERE = ['--endpoint', `127.0.0.1:${base}`];

async function daemon(folder: string, name: string, port: number): Promise<{ file: string; child: ChildProcess }> {
  const file = path.join(folder, `${name}.yaml`);
  await fcmesh('init', '--config', file);
  const text = readFileSync(file, 'utf8')
    .replace('enabled: true', 'enabled: false')
    .replace('0.0.0.0:21000', `127.0.0.1:${port}`)
    .replace('127.0.0.1:11234', `127.0.0.1:${port + 1}`);
  writeFileSync(file, text);
  const child = spawn(process.execPath, [MAIN, 'up', '--config', file], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise<void>((resolve) => child.stdout?.once('data', () => resolve()));
  return { file, child };
}

if (!existsSync(MAIN)) {
  t.pass('dist is not built: the commands are not tried', { skip: 'run npm run build:ts first' });
} else {
  t.test('invite on one node, join on the other, then ping; the files say the same afterwards', async (t) => {
    const folder = t.testdir();
    const [a, b] = await Promise.all([daemon(folder, 'a', base), daemon(folder, 'b', base + 2)]);
    t.teardown(() => {
      a.child.kill();
      b.child.kill();
    });
    const invited = await fcmesh('invite', '--name', 'ana', '--as', 'hill', ...HERE, '--config', a.file, '--json');
    t.equal(invited.code, 0, invited.err);
    const { line, saved, connectTo } = JSON.parse(invited.out) as { line: string; saved: boolean; connectTo: object };
    // A stock v22 that believes a peer to be another would send it Noise only, which nobody here understands.
    const version = (Object.values(connectTo)[0] as { version?: number }).version ?? 0;
    t.ok(version < 22, `the entry for a stock node names version ${version}`);
    t.match(
      line,
      new RegExp(`^fcmesh://.{52}\\.k@127\\.0\\.0\\.1:${base}\\?login=ana&password=[a-z2-9]{20}&name=hill$`),
    );
    t.equal(saved, true);
    t.match(readFileSync(a.file, 'utf8'), /accept: {2,}#.*\n {2}- login: ana\n/);
    const joined = await fcmesh('join', line, '--save', '--config', b.file, '--json');
    t.match(JSON.parse(joined.out), [{ name: 'hill', established: true, saved: true }]);
    t.equal((await fcmesh('ping', 'hill', '-c', '1', '--config', b.file)).code, 0);
    const names = async (file: string) =>
      (JSON.parse((await fcmesh('peers', '--config', file, '--json')).out) as { name: string }[]).map(
        ({ name }) => name,
      );
    t.same([await names(a.file), await names(b.file)], [['ana'], ['hill']], 'each sees the other by its own name');
    t.match(
      await fcmesh('invite', '--name', 'eve', '--config', a.file),
      { code: 2, out: '', err: /no address is known[\s\S]*--endpoint HOST:PORT/ },
      'of itself it names nothing that nobody else can dial',
    );
    t.notMatch(readFileSync(a.file, 'utf8'), /login: eve/);
    const plain = await fcmesh('invite', '--name', 'eve', ...HERE, '--config', a.file, '--json');
    t.equal(new URL((JSON.parse(plain.out) as { line: string }).line).searchParams.get('name'), hostname());
    t.match(await fcmesh('invite', '--as', 'x\ny', '--config', a.file), { code: 2, err: /--as holds a control/ });
    const again = await fcmesh('join', line, '--save', '--config', b.file);
    t.match(again, { code: 0, out: /^hill: connected\.\n.* is in .* already\.\n$/ }, 'a second time');
    const anew = await fcmesh('invite', '--name', 'ana', '--as', 'hill', ...HERE, '--config', a.file, '--json');
    const newLine = (JSON.parse(anew.out) as { line: string }).line;
    for (const saved of [['--save'], []])
      t.match(
        await fcmesh('join', newLine, ...saved, '--config', b.file),
        { code: saved.length === 0 ? 1 : 2, err: /is a peer already, with another login[\s\S]*--update/ },
        'another login and password are no accident',
      );
    const updated = await fcmesh('join', newLine, '--save', '--update', '--config', b.file);
    t.match(updated, { code: 0, out: /^hill: connected\.\nSaved in / });
    t.equal(readFileSync(b.file, 'utf8').match(/endpoint: udp:\/\/127/g)?.length, 1);
    t.same(await names(a.file), ['ana'], 'one link, by the new login');
    const other = await fcmesh('peer', 'remove', `127.0.0.1:${base + 1}`, '--save', '--config', b.file, '--json');
    t.match(JSON.parse(other.out), { removed: false, saved: false }, 'another endpoint is another entry');
    const removed = await fcmesh('peer', 'remove', `127.0.0.1:${base}`, '--save', '--config', b.file, '--json');
    t.match(JSON.parse(removed.out), { removed: true, saved: true });
    t.match(readFileSync(b.file, 'utf8'), /^peers: \[\]/m);
    const added = await fcmesh('join', line, '--config', b.file, '--json');
    t.match(JSON.parse(added.out), [{ saved: false, established: true }]);
    const key = (JSON.parse(joined.out) as { key: string }[])[0]?.key ?? '';
    const wrong = [`127.0.0.1:${base + 1}`, key, '--login', 'ana', '--password', 'x', '--config', b.file, '--json'];
    t.match(JSON.parse((await fcmesh('peer', 'add', ...wrong)).out), [
      { established: false, reason: new RegExp(`connected at 127\\.0\\.0\\.1:${base} already`) },
    ]);
    const unresolved = ['peer.invalid:1', key, '--password', 'x', '--config', b.file, '--json'];
    t.match(JSON.parse((await fcmesh('peer', 'add', ...unresolved)).out), [{ established: false }]);
    const rows = JSON.parse((await fcmesh('peers', '--config', b.file, '--json')).out) as { endpoint: string }[];
    t.match(
      rows.find(({ endpoint }) => endpoint === 'peer.invalid:1'),
      { state: 'handshake', reason: /peer\.invalid/, key },
    );
  });

  t.test('reload does the difference, and a bad file changes nothing', async (t) => {
    const { file, child } = await daemon(t.testdir(), 'c', base + 40_000 > 65_000 ? base - 8 : base + 40);
    t.teardown(() => child.kill());
    const good = readFileSync(file, 'utf8');
    writeFileSync(file, good.replace('inbound: deny', 'inbound: maybe'));
    t.equal((await fcmesh('reload', '--config', file)).code, 2);
    writeFileSync(file, good.replace('level: info', 'level: debug').replace('mtu: 1304', 'mtu: 1280'));
    t.match(JSON.parse((await fcmesh('reload', '--config', file, '--json')).out), {
      applied: ['log.level'],
      restart: ['tun'],
    });
    const log = await fcmesh('log', '--config', file);
    t.match(log.out, /config\.reloaded changed=log\.level restart=tun/);
  });
}

import t from 'tap';
import { MeshError, silent } from '../../src/base/index.ts';
import { type Config, loadConfig } from '../../src/config/index.ts';
import { loadNodeBackend, parsePublicKey } from '../../src/crypto/index.ts';
import { startDialer } from '../../src/daemon/dialer.ts';
import { applyConfig, inForce, type Reloadable } from '../../src/daemon/reload.ts';
import { openSockets } from '../../src/daemon/sockets.ts';
import { fakeNode, handClock, KEY_TEXT, peer } from '../admin/fake-node.ts';
import { revealed } from '../support/revealed.ts';

const OTHER_KEY = 'p50mnlqjm6p0nnn4ykkvyurz2jfmc0v4wx6b7b2tgqwdqdy1s1m0.k';
const crypto = await loadNodeBackend();

function config(text: string): Config {
  const loaded = loadConfig(`identity: {privateKeyFile: k}\nadmin: {password: x}\n${text}`);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.config;
}

function peers(...ports: readonly number[]): string {
  const lines = ports.map((port) => `  - {endpoint: "udp://192.0.2.1:${port}", key: ${VALID}, password: p}`);
  return ports.length === 0 ? 'peers: []' : `peers:\n${lines.join('\n')}`;
}

const { generateIdentity, formatPublicKey } = await import('../../src/crypto/index.ts');
const { randomBytes } = await import('node:crypto');
const VALID = formatPublicKey(generateIdentity(crypto, { bytes: randomBytes }).publicKey);

async function setUp(initial: Config) {
  const done: string[] = [];
  const node = fakeNode(
    { peers: [peer(1, { user: 'bob' })] },
    {
      addPeer: ({ endpoint }) => void done.push(`+${endpoint.port}`),
      removePeer: (_, endpoint) => {
        done.push(`-${endpoint}`);
        return true;
      },
      setFirewall: (rules) => void done.push(`firewall ${rules === null ? 'open' : rules.length}`),
    },
  );
  for (const user of initial.accept) node.addUser(user);
  const engine = { openUdp: async () => 0, boundPort: () => 0, ethernet: null };
  const questions = { lookUp: async () => [], sourceOf: async () => null };
  const udp = await openSockets(engine, [], () => undefined, questions);
  const sockets = { ...udp, dial: async () => 0, listen: async () => void done.push('listen') };
  const dialer = startDialer({ node, peers: initial.peers, sockets, clock: handClock(), log: silent });
  t.teardown(dialer.close);
  const to: Reloadable = {
    node,
    crypto,
    dialer,
    sockets,
    log: {
      ...silent,
      begin: async () => {},
      listen: () => {},
      setLevel: (level) => void done.push(`level ${level}`),
    },
    admin: { setPasswords: (full) => void done.push(`password ${revealed(full)}`) },
    moveAdmin: async () => void done.push('admin'),
    moveLan: ({ lan }) => void done.push(`lan ${lan.beacon}`),
    moveMetrics: async () => {
      throw new MeshError('ERR_PORT_IN_USE', 'in use');
    },
  };
  return { to, done, node };
}

t.test('supernodes come and go with the configuration, and nobody else is taken for one', async (t) => {
  const before = config('supernodes: []');
  const { to, node } = await setUp(before);
  const next = config(`supernodes: [${VALID}]`);
  t.match((await applyConfig(before, next, to)).applied, ['supernodes']);
  t.same(node.calls, [`setSupernodes ${VALID}`]);
  t.same((await applyConfig(next, next, to)).applied, []);
  await t.rejects(applyConfig(next, config(`supernodes: [${KEY_TEXT}]`), to), { message: /very node/ });
  await t.rejects(applyConfig(next, config(`supernodes: [${OTHER_KEY}]`), to), { code: 'ERR_CONFIG' });
});

t.test('a peer removed by hand comes back with a reload, for the file still has it', async (t) => {
  const before = config(peers(1, 2));
  const { to, done } = await setUp(before);
  await new Promise((resolve) => setImmediate(resolve));
  const key = parsePublicKey(VALID);
  t.ok(key !== null && to.dialer.remove(key, '192.0.2.1:1'));
  done.length = 0;
  t.match((await applyConfig(before, before, to)).applied, [/^peers \+/]);
  t.ok(done.includes('+1'));
  t.notOk(done.includes('+2'));
});

t.test('peers that stay are left alone, others come and go', async (t) => {
  const before = config(peers(1, 2));
  const { to, done } = await setUp(before);
  await new Promise((resolve) => setImmediate(resolve));
  t.same(done, ['+1', '+2']);
  done.length = 0;
  await applyConfig(before, config(peers(2, 3)), to);
  t.ok(done.includes('-192.0.2.1:1'));
  t.ok(done.includes('+3'));
  t.notOk(
    done.some((one) => one.endsWith(':2') || one === '+2'),
    done.join(' '),
  );
});

t.test('logins come and go, and whoever came by a removed one has to leave', async (t) => {
  const before = config('accept: [{login: bob, password: a}, {login: eve, password: b}]');
  const { to, done, node } = await setUp(before);
  await applyConfig(before, config('accept: [{login: eve, password: b}, {login: al, password: c}]'), to);
  t.same(
    node.users().map(({ login }) => login),
    ['eve', 'al'],
  );
  t.same(done, ['-192.0.2.1:21000']);
});

t.test('however many logins go, the links are looked through once', async (t) => {
  const users = Array.from({ length: 300 }, (_, index) => `{login: u${index}, password: a}`);
  const before = config(`accept: [${users.join(', ')}]`);
  const { to } = await setUp(before);
  let looks = 0;
  const peers = () => {
    looks++;
    return to.node.peers();
  };
  const node = { ...to.node, peers };
  t.equal((await applyConfig(before, config('accept: []'), { ...to, node })).applied.length, 300);
  t.equal(looks, 1);
});

t.test('firewall, level, passwords and sockets follow; what fails is told and the rest is done', async (t) => {
  const before = config('');
  const { to, done } = await setUp(before);
  const after = loadConfig(
    'identity: {privateKeyFile: k}\nadmin: {password: y, listen: 127.0.0.1:1}\nfirewall: {inbound: allow}\n' +
      'metrics: {listen: 127.0.0.1:2}\nlog: {level: debug}\ntun: {mtu: 1400}\nuser: root\ncrypto: libsodium\n' +
      'lan: {beacon: listen}\nlisten: ["udp://127.0.0.1:3"]\n',
  );
  if (!after.ok) throw new Error('configuration');
  const report = await applyConfig(before, after.config, to);
  t.same(done, ['listen', 'firewall open', 'level debug', 'lan listen', 'password y', 'admin']);
  t.match(report.warnings, [/^metrics.listen: in use/]);
  t.same(report.restart, ['tun', 'crypto', 'user', 'listen udp://0.0.0.0:21000']);
});

t.test(
  'what needs a restart, or failed, is told again by the next reload; what is open is not opened again',
  async (t) => {
    const before = config('');
    const { to, done } = await setUp(before);
    const after = config('listen: ["udp://127.0.0.1:3"]\nmetrics: {listen: 127.0.0.1:2}\nuser: root\n');
    const first = await applyConfig(before, after, to);
    const now = inForce(before, after, first);
    t.same(now.listen.length, 2, 'the old address is open until the restart');
    t.match(now.warnings.at(-1), /restart for: user, listen udp:\/\/0\.0\.0\.0:21000$/);
    const second = await applyConfig(now, after, to);
    t.same(second.restart, first.restart);
    t.match(second.warnings, [/^metrics.listen: in use/], 'tried again');
    t.same(done, ['listen'], 'once');
    const back = await applyConfig(now, before, to);
    t.same([back.applied, back.restart], [[], ['listen udp://127.0.0.1:3']]);
  },
);

t.test('a thousand reloads of the same change nothing', async (t) => {
  const before = config(`${peers(1)}\naccept: [{login: bob, password: a}]`);
  const { to, done } = await setUp(before);
  await new Promise((resolve) => setImmediate(resolve));
  done.length = 0;
  let current = before;
  for (let round = 0; round < 1000; round++) {
    const next = round % 100 === 0 ? config(`${peers(1)}\naccept: [{login: bob, password: a}]`) : current;
    t.same((await applyConfig(current, next, to)).applied.length, 0);
    current = next;
  }
  t.same(done, []);
});

t.test('the key of a peer that is no node changes nothing at all', async (t) => {
  const before = config('');
  const { to, done } = await setUp(before);
  for (const key of [OTHER_KEY, KEY_TEXT]) {
    const next = config(`peers: [{endpoint: "udp://192.0.2.1:1", key: ${key}, password: p}]\nlog: {level: debug}`);
    await t.rejects(applyConfig(before, next, to), { code: 'ERR_CONFIG' });
  }
  t.same(done, []);
});

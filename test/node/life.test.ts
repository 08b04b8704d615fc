import t from 'tap';
import { asIp6 } from '../../src/crypto/index.ts';
import { createLinkTable } from '../../src/link/table.ts';
import { Alarm } from '../../src/node/alarm.ts';
import { OpenRequests } from '../../src/node/open-requests.ts';
import { Rates } from '../../src/node/rates.ts';
import { VirtualClock } from '../../src/sim/virtual-clock.ts';
import { makeNode, until } from './support.ts';

const alice = { login: 'alice', password: 'secret of alice', name: 'alice' };

t.test('users come and go, and no login is there twice', async (t) => {
  const { node } = await makeNode(t, [alice]);
  t.throws(() => node.addUser(alice), { code: 'ERR_USER' });
  node.addUser({ ...alice, login: 'bob' });
  t.same(node.users(), [
    { login: 'alice', name: 'alice' },
    { login: 'bob', name: 'alice' },
  ]);
  t.ok(node.removeUser('bob'));
  t.notOk(node.removeUser('bob'));
});

t.test('a refused dialler is shown at the acceptor, with the reason; nothing secret is in the picture', async (t) => {
  const a = await makeNode(t);
  const b = await makeNode(t, [alice]);
  const endpoint = { host: '127.0.0.1', port: b.port };
  const key = b.identity.publicKey;
  a.node.addPeer({
    endpoint: { ...endpoint, socket: a.socket },
    key,
    login: 'alice',
    password: 'not hers',
    name: null,
  });
  t.ok(await until(() => b.node.inspect().refused.length > 0));
  t.match(b.node.inspect().refused[0], { key: a.identity.publicKey, reason: 'wrong password or key' });
  t.match(a.node.inspect().peers[0], { state: 'handshake', stockState: 'SENT_HELLO', reason: /wrong password/ });
  for (const { node } of [a, b])
    t.notMatch(
      JSON.stringify(node.inspect(), (_, v) => (typeof v === 'bigint' ? `${v}` : v)),
      /secret of alice|not hers/,
    );
  t.throws(
    () =>
      a.node.addPeer({
        endpoint: { ...endpoint, socket: 0 },
        key: a.identity.publicKey,
        login: null,
        password: null,
        name: null,
      }),
    {
      code: 'ERR_PEER',
    },
  );
  t.ok(a.node.removePeer(key));
  t.notOk(a.node.removePeer(key));
  t.same(a.node.inspect().peers, []);
});

t.test('questions to nobody end with their time, or with the node', async (t) => {
  const { node } = await makeNode(t);
  const nobody = asIp6(Uint8Array.of(0xfc, ...new Uint8Array(15)));
  if (nobody === null) throw new Error('not an address');
  t.equal(await node.ping(nobody, 50), null);
  t.equal(await node.pingLabel(0x13n, 50), null);
  t.match(await node.find(nobody, 50), { found: false, key: null });
  const open = node.ping(nobody, 60_000);
  node.close();
  node.close();
  t.equal(await open, null);
});

t.test('a command is answered once, and no more are open than allowed', async (t) => {
  const clock = new VirtualClock(0);
  const requests = new OpenRequests(clock);
  const ids: number[] = [];
  const ask = (timeoutMs: number) => requests.ask(timeoutMs, 'none', (id) => ids.push(id));
  const [first, second] = [ask(10), ask(10)];
  requests.answer(ids[0] ?? 0, 'answer');
  requests.answer(ids[0] ?? 0, 'again');
  requests.answer(99, 'nobody');
  clock.runFor(10);
  t.same([await first, await second], ['answer', 'none']);
  const many = Array.from({ length: 1_100 }, () => ask(1_000));
  t.equal(ids.length, 2 + 1_024);
  requests.close();
  t.ok((await Promise.all(many)).every((answer) => answer === 'none'));
});

t.test('an alarm rings at the earliest time asked for, once, and never after its end', async (t) => {
  const clock = new VirtualClock(0);
  const rung: number[] = [];
  const alarm = new Alarm(clock, () => rung.push(clock.nowMs()));
  alarm.at(50);
  alarm.at(80);
  alarm.at(20);
  clock.runFor(100);
  t.same(rung, [20]);
  alarm.at(10);
  clock.runFor(1);
  t.same(rung, [20, 100], 'a time in the past is at once');
  alarm.at(200);
  alarm.close();
  alarm.at(150);
  clock.runFor(500);
  t.equal(rung.length, 2);
});

t.test('rates are bytes per second of the last window, and never negative', async (t) => {
  const table = createLinkTable();
  const rates = new Rates(table, 0);
  table.rxBytes[3] = 4_000;
  table.txBytes[3] = 1_000;
  rates.update(1_999);
  t.equal(rates.rx(3), 0);
  rates.update(2_000);
  t.same([rates.rx(3), rates.tx(3), rates.rx(999)], [2_000, 500, 0]);
  table.rxBytes[3] = 0;
  rates.update(4_000);
  t.same([rates.rx(3), rates.tx(3)], [0, 0]);
});

import t from 'tap';
import { asPublicKey } from '../../src/crypto/index.ts';
import { reasonOf, stateOf, stockState } from '../../src/link/index.ts';
import { HELLO_BURST, MAX_PEERS, MAX_UNFINISHED, UNFINISHED_MS } from '../../src/link/limits.ts';
import { cryptoAuthHeader } from '../../src/wire/index.ts';
import { sure } from '../cryptoauth/support.ts';
import { Wire } from './support.ts';

/** A packet for the other's own router, the only kind that a handshake packet may carry. */
const toRouter = new Uint8Array(40).fill(1, 7, 8);
const users = [{ login: 'alice', password: 'secret of alice' }];

function pair() {
  const wire = new Wire();
  return { wire, a: wire.add('a', 1), b: wire.add('b', 2, users) };
}

t.test('the password alone lets in, and with its login', async (t) => {
  for (const login of [null, 'alice']) {
    const { wire, a, b } = pair();
    a.dial(b, 'secret of alice', login);
    wire.run(100);
    t.ok(a.isUp() && b.isUp());
    t.equal(b.peer.channel.user?.login, 'alice');
    t.match([a.peer.direction, b.peer.direction], ['out', 'in']);
    t.equal(stateOf(a.peer), 'established');
    t.equal(stockState(a.peer), 'ESTABLISHED');
    t.equal(reasonOf(a.peer, wire.nowMs), null);
    t.match([a.peer.protocol, b.peer.protocol], [21, 21]);
  }
});

const refused = [
  { what: 'an unknown login', login: 'mallory', password: 'secret of alice', reason: 'unknown login' },
  { what: 'an unknown password without a login', login: null, password: 'guess', reason: 'unknown login' },
  { what: 'a wrong password', login: 'alice', password: 'guess', reason: 'wrong password or key' },
  { what: 'no password', login: null, password: null, reason: 'password required' },
] as const;

for (const { what, login, password, reason } of refused) {
  t.test(`${what} is met with silence; nothing is stored but the reason`, async (t) => {
    const { wire, a, b } = pair();
    a.dial(b, password, login);
    wire.run(2_000);
    t.equal(b.links.peers.size, 0);
    t.equal(b.slots.size, 0);
    t.equal(b.data.rowsUsed, 0);
    t.ok(
      wire.log.every(({ from }) => from.port === a.at.port),
      'no answer of any kind',
    );
    const [entry] = b.links.refusals.list();
    t.match(entry, { endpoint: '192.0.2.1:1', key: a.identity.publicKey, reason });
    t.equal(entry?.count, wire.log.length);
    t.equal(stateOf(a.peer), 'handshake');
    t.match(reasonOf(a.peer, wire.nowMs), /^no answer for 2 s: wrong password, key or port, or a firewall$/);
  });
}

t.test('how long nobody answered is told in a unit that one can grasp', async (t) => {
  const { wire, a, b } = pair();
  a.dial(b, 'wrong', null);
  const { sinceMs } = a.peer.liveness;
  for (const [seconds, words] of [
    [0, '0 s'],
    [119, '119 s'],
    [797, '13 min'],
    [7199, '119 min'],
    [7200, '2 h'],
    [172_799, '47 h'],
    [500_000, '5 days'],
  ] as const)
    t.match(reasonOf(a.peer, sinceMs + seconds * 1000), new RegExp(`^no answer for ${words}: `));
  wire.run(0);
});

t.test('a hello to another key than ours is refused as a wrong key', async (t) => {
  const { wire, a, b } = pair();
  a.dial(b, 'secret of alice', 'alice', wire.add('c', 3).identity.publicKey);
  wire.run(300);
  t.equal(b.links.peers.size, 0);
  t.match(b.links.refusals.list(), [{ reason: 'wrong password or key' }]);
});

t.test('our own key, keys without a mesh address and addresses of another family are not dialled', async (t) => {
  const { wire, a, b } = pair();
  t.throws(() => a.dial(b, null, null, a.identity.publicKey), { code: 'ERR_PEER', message: /our own/ });
  const notMesh = sure(asPublicKey(new Uint8Array(32).fill(3)));
  t.throws(() => a.dial(b, null, null, notMesh), { code: 'ERR_PEER', message: /not a valid/ });
  const endpoint = { host: '2001:db8::1', port: 1, socket: 0 };
  const elsewhere = { endpoint, key: b.identity.publicKey, credentials: null, name: null };
  t.throws(() => a.links.dial(elsewhere, wire.nowMs), { code: 'ERR_PEER', message: /\[2001:db8::1\]:1/ });
  t.equal(a.links.peers.size, 0);
  a.dial(b, 'secret of alice');
  t.throws(() => a.dial(b, 'secret of alice'), { code: 'ERR_PEER', message: /already a peer/ });
});

t.test('hellos with our own key, a key without mesh address or anything but a hello cost nothing', async (t) => {
  const { wire, a, b } = pair();
  a.dial(b, 'secret of alice');
  wire.cut = true;
  wire.run(10);
  const hello = sure(wire.log[0]).bytes;
  const withKey = (key: Uint8Array) => {
    const changed = hello.slice();
    changed.set(key, 40);
    return changed;
  };
  b.hear(withKey(b.identity.publicKey), a.at);
  b.hear(withKey(new Uint8Array(32)), a.at);
  b.hear(withKey(new Uint8Array(32).fill(3)), a.at);
  for (const nonceField of [2, 3, 4, 255]) {
    const other = hello.slice();
    other[3] = nonceField;
    b.hear(other, a.at);
  }
  b.hear(hello.subarray(0, 119), a.at);
  b.hear(new Uint8Array(0), a.at);
  t.equal(b.counters.get('link.own_key'), 1);
  t.equal(b.counters.get('link.invalid_key'), 2);
  t.equal(b.counters.get('link.stranger'), 6);
  t.equal(b.links.peers.size, 0);
  t.equal(b.links.nextDueMs(), Number.POSITIVE_INFINITY);
});

t.test('hellos of strangers are tried at a limited rate, and only those with a known login', async (t) => {
  const { wire, a, b } = pair();
  a.dial(b, 'guess', 'alice');
  wire.cut = true;
  wire.run(10);
  const hello = sure(wire.log[0]).bytes;
  for (let i = 0; i < HELLO_BURST + 50; i++) b.hear(hello, { host: '192.0.2.9', port: 1 + i });
  t.equal(b.counters.get('link.cryptoauth_11'), HELLO_BURST);
  t.equal(b.counters.get('link.hello_limit'), 50);
  wire.nowMs += 1_000;
  b.hear(hello, { host: '192.0.2.9', port: 1 });
  t.equal(b.counters.get('link.cryptoauth_11'), HELLO_BURST + 1);
});

t.test('recorded hellos from many addresses take a bounded part of the table, for a short time', async (t) => {
  const { wire, a, b } = pair();
  a.dial(b, 'secret of alice');
  wire.cut = true;
  for (let i = 0; i < 300; i++) a.sendTo(a.peer, toRouter, null);
  const hellos = wire.log.splice(0).map(({ bytes }) => bytes);
  wire.cut = false;
  wire.run(1_000);
  hellos.slice(0, 300).forEach((hello, i) => {
    b.hear(hello, { host: '192.0.2.9', port: 1_000 + i });
  });
  t.equal(b.links.peers.size, MAX_UNFINISHED + 1);
  t.equal(b.counters.get('link.unfinished_evicted'), 300 - MAX_UNFINISHED);
  t.equal(b.slots.size, MAX_UNFINISHED + 1);
  wire.run(UNFINISHED_MS + 1_000);
  t.equal(b.links.peers.size, 1);
  t.ok(a.isUp() && b.isUp(), 'the real one is undisturbed');
  t.equal(b.seen.downs.length, 0);
});

t.test('a recorded hello is let in once, and leaves the budget of newcomers to them', async (t) => {
  const { wire, a, b } = pair();
  a.dial(b, 'secret of alice');
  wire.run(100);
  const hello = sure(wire.log[0]).bytes;
  for (let i = 0; i < 10 * HELLO_BURST; i++) b.hear(hello, { host: '192.0.2.9', port: 1_000 + i });
  t.equal(b.links.peers.size, 1);
  t.equal(b.counters.get('link.replayed_hello'), 10 * HELLO_BURST);
  const c = wire.add('c', 3);
  c.dial(b, 'secret of alice');
  wire.run(100);
  t.ok(a.isUp() && b.isUp() && c.isUp());
});

t.test(
  'a recorded hello has no answer from a second address, with any of the bits changed that nothing proves',
  async (t) => {
    const { wire, a, b } = pair();
    a.dial(b, 'secret of alice');
    wire.run(100);
    const sent = wire.log.length;
    for (const at of [cryptoAuthHeader.OFFSET.nonceField + 3, cryptoAuthHeader.OFFSET.reservedA]) {
      const hello = sure(wire.log[0]).bytes.slice();
      hello[at] = (hello[at] ?? 0) ^ 1;
      b.hear(hello, { host: '192.0.2.9', port: 1_000 });
    }
    t.equal(b.counters.get('link.replayed_hello'), 2);
    t.equal(wire.log.length, sent);
  },
);

t.test('there are 256 peers at most; one more is refused, and its endpoint is not kept', async (t) => {
  const { wire, a, b } = pair();
  const { publicKey: key } = b.identity;
  const dial = (port: number) =>
    a.links.dial({ endpoint: { host: '192.0.2.7', port, socket: 0 }, key, credentials: null, name: null }, wire.nowMs);
  for (let port = 1; port <= MAX_PEERS; port++) dial(port);
  t.throws(() => dial(500), { code: 'ERR_PEER', message: /256/ });
  t.equal(a.slots.size, MAX_PEERS);
  t.notOk(a.links.peers.has(1), 'number 1 is the node itself');
  const dialler = wire.add('c', 3);
  a.users.add({ login: 'c', password: '\u0001', name: null });
  dialler.dial(a, '\u0001');
  wire.run(200);
  t.ok(a.counters.get('link.full') > 0);
  t.equal(a.slots.size, MAX_PEERS);
  t.notOk(dialler.isUp());
  a.links.close();
  t.equal(a.links.peers.size, 0);
  t.equal(a.slots.size, 0);
  t.equal(a.data.rowsUsed, 0);
});

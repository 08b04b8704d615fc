import t from 'tap';
import { generateIdentity } from '../../src/crypto/index.ts';
import { stateOf } from '../../src/link/index.ts';
import { MAX_AT_ONE_PLACE, MAX_UNPROVEN_NEIGHBOURS, SAME_NEIGHBOUR_MS, UNFINISHED_MS } from '../../src/link/limits.ts';
import { seededRng, sure } from '../cryptoauth/support.ts';
import { createFakeBackend } from '../support/fake-crypto.ts';
import { restarted, Wire } from './support.ts';

const users = [{ login: 'Local Peers', password: 'of the beacon' }];
const backend = createFakeBackend();
const keyOf = (name: string) => generateIdentity(backend, seededRng(name)).publicKey;

t.test('two nodes that hear each other at the same moment have one link', async (t) => {
  const wire = new Wire();
  const a = wire.add('a', 1, users);
  const b = wire.add('b', 2, users);
  t.equal(a.beacon(b.at, b.identity.publicKey, 'of the beacon'), 'begun');
  t.equal(b.beacon(a.at, a.identity.publicKey, 'of the beacon'), 'begun');
  wire.run(1_000);
  t.ok(a.isUp() && b.isUp());
  t.match([a.links.peers.size, b.links.peers.size], [1, 1]);
  t.equal(a.peer.direction, 'lan');
  t.equal(a.beacon(b.at, b.identity.publicKey, 'another'), 'known', 'and what works is left alone');
  wire.run(100);
  t.equal(stateOf(a.peer), 'established');
});

t.test('a beacon with a key that is not at that place leads to nothing, and is forgotten', async (t) => {
  const wire = new Wire();
  const a = wire.add('a', 1, users);
  const b = wire.add('b', 2, users);
  t.equal(a.beacon(b.at, keyOf('somebody else'), 'of the beacon'), 'begun');
  wire.run(UNFINISHED_MS + 1_000);
  t.equal(a.links.peers.size, 0);
  t.notOk(b.isUp());
  t.equal(a.slots.size, 0);
});

t.test('our own key, and keys of no node, begin nothing', async (t) => {
  const wire = new Wire();
  const a = wire.add('a', 1);
  t.equal(a.beacon({ host: '192.0.2.9', port: 9 }, a.identity.publicKey, 'x'), 'own key');
  t.equal(a.beacon({ host: '::9', port: 9 }, keyOf('b'), 'x'), 'no such address');
  t.equal(a.links.peers.size, 0);
  t.equal(a.slots.size, 0);
});

t.test('a configured peer is never touched, though its key be named with another password', async (t) => {
  const wire = new Wire();
  const a = wire.add('a', 1);
  const b = wire.add('b', 2, [{ login: 'alice', password: 'secret of alice' }]);
  a.dial(b, 'secret of alice', 'alice');
  t.equal(a.beacon(b.at, b.identity.publicKey, 'forged'), 'known');
  wire.run(500);
  t.ok(a.isUp());
  t.equal(a.peer.direction, 'out');
  t.equal(a.beacon({ host: '192.0.2.66', port: 6 }, b.identity.publicKey, 'forged'), 'known');
  t.equal(a.links.peers.size, 1);
});

t.test('a configured peer that does not answer is found where its beacon comes from', async (t) => {
  const wire = new Wire();
  const a = wire.add('a', 1);
  const b = wire.add('b', 2, users);
  a.links.dial(
    { endpoint: { host: '198.51.100.1', port: 1, socket: 0 }, key: b.identity.publicKey, credentials: null, name: 'b' },
    wire.nowMs,
  );
  wire.run(3_000);
  t.equal(a.beacon(b.at, b.identity.publicKey, 'of the beacon'), 'begun');
  wire.run(500);
  t.ok(a.isUp());
  t.equal(a.links.peers.size, 2);
});

t.test('one node that is named by two media is tried by the first', async (t) => {
  const wire = new Wire();
  const a = wire.add('a', 1);
  const b = keyOf('b');
  t.equal(a.beacon({ host: '192.0.2.2', port: 2 }, b, 'x'), 'begun');
  t.equal(a.beacon({ host: '192.0.2.3', port: 2 }, b, 'x'), 'known');
  wire.run(SAME_NEIGHBOUR_MS);
  t.equal(a.beacon({ host: '192.0.2.3', port: 2 }, b, 'x'), 'begun', 'and by the other when that one is silent');
});

t.test('forged beacons take a bounded number of places, and leave the others alone', async (t) => {
  const wire = new Wire();
  const a = wire.add('a', 1, users);
  const b = wire.add('b', 2, [{ login: 'alice', password: 'secret of alice' }]);
  a.dial(b, 'secret of alice', 'alice');
  wire.run(300);
  const results = new Map<string, number>();
  const keys = ['c', 'd', 'e', 'f'].map(keyOf);
  for (let i = 0; i < 10_000; i++) {
    wire.nowMs += i % 2 === 0 ? 2 : 0;
    const at = { host: `192.0.${i & 255}.${(i >> 8) + 3}`, port: 1 + (i % 60_000) };
    const result = a.beacon(at, sure(keys[i % 4]), `password ${i}`);
    results.set(result, (results.get(result) ?? 0) + 1);
  }
  t.equal(results.get('begun'), MAX_UNPROVEN_NEIGHBOURS);
  t.ok((results.get('too many unproven') ?? 0) > 0);
  t.ok(a.links.peers.size <= MAX_UNPROVEN_NEIGHBOURS + 1);
  t.ok(a.slots.size <= MAX_UNPROVEN_NEIGHBOURS + 1);
  wire.run(UNFINISHED_MS + 1_000);
  t.equal(a.links.peers.size, 1, 'all are forgotten');
  t.ok(a.isUp());
});

t.test('so many keys at one place, and no more', async (t) => {
  const wire = new Wire();
  const a = wire.add('a', 1);
  const at = { host: '192.0.2.9', port: 9 };
  for (let i = 0; i < MAX_AT_ONE_PLACE; i++) t.equal(a.beacon(at, keyOf(`${i}`), 'x'), 'begun');
  t.equal(a.beacon(at, keyOf('one more'), 'x'), 'too many at this address');
});

t.test('a neighbour that begins anew with another password is back when its beacon is heard', async (t) => {
  const wire = new Wire();
  const a = wire.add('a', 1);
  const b = wire.add('b', 2, users);
  a.beacon(b.at, b.identity.publicKey, 'of the beacon');
  wire.run(500);
  t.ok(a.isUp());
  const again = restarted(wire, b, [{ login: 'Local Peers', password: 'another' }], 'b');
  wire.run(7_000);
  t.notOk(a.isUp(), 'the old password is of no use');
  t.equal(a.beacon(again.at, again.identity.publicKey, 'another'), 'begun');
  wire.run(1_000);
  t.ok(a.isUp());
  t.equal(a.links.peers.size, 1);
});

t.test(
  'two neighbours that both have other addresses now find each other by their beacons, and leave the old link',
  async (t) => {
    const wire = new Wire();
    const a = wire.add('a', 1, users);
    const b = wire.add('b', 2, users);
    a.beacon(b.at, b.identity.publicKey, 'of the beacon');
    wire.run(1_000);
    t.ok(a.isUp() && b.isUp());
    [a.at, b.at] = [
      { host: '192.0.2.1', port: 7 },
      { host: '192.0.2.1', port: 8 },
    ];
    const { nowMs } = wire;
    t.equal(a.beacon(b.at, b.identity.publicKey, 'of the beacon'), 'known', 'while nothing speaks against the old one');
    a.perform(a.links.networkChanged('changed', 0, nowMs));
    b.perform(b.links.networkChanged('changed', 0, nowMs));
    t.equal(a.beacon(b.at, b.identity.publicKey, 'of the beacon'), 'begun');
    t.equal(b.beacon(a.at, a.identity.publicKey, 'of the beacon'), 'begun');
    wire.run(300);
    t.equal(
      [...a.links.peers.values()].filter(({ announced, endpoint }) => announced && endpoint.port === 8).length,
      1,
    );
    wire.run(1_000);
    t.match([a.links.peers.size, b.links.peers.size], [1, 1]);
    t.ok(a.isUp() && b.isUp());
  },
);

t.test('beacons that somebody forges do not keep a dead link alive', async (t) => {
  const wire = new Wire();
  const a = wire.add('a', 1, users);
  const b = wire.add('b', 2, users);
  a.beacon(b.at, b.identity.publicKey, 'of the beacon');
  wire.run(1_000);
  t.ok(a.isUp());
  wire.remove(b);
  for (let i = 0; i < 60; i++) {
    a.beacon(b.at, b.identity.publicKey, 'of the beacon');
    wire.run(100);
  }
  t.notOk(a.isUp());
});

for (const who of ['we', 'it'] as const) {
  t.test(`a neighbour that began anew is back at its first beacon, though ${who} had dialled the other`, async (t) => {
    const wire = new Wire();
    const a = wire.add('a', 1, users);
    const b = wire.add('b', 2, users);
    if (who === 'we') a.beacon(b.at, b.identity.publicKey, 'of the beacon');
    else b.beacon(a.at, a.identity.publicKey, 'of the beacon');
    wire.run(3_000);
    const again = restarted(wire, b, users, 'b');
    a.beacon(again.at, again.identity.publicKey, 'of the beacon');
    wire.run(500);
    t.ok(again.isUp());
    wire.run(2_000);
    t.ok(a.isUp() && again.isUp());
    t.match([a.links.peers.size, again.links.peers.size], [1, 1]);
  });
}

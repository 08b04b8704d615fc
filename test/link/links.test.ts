import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { reasonOf, stateOf, stockState } from '../../src/link/index.ts';
import { FORGET_MS, FORGET_UNUSED_MS, MAX_UNFINISHED, UNFINISHED_MS } from '../../src/link/limits.ts';
import { DOWN, UP } from '../../src/switch/index.ts';
import { controlPing } from '../../src/wire/index.ts';
import { sure } from '../cryptoauth/support.ts';
import { restarted, type Side, Wire } from './support.ts';

const users = [{ login: 'alice', password: 'secret of alice' }];

function joined() {
  const wire = new Wire();
  const a = wire.add('a', 1);
  const b = wire.add('b', 2, users);
  a.dial(b, 'secret of alice', 'alice');
  wire.run(200);
  assert(a.isUp() && b.isUp());
  return { wire, a, b };
}

/** A CTRL PING with a body of our own, to see where it goes. */
const probe = controlPing.emit({ reply: false, version: 21, data: new Uint8Array(12) });

/** Does a packet of `from` reach `to` in the established session? */
function reaches(wire: Wire, from: Side, to: Side): boolean {
  const before = to.seen.packets.length;
  from.send(0x13n, probe, null);
  wire.deliver();
  return to.seen.packets.length > before;
}

t.test('both sides of a new link know the round trip and the version after the handshake', async (t) => {
  const { a, b } = joined();
  for (const side of [a, b]) {
    t.equal(side.seen.ups.length, 1);
    t.ok(side.peer.measure.rttsMs.length > 0);
    t.equal(side.interfaces.state[side.peer.number], UP);
    t.ok((side.links.table.rxBytes[side.peer.number] ?? 0) > 0);
    t.ok((side.links.table.txBytes[side.peer.number] ?? 0) > 0);
  }
});

t.test('who dials at the same moment as the other ends with one working link', async (t) => {
  const wire = new Wire();
  const a = wire.add('a', 1, users);
  const b = wire.add('b', 2, users);
  a.dial(b, 'secret of alice', 'alice');
  b.dial(a, 'secret of alice', 'alice');
  wire.run(2_000);
  t.ok(a.isUp() && b.isUp());
  t.match([a.links.peers.size, b.links.peers.size], [1, 1]);
  t.ok(reaches(wire, a, b) && reaches(wire, b, a));
});

t.test('whoever dialled us and is dialled by us since is found after it began anew', async (t) => {
  const { wire, a, b } = joined();
  b.dial(a, 'secret of alice');
  const again = restarted(wire, a, users, 'a');
  wire.run(10_000);
  t.ok(b.isUp() && again.isUp());
  t.equal(b.peer.direction, 'out');
});

t.test('a peer that has only said hello cannot make us forward anything', async (t) => {
  const wire = new Wire();
  const a = wire.add('a', 1);
  const b = wire.add('b', 2, users);
  a.dial(b, 'secret of alice');
  const packet = new Uint8Array(40);
  packet[7] = 0x13;
  a.sendTo(a.peer, packet, null);
  wire.deliver();
  t.equal(b.counters.get('link.unfinished'), 1);
  t.equal(b.seen.packets.length, 0);
  t.equal(b.interfaces.state[b.peer.number], DOWN);
  t.equal(b.links.table.openRow[b.peer.number], -1);
  packet[7] = 0x01;
  a.sendTo(a.peer, packet.subarray(0, 11), null);
  a.sendTo(a.peer, packet, null);
  wire.deliver();
  t.equal(b.counters.get('link.unfinished'), 2);
  t.ok(b.seen.packets.length > 0, 'what is for our own router passes');
});

t.test('a recorded hello from another address changes nothing for the real peer and is soon forgotten', async (t) => {
  const wire = new Wire();
  const [a, b] = [wire.add('a', 1), wire.add('b', 2, users)];
  a.dial(b, 'secret of alice');
  wire.cut = true;
  wire.run(10);
  wire.cut = false;
  wire.run(1_000);
  const before = b.peer;
  b.hear(sure(wire.log[0]).bytes, { host: '198.51.100.1', port: 9 });
  t.equal(b.links.peers.size, 2);
  const replayed = sure([...b.links.peers.values()].at(-1));
  t.equal(stateOf(replayed), 'handshake');
  t.match(reasonOf(replayed, wire.nowMs), /waiting for its next packet/);
  wire.run(UNFINISHED_MS + 500);
  t.same([...b.links.peers.values()], [before]);
  t.ok(a.isUp() && b.isUp() && reaches(wire, a, b));
  t.equal(b.seen.downs.length, 0);
});

t.test('a replayed hello from the same address does not disturb an established link', async (t) => {
  const { wire, a, b } = joined();
  const hellos = wire.log.filter(({ from, bytes }) => from.port === 1 && bytes[3] === 0);
  for (let times = 0; times < 50; times++) for (const { bytes } of hellos) b.hear(bytes, a.at);
  t.ok(b.isUp());
  t.ok(reaches(wire, a, b) && reaches(wire, b, a));
  t.ok(b.counters.get('link.cryptoauth_13') >= 49, 'nor does it cost a key exchange each time');
  wire.run(15_000);
  t.equal(b.seen.downs.length + a.seen.downs.length, 0);
});

t.test('a hello of a former life does not disturb a link of this one', async (t) => {
  const { wire, a } = joined();
  const old = wire.log.filter(({ from }) => from.port === 1).map(({ bytes }) => bytes);
  const again = restarted(wire, sure(wire.sides[1]), users, 'b');
  wire.run(8_000);
  t.ok(a.isUp() && again.isUp());
  for (const bytes of old) again.hear(bytes, a.at);
  t.ok(reaches(wire, a, again) && reaches(wire, again, a));
  wire.run(12_000);
  t.ok(a.isUp() && again.isUp() && reaches(wire, again, a));
  t.equal(again.seen.downs.length, 0);
});

t.test('a restarted dialler is back at once', async (t) => {
  const { wire, a, b } = joined();
  wire.run(5_000);
  const again = restarted(wire, a, [], 'a');
  again.dial(b, 'secret of alice', 'alice');
  wire.run(300);
  t.ok(again.isUp() && b.isUp());
  t.ok(reaches(wire, again, b) && reaches(wire, b, again));
  t.equal(b.links.peers.size, 1);
});

t.test('a restarted acceptor is back as soon as the silence is noticed', async (t) => {
  const { wire, a, b } = joined();
  const again = restarted(wire, b, users, 'b');
  wire.run(7_000);
  t.ok(a.isUp() && again.isUp());
  t.ok(reaches(wire, a, again) && reaches(wire, again, a));
  t.equal(a.seen.downs.length, 0, 'found out by the first ping without answer, before it was given up');
});

t.test('under traffic a dead peer is noticed in a second, and its return in another', async (t) => {
  const { wire, a, b } = joined();
  wire.cut = true;
  const cutMs = wire.nowMs;
  while (a.isUp() && wire.nowMs < cutMs + 5_000) {
    a.links.table.lastDataOutMs[a.peer.number] = wire.nowMs;
    a.links.expectTraffic(a.peer.number, wire.nowMs + 100);
    wire.run(50);
  }
  t.ok(wire.nowMs - cutMs <= 1_300, `${wire.nowMs - cutMs} ms`);
  t.equal(a.interfaces.state[a.peer.number], DOWN);
  t.equal(stateOf(a.peer), 'unresponsive');
  t.equal(stockState(a.peer), 'UNRESPONSIVE');
  t.match(reasonOf(a.peer, wire.nowMs), /^silent for \d+ s/);
  wire.run(20_000);
  wire.cut = false;
  wire.run(1_000);
  t.ok(a.isUp() && b.isUp());
  t.ok(reaches(wire, a, b) && reaches(wire, b, a));
});

t.test('an idle peer that went away is noticed within six seconds by both sides', async (t) => {
  const { wire, a, b } = joined();
  wire.cut = true;
  wire.run(6_000);
  t.notOk(a.isUp() || b.isUp());
  t.match([a.seen.downs.length, b.seen.downs.length], [1, 1]);
});

t.test('data from a peer that was given up, opened on the fast path, brings it back', async (t) => {
  const { wire, b } = joined();
  wire.cut = true;
  wire.run(8_000);
  t.notOk(b.isUp());
  const effects = b.links.markAlive(b.peer.number, wire.nowMs);
  t.match(effects, [{ type: 'ping' }], 'routing is told when a ping of ours was answered, too');
  t.equal(b.interfaces.state[b.peer.number], UP);
  t.match(b.links.pong(b.peer.number, 0, 21, wire.nowMs), [{ type: 'up' }]);
  t.same(b.links.markAlive(77, wire.nowMs), []);
});

t.test('an incoming link that never carried anything is forgotten soon', async (t) => {
  const { wire, b } = joined();
  wire.cut = true;
  wire.run(FORGET_UNUSED_MS - 1_000);
  t.equal(b.links.peers.size, 1);
  wire.run(3_000);
  t.equal(b.links.peers.size, 0);
});

t.test('an incoming peer is forgotten after long silence, a dialled one never', async (t) => {
  const { wire, a, b } = joined();
  b.links.table.lastDataOutMs[b.peer.number] = wire.nowMs;
  wire.cut = true;
  wire.run(100_000);
  t.equal(b.links.peers.size, 1, 'its number is kept for it');
  wire.nowMs += FORGET_MS - 100_000;
  wire.run(100);
  t.equal(b.links.peers.size, 0);
  t.equal(b.slots.size, 0);
  t.equal(b.data.rowsUsed, 0);
  t.equal(a.links.peers.size, 1);
  t.equal(b.interfaces.state[0], 0, 'the number is free again');
});

t.test('a peer that comes from another address keeps its link and its number', async (t) => {
  const { wire, a, b } = joined();
  wire.add('other', 6);
  const before = b.peer;
  b.peer.pathMtu = { ...b.peer.pathMtu, toldMs: wire.nowMs };
  wire.remove(a);
  const moved = wire.add('a', 7);
  moved.dial(b, 'secret of alice', 'alice');
  wire.run(1_500);
  t.ok(moved.isUp() && b.isUp());
  t.equal(b.peer, before);
  t.equal(b.peer.endpoint.port, 7);
  t.match(b.peer.pathMtu, { toldMs: null, size: 0 }, 'the kernel knows nothing of the new way');
  t.equal(b.seen.downs.length, 0);
  t.ok(reaches(wire, moved, b) && reaches(wire, b, moved));
  t.equal(b.slots.size, 1, 'the old endpoint is given back');
  wire.run(60_000);
  t.ok(moved.isUp() && b.isUp());
});

t.test('of one key at two addresses the one that answers stays, and the other is named', async (t) => {
  const { wire, a, b } = joined();
  // Without any time between a hello and its answer nobody could tell what left before the keys from what left after.
  wire.delayMs = 10;
  const copy = wire.add('a', 7);
  copy.dial(b, 'secret of alice', 'alice');
  wire.run(30_000);
  t.ok(a.isUp() && b.isUp());
  t.equal(a.seen.downs.length + b.seen.downs.length, 0);
  t.equal(copy.seen.ups.length, 0, 'nor does the copy believe that it is connected');
  t.match(b.links.refusals.list(), [{ endpoint: '192.0.2.1:7', reason: 'key in use at another address' }]);
  t.ok(b.counters.get('link.same_key') > 2);
  wire.remove(a);
  wire.run(12_000);
  t.ok(copy.isUp(), 'and once the first is gone, the other has the link');
  t.equal(b.links.peers.size, 1);
});

t.test('one key at a hundred addresses has one link', async (t) => {
  const { wire, a, b } = joined();
  const copies = Array.from({ length: 100 }, (_, index) => wire.add('a', 100 + index));
  for (const copy of copies) {
    copy.dial(b, 'secret of alice', 'alice');
    wire.run(10);
  }
  for (let i = 0; i < 50; i++) {
    wire.run(100);
    t.ok(b.links.peers.size <= 1 + MAX_UNFINISHED + 1);
  }
  t.ok(a.isUp() && b.isUp());
  for (const copy of copies) wire.remove(copy);
  wire.run(UNFINISHED_MS + 1_000);
  t.equal(b.links.peers.size, 1);
  t.ok(a.isUp() && b.isUp());
});

t.test(
  'another node behind the same address and port is let in at once, and has the endpoint once it has proved itself',
  async (t) => {
    const { wire, a, b } = joined();
    wire.remove(a);
    const newcomer = wire.add('new', 1);
    newcomer.dial(b, 'secret of alice', 'alice');
    wire.run(300);
    t.ok(newcomer.isUp());
    t.ok(reaches(wire, newcomer, b));
    wire.run(40_000);
    t.ok(newcomer.isUp() && b.isUp());
    t.equal(b.links.peers.size, 1, 'the one before is forgotten in its time');
    t.same(b.peer.key, newcomer.identity.publicKey);
  },
);

t.test('a recorded hello of somebody else from the address of a peer keeps nobody out', async (t) => {
  const wire = new Wire();
  const b = wire.add('b', 2, users);
  const recorded = wire.add('recorded', 9);
  recorded.dial(b, 'secret of alice', 'alice');
  wire.run(10);
  const hello = sure(wire.log[0]).bytes;
  wire.remove(recorded);
  const a = wire.add('a', 1);
  b.hear(hello, a.at);
  a.dial(b, 'secret of alice', 'alice');
  for (let i = 0; i < 20; i++) {
    b.hear(hello, a.at);
    wire.run(10);
  }
  t.ok(a.isUp() && reaches(wire, a, b));
});

t.test('recorded hellos of the peer itself do not push out its own, three of them', async (t) => {
  const { wire, b } = joined();
  const recorded: Uint8Array[] = [sure(wire.log[0]).bytes];
  let a = sure(wire.sides[0]);
  for (let life = 0; life < 2; life++) {
    a = restarted(wire, a, [], `a ${life}`);
    const at = wire.log.length;
    a.dial(b, 'secret of alice', 'alice');
    wire.run(300);
    recorded.push(sure(wire.log[at]).bytes);
  }
  // The acceptor starts anew, so that it remembers none of them.
  const again = restarted(wire, b, users, 'b');
  wire.delayMs = 50;
  for (let i = 0; i < 300; i++) {
    for (const hello of recorded) again.hear(hello, a.at);
    wire.run(10);
  }
  t.ok(a.isUp() && again.isUp());
});

t.test('garbage that looks like handshake packets takes nothing from the budget of a peer', async (t) => {
  const { wire, a, b } = joined();
  const flood = (): void => {
    for (let i = 0; i < 100; i++) {
      const packet = new Uint8Array(144).fill(i);
      packet.fill(0, 0, 4);
      b.hear(packet, a.at);
      // The same with the key of the peer in it, which is no secret.
      packet.set(a.identity.publicKey, 40);
      packet[3] = i % 4;
      b.hear(packet, a.at);
    }
  };
  flood();
  const again = restarted(wire, a, [], 'a');
  again.dial(b, 'secret of alice', 'alice');
  for (let i = 0; i < 30; i++) {
    flood();
    wire.run(10);
  }
  t.ok(again.isUp() && b.isUp());
});

t.test('dialling the address of an incoming peer takes the link over', async (t) => {
  const { wire, a, b } = joined();
  b.links.dial(
    { endpoint: { ...a.at, socket: 0 }, key: a.identity.publicKey, credentials: null, name: 'A' },
    wire.nowMs,
  );
  t.match(b.peer, { direction: 'out', name: 'A' });
  t.equal(b.links.peers.size, 1);
  t.ok(b.isUp());
});

t.test('a peer of an old version is remembered, pinged no more and heard no more', async (t) => {
  const wire = new Wire();
  const a = wire.add('a', 1);
  const b = wire.add('b', 2, users);
  a.dial(b, 'secret of alice');
  wire.run(300);
  b.version = 19;
  wire.run(5_000);
  t.equal(stateOf(a.peer), 'incompatible');
  t.equal(stockState(a.peer), 'INCOMPATIBLE');
  t.match(reasonOf(a.peer, wire.nowMs), /version 19 is too old/);
  t.equal(a.seen.downs.length, 1);
  t.equal(a.interfaces.state[a.peer.number], DOWN);
  t.same([a.links.table.sendRow[a.peer.number], a.links.table.openRow[a.peer.number]], [-1, -1]);
  const sent = wire.log.filter(({ from }) => from.port === 1).length;
  wire.run(3_000);
  t.equal(wire.log.filter(({ from }) => from.port === 1).length, sent);
  t.ok(a.counters.get('link.incompatible') > 0);
  const updated = restarted(wire, b, users, 'b');
  updated.dial(a, null);
  wire.run(1_000);
  t.ok(a.isUp() && updated.isUp(), 'a node that comes back with another version is heard');
});

t.test('a lost ping has the link watched closely', async (t) => {
  const { wire, a } = joined();
  t.equal(a.peer.liveness.watchedSinceMs, null);
  a.links.pingLost(a.peer.number, wire.nowMs, wire.nowMs);
  t.equal(a.peer.liveness.watchedSinceMs, wire.nowMs);
  const sent = wire.log.length;
  wire.run(1_000);
  t.ok(wire.log.length - sent >= 8, 'four pings and their pongs');
  wire.run(62_000);
  t.equal(a.peer.liveness.watchedSinceMs, null, 'and after a minute no more');
});

t.test('numbers of peers that are gone are ignored', async (t) => {
  const { wire, a } = joined();
  a.links.pingLost(99, 0, 0);
  a.links.expectTraffic(99, 0);
  t.same(a.links.pong(99, 1, 21, 0), []);
  t.equal(a.links.seal(99, new Uint8Array(12), 0, null), null);
  const { peer } = a;
  t.match(a.links.remove(peer), [{ type: 'down' }]);
  t.equal(a.links.peers.size, 0);
  t.same(a.links.tick(wire.nowMs), []);
});

t.test('garbage from the address of a peer changes nothing', async (t) => {
  const { wire, a, b } = joined();
  const rows = () => [b.links.table.sendRow[0], b.links.table.openRow[0], b.links.table.pending[0]];
  const before = rows();
  const genuine = sure(wire.log.at(-1)).bytes;
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.nat(8 * genuine.length - 1)), (input) => {
      let bytes = input instanceof Uint8Array ? input : genuine.slice();
      if (typeof input === 'number') bytes[input >> 3] = (bytes[input >> 3] ?? 0) ^ (1 << (input & 7));
      if (input instanceof Uint8Array && input.length > 4) bytes = Uint8Array.of(0, 0, 0, input.length % 6, ...input);
      b.hear(bytes, a.at);
      assert.deepEqual(rows(), before);
    }),
    { numRuns: 300 },
  );
  t.ok(b.isUp() && reaches(wire, a, b) && reaches(wire, b, a));
});

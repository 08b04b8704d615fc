/** A link moves with its peer, and with nobody else. */
import assert from 'node:assert/strict';
import t from 'tap';
import {
  AWAY_MS,
  CHALLENGES,
  ROAM_MOST_BYTES,
  ROAM_QUIET_MS,
  ROAM_TRIES_BURST,
  ROAM_TRIES_PER_SECOND,
  SETTLED_MS,
  SETTLED_SILENT_MS,
} from '../../src/link/limits.ts';
import { rttMs } from '../../src/link/measure.ts';
import { controlPing } from '../../src/wire/index.ts';
import { sure } from '../cryptoauth/support.ts';
import { type Side, Wire } from './support.ts';

const users = [{ login: 'alice', password: 'secret of alice' }];
const HOST = '192.0.2.1';
const FORGER = { host: HOST, port: 666 };
const probe = controlPing.emit({ reply: false, version: 21, data: new Uint8Array(12) });

function joined() {
  const wire = new Wire();
  const a = wire.add('a', 1);
  const b = wire.add('b', 2, users);
  a.dial(b, 'secret of alice', 'alice');
  wire.run(1_000);
  assert(a.isUp() && b.isUp());
  return { wire, a, b };
}

/** The next packet of `from`, which nobody has got yet. */
function caught(wire: Wire, from: Side): Uint8Array {
  wire.cut = true;
  from.send(0x13n, probe, null);
  wire.cut = false;
  return sure(wire.log.at(-1)).bytes;
}

/** What was sent to an address since `since`. */
const sentTo = (wire: Wire, port: number, since: number) => wire.log.slice(since).filter(({ to }) => to.port === port);

t.test('a dialler that moves keeps its link: number, keys and age stay, and it says no hello', async (t) => {
  const { wire, a, b } = joined();
  const { number, createdMs, sendRow } = b.peer;
  const since = wire.log.length;
  a.at = { host: HOST, port: 7 };
  a.send(0x13n, probe, null);
  wire.run(50);
  t.match(b.peer, { number, createdMs, sendRow });
  t.equal(b.peer.endpoint.port, 7);
  t.same(b.seen.moves, [`${HOST}:1`]);
  t.equal(b.links.peers.size, 1);
  t.ok(
    wire.log.slice(since).every(({ bytes }) => (bytes[3] ?? 0) >= 4 || (bytes[2] ?? 0) > 0),
    'data only',
  );
  t.ok((rttMs(b.peer.measure) ?? 99) < 50, 'the round trip is that of the new way');
  wire.run(AWAY_MS + 100);
  t.same([...b.slots.keys()], [`0 ${HOST} 7`], 'the old endpoint is given back');
  wire.run(20_000);
  t.ok(a.isUp() && b.isUp());
  t.equal(a.seen.downs.length + b.seen.downs.length, 0);
});

t.test('whom we dialled moved, and then our own cable was out: it is found where it was last', async (t) => {
  const { wire, a, b } = joined();
  b.at = { host: HOST, port: 9 };
  b.send(0x13n, probe, null);
  wire.run(300);
  t.equal(a.peer.endpoint.port, 9);
  wire.cut = true;
  wire.run(8_000);
  t.notOk(a.isUp());
  t.equal(a.peer.endpoint.port, 2, 'it is dialled where the configuration says');
  wire.cut = false;
  wire.run(1_500);
  t.ok(a.isUp());
  t.equal(a.peer.endpoint.port, 9);
});

t.test('whom we dialled may move, and when it is gone the configured endpoint is dialled', async (t) => {
  const { wire, a, b } = joined();
  b.at = { host: HOST, port: 8 };
  b.send(0x13n, probe, null);
  wire.run(50);
  t.equal(a.peer.endpoint.port, 8);
  t.equal(a.links.with(b.identity.publicKey, `${HOST}:2`).length, 1, 'it is still the peer at the configured endpoint');
  t.throws(() => {
    a.links.dial(
      { endpoint: { host: HOST, port: 2, socket: 0 }, key: b.identity.publicKey, credentials: null, name: null },
      wire.nowMs,
    );
  }, /already a peer/);
  t.notOk(a.slots.has(`0 ${HOST} 2`) && a.peer.away === null);
  wire.cut = true;
  wire.run(8_000);
  t.equal(a.peer.endpoint.port, 2, 'back');
  b.at = { host: HOST, port: 2 };
  wire.cut = false;
  wire.run(3_000);
  t.ok(a.isUp() && b.isUp());
});

t.test('a copy of an old packet from elsewhere moves nothing, and asks nobody', async (t) => {
  const { wire, b } = joined();
  const recorded = wire.log.filter(({ to }) => to.port === b.at.port);
  const since = wire.log.length;
  wire.run(300);
  for (const { bytes } of recorded) {
    if ((bytes[3] ?? 0) >= 4) b.hear(bytes, FORGER);
  }
  t.equal(b.peer.endpoint.port, 1);
  t.equal(b.peer.away, null);
  t.same(sentTo(wire, FORGER.port, since), []);
  t.equal(b.counters.get('link.roam_try'), 0, 'its counter tells, before anything is calculated');
});

t.test('who copies a packet and is faster than it is asked, cannot answer, and the link stays', async (t) => {
  const { wire, a, b } = joined();
  wire.run(100);
  const since = wire.log.length;
  const packet = caught(wire, a);
  b.hear(packet, FORGER);
  b.hear(packet, a.at);
  wire.run(CHALLENGES * 300 + AWAY_MS);
  t.equal(sentTo(wire, FORGER.port, since).length, CHALLENGES);
  t.equal(b.peer.endpoint.port, 1);
  t.equal(b.peer.away, null, 'forgotten');
  t.equal(b.slots.size, 1);
  t.ok(a.isUp() && b.isUp());
  t.same(b.seen.moves, []);
  t.equal(b.seen.downs.length, 0);
});

t.test('copies from a hundred addresses take one slot beside that of the link', async (t) => {
  const { wire, a, b } = joined();
  for (let index = 0; index < 100; index++) {
    wire.run(30);
    b.hear(caught(wire, a), { host: HOST, port: 1_000 + index });
    t.ok(b.slots.size <= 2);
  }
  wire.run(AWAY_MS + 1_000);
  t.equal(b.slots.size, 1);
  t.same(b.seen.moves, []);
  t.ok(a.isUp() && b.isUp());
});

t.test('nor does it help to hand the challenge on: its answer comes from where the peer is', async (t) => {
  const { wire, a, b } = joined();
  wire.run(100);
  const since = wire.log.length;
  b.hear(caught(wire, a), FORGER);
  const [challenge] = sentTo(wire, FORGER.port, since);
  wire.nowMs += 10;
  a.hear(sure(challenge).bytes, { host: HOST, port: b.at.port });
  wire.run(3_000);
  t.same([b.seen.moves, a.seen.moves], [[], []]);
  t.equal(b.peer.endpoint.port, 1);
});

t.test('who sends from two addresses in turn is heard from both, and its link does not flap', async (t) => {
  const { wire, a, b } = joined();
  const heard = b.seen.packets.length;
  let sent = 0;
  for (const endMs = wire.nowMs + 20_000; wire.nowMs < endMs; sent++) {
    a.at = { host: HOST, port: sent % 2 === 0 ? 7 : 1 };
    a.send(0x13n, probe, null);
    wire.run(40);
  }
  t.ok(b.seen.moves.length <= 1, `${b.seen.moves.length} moves`);
  t.ok(b.seen.packets.length - heard >= sent - 2, `${b.seen.packets.length - heard} of ${sent} heard`);
  t.ok(a.isUp() && b.isUp());
  t.equal(b.seen.downs.length, 0);
});

t.test('a second move soon after the first waits until the place is silent, a later one does not', async (t) => {
  const { wire, a, b } = joined();
  const moveTo = (port: number): number => {
    a.at = { host: HOST, port };
    const beganMs = wire.nowMs;
    for (; b.peer.endpoint.port !== port && wire.nowMs < beganMs + 3_000; wire.run(10)) a.send(0x13n, probe, null);
    return wire.nowMs - beganMs;
  };
  t.ok(moveTo(7) <= ROAM_QUIET_MS + 50);
  wire.run(200);
  const second = moveTo(8);
  t.ok(second <= SETTLED_SILENT_MS + 50 && second > 250, `${second} ms`);
  wire.run(SETTLED_MS + 1_000);
  t.ok(moveTo(9) <= ROAM_QUIET_MS + 50);
});

t.test('ten thousand forged packets a second cost a bounded number of tries, and disturb nobody', async (t) => {
  const { wire, a, b } = joined();
  const packets = Array.from({ length: 100 }, (_, index) => {
    const bytes = new Uint8Array(60 + index).fill(index);
    // As a forger who has seen the last one would do: the very next counters.
    new DataView(bytes.buffer).setUint32(0, b.data.newest(b.peer.channel.openRow) + 1 + index);
    return bytes;
  });
  const enter = (bytes: Uint8Array) => b.links.mayEnter(bytes, 0, bytes.length, -1, wire.nowMs);
  const beganMs = wire.nowMs;
  for (let ms = 0; ms < 2_000; ms += 10) {
    for (const [index, bytes] of packets.entries()) {
      // Many links would be tried for each: the budget of all of them is used here.
      for (let link = 0; link < 5; link++) if (enter(bytes)) b.hear(bytes, { host: HOST, port: 1_000 + index });
    }
    wire.run(10);
  }
  const tries = b.counters.get('link.roam_try');
  const most = ROAM_TRIES_BURST + (ROAM_TRIES_PER_SECOND * (wire.nowMs - beganMs)) / 1_000;
  t.ok(tries > 0 && tries <= most, `${tries} tries, at most ${most}`);
  t.ok(b.counters.get('link.roam_limit') > 0);
  t.ok(a.isUp() && b.isUp());
  t.equal(b.slots.size, 1);
  t.same(b.seen.moves, []);
});

t.test('what is long, bears a counter that was, or comes while the peer is heard costs no try', async (t) => {
  const { wire, b } = joined();
  wire.run(100);
  const newest = b.data.newest(b.peer.channel.openRow);
  const made = (counter: number, length = 60): Uint8Array => {
    const bytes = new Uint8Array(length);
    new DataView(bytes.buffer).setUint32(0, counter);
    return bytes;
  };
  const enters = (bytes: Uint8Array) => b.links.mayEnter(bytes, 0, bytes.length, -1, wire.nowMs);
  t.ok(enters(made(newest + 1)));
  t.notOk(enters(made(newest + 1, ROAM_MOST_BYTES + 1)));
  for (const counter of [newest, newest - 1, newest + 2 ** 20, 0xffff_ffff]) t.notOk(enters(made(counter)));
  t.notOk(enters(new Uint8Array(3)));
  b.data.lastInMs[b.peer.channel.openRow] = wire.nowMs - ROAM_QUIET_MS + 1;
  t.notOk(enters(made(newest + 1)));
  t.ok(b.counters.get('link.stranger') >= 7);
});

t.test('a change of network: every peer is asked at once, and a silent one is given up after a second', async (t) => {
  const { wire, a, b } = joined();
  wire.run(30_000);
  const since = wire.log.length;
  a.perform(a.links.networkChanged('changed', 0, wire.nowMs));
  t.equal(wire.log.length, since + 1);
  wire.run(500);
  t.equal(a.seen.downs.length, 0, 'the answer came');
  wire.remove(b);
  const atMs = wire.nowMs;
  const before = wire.log.length;
  a.perform(a.links.networkChanged('changed', 0, wire.nowMs));
  while (a.seen.downs.length === 0 && wire.nowMs < atMs + 5_000) wire.run(10);
  t.ok(wire.nowMs - atMs <= 1_150, `${wire.nowMs - atMs} ms`);
  const isHello = (bytes: Uint8Array): boolean => (bytes[2] ?? 0) === 0 && (bytes[3] ?? 9) < 2;
  t.ok(
    wire.log.slice(before).some(({ bytes }) => isHello(bytes)),
    'meanwhile a handshake was begun beside the keys',
  );
  a.perform(a.links.networkChanged('changed', 0, wire.nowMs));
  const tried = wire.log.length;
  wire.run(300);
  t.ok(wire.log.length - tried >= 2, 'who is given up is tried as often as at the start');
});

t.test('after a sleep, whom nobody heard for long gets a new handshake at once, others a ping', async (t) => {
  const isHello = (bytes: Uint8Array): boolean => (bytes[2] ?? 0) === 0 && (bytes[3] ?? 9) < 2;
  for (const [sleptMs, hellos] of [
    [60_000, 1],
    [5_000, 0],
  ] as const) {
    const { wire, a, b } = joined();
    const since = wire.log.length;
    a.perform(a.links.networkChanged('woke', sleptMs, wire.nowMs));
    const sent = sentTo(wire, b.at.port, since);
    t.equal(sent.filter(({ bytes }) => isHello(bytes)).length, hellos);
    t.equal(sent.filter(({ bytes }) => !isHello(bytes)).length, 1, 'and a ping under the keys that there are');
    wire.run(3_000);
    t.ok(a.isUp() && b.isUp());
    t.equal(a.seen.downs.length + b.seen.downs.length, 0);
  }
});

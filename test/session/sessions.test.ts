import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { COUNTER_LIMIT } from '../../src/channel/index.ts';
import { generateIdentity } from '../../src/crypto/index.ts';
import { lastInLabel } from '../../src/session/index.ts';
import {
  ACTIVE_MS,
  DOUBT_MS,
  FORGET_MS,
  HANDSHAKE_BURST,
  IDLE_TICK_MS,
  MAX_SESSIONS,
  RESTART_MS,
  SILENT_MS,
  STRANGER_BURST,
  TICK_MS,
  WAITING_MS,
  WANT_PATH_MS,
} from '../../src/session/limits.ts';
import { seededRng, sure } from '../cryptoauth/support.ts';
import { backend, End, handshake, kinds, PATH, userPacket } from './support.ts';

function ends() {
  return { a: new End('a'), b: new End('b') };
}

t.test('the handshake carries questions; user data may go once the answer is there', async (t) => {
  const { a, b } = ends();
  a.begin(b, 0);
  const { table } = a.sessions;
  t.equal(table.sendRow[0], -1);
  const hello = a.say(b, 'question', 0);
  t.same(kinds(b.hear(hello, 0)), ['deliver']);
  t.same(b.heard, ['question']);
  t.equal(b.with(a).sendHandle, a.with(b).receiveHandle);
  const effects = a.hear(b.say(a, 'answer', 0), 0);
  t.same(kinds(effects), ['deliver', 'ready']);
  t.ok((table.sendRow[0] ?? -1) >= 0);
  t.equal(table.openRow[0], -1, 'nothing of hers has come under the new keys yet');
  b.hear(a.say(b, 'data', 0), 0);
  t.ok((b.sessions.table.openRow[0] ?? -1) >= 0);
  a.hear(b.say(a, 'data back', 0), 0);
  t.equal(a.with(b).channel.stateNumber, 100);
  t.same(a.heard, ['answer', 'data back']);
});

t.test('a packet without a session asks for a path, then for a handshake, and goes when both are there', async (t) => {
  const { a, b } = ends();
  const { address } = b.identity;
  t.same(kinds(a.sessions.queue(address, userPacket(a, b, Uint8Array.of(1)), 0)), ['needPath']);
  t.same(kinds(a.sessions.queue(address, userPacket(a, b, Uint8Array.of(2)), 1)), [], 'asked already');
  t.same(kinds(a.begin(b, 10)), ['needHandshake']);
  b.hear(a.say(b, 'question', 10), 10);
  const ready = a.hear(b.say(a, 'answer', 20), 20);
  t.same(kinds(ready), ['deliver', 'ready']);
  const packets = a.sessions.waiting.take(address, 20);
  t.same(
    packets.map((packet) => packet[40]),
    [1, 2],
  );
  a.sessions.dropPath(a.with(b), PATH);
  t.equal(a.sessions.table.firstHop[0], -1);
  t.same(kinds(a.sessions.queue(address, userPacket(a, b), 30)), ['needPath'], 'again without a path');
  t.same(kinds(a.begin(b, 40)), ['ready']);
});

t.test('a destination that packets wait for is asked for again, and given up after ten seconds', async (t) => {
  const { a, b } = ends();
  const packet = userPacket(a, b);
  a.sessions.queue(b.identity.address, packet, 0);
  t.same(kinds(a.sessions.tick(0)), ['needPath']);
  t.same(kinds(a.sessions.tick(WANT_PATH_MS - 1)), []);
  t.same(kinds(a.sessions.tick(WANT_PATH_MS)), ['needPath']);
  t.equal(a.sessions.nextDueMs(WANT_PATH_MS), WANT_PATH_MS + TICK_MS);
  t.match(a.sessions.tick(WAITING_MS + 1), [{ type: 'unreachable', packet }]);
  t.equal(a.sessions.nextDueMs(20_000), 20_000 + IDLE_TICK_MS);
});

t.test('an unfinished handshake is repeated 200, 500, 1000, 2000 ms on, while somebody wants it', async (t) => {
  const { a, b } = ends();
  a.sessions.queue(b.identity.address, userPacket(a, b), 0);
  t.same(kinds(a.begin(b, 0)), ['needHandshake']);
  const asked: number[] = [];
  for (let nowMs = 10; nowMs < 4_500; nowMs += 10) {
    if (kinds(a.sessions.tick(nowMs)).includes('needHandshake')) asked.push(nowMs);
  }
  t.same(asked, [200, 500, 1_000, 2_000, 3_000, 4_000]);
  a.sessions.waiting.take(b.identity.address, 5_000);
  t.same(kinds(a.sessions.tick(ACTIVE_MS + 1_000)), [], 'nothing waits any more');
});

t.test('silence under traffic is first doubted and then reported, and again while it lasts', async (t) => {
  const { a, b } = ends();
  handshake(a, b, 0);
  const { table } = a.sessions;
  table.usedMs[0] = 1_000;
  table.unansweredSinceMs[0] = 1_000;
  const seen: [number, string][] = [];
  for (let nowMs = 1_000; nowMs < 6_000; nowMs += 100) {
    for (const effect of a.sessions.tick(nowMs)) {
      seen.push([nowMs, effect.type]);
      assert(effect.type === 'pathDoubt' || effect.type === 'pathSilent');
      assert.equal(effect.label, PATH);
    }
  }
  t.same(seen, [
    [1_000 + DOUBT_MS, 'pathDoubt'],
    [1_000 + 2 * DOUBT_MS, 'pathDoubt'],
    [1_000 + 3 * DOUBT_MS, 'pathDoubt'],
    [1_000 + SILENT_MS, 'pathSilent'],
    [1_000 + 2 * SILENT_MS, 'pathSilent'],
  ]);
  a.hear(b.say(a, 'still here', 6_000), 6_000);
  t.equal(table.unansweredSinceMs[0], Number.POSITIVE_INFINITY);
  t.same(kinds(a.sessions.tick(6_100)), []);
});

t.test('a new path gets its own time before it is doubted', async (t) => {
  const { a, b } = ends();
  handshake(a, b, 0);
  a.sessions.table.usedMs[0] = 0;
  a.sessions.table.unansweredSinceMs[0] = 0;
  t.same(kinds(a.sessions.tick(DOUBT_MS)), ['pathDoubt']);
  t.same(kinds(a.sessions.usePath(a.with(b), 0x15n, 2, 1_900)), ['ready']);
  t.same(kinds(a.sessions.tick(2_100)), []);
  t.same(kinds(a.sessions.tick(1_900 + DOUBT_MS)), ['pathDoubt']);
  t.same(kinds(a.sessions.tick(1_900 + SILENT_MS)), ['pathSilent']);
  t.match(a.with(b), { label: 0x15n, hops: 2 });
});

t.test('labels that lead nowhere are not taken', async (t) => {
  const { a, b } = ends();
  const session = a.sessions.obtain(b.identity.publicKey, b.identity.address, 0);
  t.same(a.sessions.usePath(session, 0n, 1, 0), []);
  t.same(a.sessions.usePath(session, 0xffff_ffff_ffff_ffffn, 1, 0), []);
  t.equal(session.label, null);
  a.sessions.usePath(session, PATH, 1, 0);
  a.sessions.dropPath(session, 0x15n);
  t.equal(session.label, PATH, 'another path was dropped, not this one');
});

t.test('the other side restarted: it answers a handshake that silence calls for', async (t) => {
  const { a, b } = ends();
  handshake(a, b, 0);
  const again = new End('b', undefined, undefined, 1);
  t.same(kinds(again.hear(a.say(again, 'lost', 100), 100)), [], 'its handle is unknown: no answer');
  t.equal(again.counters.get('session.unknown_handle'), 1);
  a.sessions.table.unansweredSinceMs[0] = 100;
  t.same(kinds(again.hear(a.say(again, 'who is there', 100 + RESTART_MS), 2_200)), ['deliver']);
  a.hear(again.say(a, 'me, again', 2_200), 2_200);
  t.same(kinds(again.hear(a.say(again, 'data', 2_300), 2_300)), ['deliver', 'ready']);
  t.same(again.heard, ['who is there', 'data']);
  t.equal(a.with(again).sendHandle, again.with(a).receiveHandle);
});

t.test('a restarted side that speaks first is followed, but not before it proved itself', async (t) => {
  const { a, b } = ends();
  handshake(a, b, 0);
  const again = new End('b', undefined, undefined, 1);
  const { sendHandle } = a.with(b);
  again.begin(a, 1_000);
  t.match(a.hear(again.say(a, 'hello', 1_000), 1_000), [{ type: 'deliver', via: 'pending' }]);
  t.equal(a.with(b).sendHandle, sendHandle, 'the hello may be an old one');
  again.hear(a.say(again, 'key', 1_000, 'pending'), 1_000);
  t.same(kinds(a.hear(again.say(a, 'data', 1_000), 1_000)), ['deliver']);
  t.equal(a.with(b).sendHandle, again.with(a).receiveHandle);
  t.same(kinds(again.hear(a.say(again, 'data', 1_100), 1_100)), ['deliver']);
});

t.test('a replayed hello of a former life changes neither handle nor label nor keys', async (t) => {
  const { a, b } = ends();
  a.begin(b, 0);
  const old = a.say(b, 'old question', 0);
  const again = new End('a', undefined, undefined, 1);
  handshake(again, b, 1_000);
  const session = b.with(again);
  const state = () => [
    session.sendHandle,
    session.lastInMs,
    lastInLabel(b.sessions.table, 0),
    b.sessions.table.sendRow[0],
    b.sessions.table.openRow[0],
    b.sessions.table.sendHandle[0],
  ];
  const before = state();
  t.match(b.hear(old, 5_000, 0x77n), [{ type: 'deliver', via: 'pending' }]);
  t.same(state(), before);
  t.same(kinds(again.hear(b.say(again, 'data', 5_000), 5_000)), ['deliver']);
  t.same(kinds(b.hear(again.say(b, 'data', 5_000), 5_000)), ['deliver']);
});

t.test('a session whose counters are used up begins a new handshake', async (t) => {
  const { a, b } = ends();
  handshake(a, b, 0);
  const row = sure(a.sessions.table.sendRow[0]);
  a.data.sendCounter[row] = COUNTER_LIMIT;
  t.same(kinds(a.sessions.queue(b.identity.address, userPacket(a, b), 100)), ['needHandshake']);
  t.same(kinds(b.hear(a.say(b, 'question', 100), 100)), ['deliver']);
  t.same(kinds(a.hear(b.say(a, 'answer', 100, 'pending'), 100)), ['deliver', 'ready']);
  t.same(kinds(b.hear(a.say(b, 'data', 100), 100)), ['deliver']);
});

t.test('what is not for us, too short, unknown or forged is counted and met with silence or an error', async (t) => {
  const { a, b } = ends();
  handshake(a, b, 0);
  const c = new End('c');
  c.begin(b, 0);
  const hello = c.say(b, 'question', 0);
  const own = hello.slice();
  own.set(b.identity.publicKey, 40);
  const foreign = hello.slice();
  foreign.fill(7, 40, 72);
  const key = hello.slice();
  key[3] = 2;
  const forged = hello.slice();
  forged[100] = (forged[100] ?? 0) ^ 1;
  const data = a.say(b, 'data', 0);
  const forgedData = data.slice();
  forgedData[30] = (forgedData[30] ?? 0) ^ 1;
  const lowCounter = data.slice();
  lowCounter.set([0, 0, 0, 3], 4);
  const wrongHandle = data.slice();
  wrongHandle[0] = (wrongHandle[0] ?? 0) ^ 0x40;
  const cases: readonly (readonly [Uint8Array, string, readonly string[]])[] = [
    [hello.subarray(0, 123), 'session.runt', []],
    [own, 'session.invalid_key', []],
    [foreign, 'session.invalid_key', []],
    [key, 'session.stray_key', []],
    [forged, 'session.cryptoauth_11', ['authenticationError']],
    [data.subarray(0, 23), 'session.runt', []],
    [wrongHandle, 'session.unknown_handle', []],
    [lowCounter, 'session.handshake_with_handle', []],
    [forgedData, 'session.cryptoauth_15', ['authenticationError']],
  ];
  for (const [packet, counter, effects] of cases) {
    const before = b.counters.get(counter);
    t.same(kinds(b.hear(packet, 0)), effects, counter);
    t.equal(b.counters.get(counter), before + 1, counter);
  }
  t.equal(b.sessions.size, 1);
  t.equal(b.sessions.get(c.identity.address), null);
  t.same(kinds(b.hear(data, 0)), ['deliver']);
  t.same(kinds(b.hear(data, 0)), ['authenticationError'], 'a repetition');
});

t.test('a handshake or data packet without a data header is taken as a packet, but delivers nothing', async (t) => {
  const { a, b } = ends();
  a.begin(b, 0);
  b.hear(a.with(b).channel.seal(new Uint8Array(7), 0), 0);
  t.same(b.heard, []);
  t.equal(b.counters.get('session.short_content'), 1);
});

t.test('hellos of one node and of strangers are each limited', async (t) => {
  const { a, b } = ends();
  handshake(a, b, 0);
  for (let i = 0; i < HANDSHAKE_BURST + 5; i++) {
    const noise = a.say(b, 'x', 0, 'pending');
    noise[110] = (noise[110] ?? 0) ^ 1;
    b.hear(noise, 0);
  }
  t.equal(b.counters.get('session.cryptoauth_17'), 0, 'forged ones take nothing from the budget of the real node');
  for (let life = 1; life <= HANDSHAKE_BURST + 5; life++) {
    const again = new End('a', backend, undefined, life);
    again.begin(b, 0);
    b.hear(again.say(b, 'x', 0), 0);
  }
  t.ok(b.counters.get('session.cryptoauth_17') >= 5);
  const c = new End('c');
  c.begin(b, 0);
  const forged = c.say(b, 'x', 0);
  forged[110] = (forged[110] ?? 0) ^ 1;
  for (let i = 0; i < STRANGER_BURST + 10; i++) b.hear(forged, 0);
  t.ok(b.counters.get('session.stranger_limit') >= 10);
  t.equal(b.sessions.size, 1);
});

t.test('a session that nobody uses or hears is forgotten after two minutes', async (t) => {
  const { a, b } = ends();
  handshake(a, b, 0);
  t.equal(a.data.rowsUsed, 1);
  t.same(kinds(a.sessions.tick(FORGET_MS)), []);
  a.sessions.table.usedMs[0] = 1_000;
  t.same(kinds(a.sessions.tick(FORGET_MS + 1)), [], 'used a second later');
  t.match(a.sessions.tick(FORGET_MS + 1_001), [{ type: 'removed', address: b.identity.address }]);
  t.equal(a.sessions.size, 0);
  t.equal(a.data.rowsUsed, 0);
  t.equal(a.sessions.get(b.identity.address), null);
});

t.test(
  'the table of sessions is bounded: the one that was silent longest gives way, never an active one',
  async (t) => {
    const { a } = ends();
    const rng = seededRng('many');
    const template = generateIdentity(backend, rng);
    const make = (number: number, nowMs: number) => {
      const key = template.publicKey.slice();
      const address = template.address.slice();
      new DataView(key.buffer).setUint32(4, number);
      new DataView(address.buffer).setUint32(4, number);
      return a.sessions.obtain(key as typeof template.publicKey, address as typeof template.address, nowMs);
    };
    for (let i = 0; i < MAX_SESSIONS; i++) make(i, i);
    a.sessions.table.usedMs[0] = MAX_SESSIONS;
    const second = sure(a.sessions.byNumber(1));
    make(MAX_SESSIONS, MAX_SESSIONS);
    t.equal(a.sessions.size, MAX_SESSIONS);
    t.equal(a.sessions.get(second.address), null);
    t.equal(a.counters.get('session.evicted'), 1);
    t.equal(a.sessions.byNumber(0)?.createdMs, 0, 'in use');
    const handles = new Set([...a.sessions.all].map(({ receiveHandle }) => receiveHandle));
    t.equal(handles.size, MAX_SESSIONS);
    t.ok([...handles].every((handle) => handle >= 4 && handle < 0xffff_ffff));
    a.sessions.close();
    t.equal(a.sessions.size, 0);
  },
);

t.test('random bytes never throw and never make a session', async (t) => {
  const { a, b } = ends();
  handshake(a, b, 0);
  const hello = a.say(b, 'again', 0, 'pending');
  const before = [...(b.sessions.table.sendRow ?? [])];
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.nat(hello.length - 1)), (input) => {
      const packet = typeof input === 'number' ? hello.subarray(0, input) : input;
      b.sessions.receiveHandshake(packet, PATH, 0);
      b.sessions.receiveData(packet, PATH, 0);
      assert.deepEqual([...b.sessions.table.sendRow], before);
      assert.equal(b.sessions.size, 1);
    }),
    { numRuns: 300 },
  );
  t.pass();
});

import assert from 'node:assert/strict';
import { xsalsa20poly1305 } from '@noble/ciphers/salsa.js';
import fc from 'fast-check';
import t from 'tap';
import { createNativeBackend, loadNobleBackend } from '../../src/crypto/index.ts';
import { BAD_BOUNDS, BAD_KEY, BAD_TAG, GOOD } from '../../src/engine/native-addon.ts';
import { descriptor } from '../../src/packet/index.ts';
import { anEngine, get, packetOf, set, skip, theAddon } from './native-setup.ts';

const { OFFSET, LENGTH, KEY, NONCE, RESULT, FRAME_OVERHEAD } = descriptor;

const bytesOf = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const frames = fc.array(
  fc.record({
    key: bytesOf(32),
    data: fc.uint8Array({ maxLength: 1500 }),
    counter: fc.nat(0xffffffff),
    nonceOffset: fc.constantFrom<0 | 4>(0, 4),
  }),
  { minLength: 1, maxLength: 64 },
);

/** The frame by another implementation (protocol 02 §2.2). */
function sealed(frame: { key: Uint8Array; data: Uint8Array; counter: number; nonceOffset: number }): Uint8Array {
  const nonce = new Uint8Array(24);
  new DataView(nonce.buffer).setUint32(frame.nonceOffset, frame.counter, true);
  const out = new Uint8Array(FRAME_OVERHEAD + frame.data.length);
  new DataView(out.buffer).setUint32(0, frame.counter);
  out.set(xsalsa20poly1305(frame.key, nonce).encrypt(frame.data), 4);
  return out;
}

t.test('random vectors are sealed as noble seals them, and opened again', { skip }, async (t) => {
  const engine = anEngine(t);
  const { arena } = engine;
  fc.assert(
    fc.property(frames, (vector) => {
      vector.forEach((frame, index) => {
        const offset = arena.outputStart + index * 2048 + 64;
        engine.setKey(index, frame.key, frame.nonceOffset);
        arena.bytes.set(frame.data, offset + FRAME_OVERHEAD);
        const length = frame.data.length + FRAME_OVERHEAD;
        set(arena, index, {
          [OFFSET]: offset,
          [LENGTH]: length,
          [KEY]: index,
          [NONCE]: frame.counter | 0,
          [RESULT]: 9,
        });
      });
      engine.seal(0, vector.length);
      vector.forEach((frame, index) => {
        assert.equal(get(arena, index, RESULT), GOOD);
        assert.deepEqual(packetOf(arena, index), sealed(frame));
        set(arena, index, { [NONCE]: 0, [RESULT]: 9 });
      });
      engine.open(0, vector.length);
      vector.forEach((frame, index) => {
        assert.equal(get(arena, index, RESULT), GOOD);
        assert.equal(get(arena, index, NONCE) >>> 0, frame.counter);
        assert.deepEqual(packetOf(arena, index).subarray(FRAME_OVERHEAD), frame.data);
      });
    }),
    { numRuns: 30 },
  );
  t.pass();
});

t.test('a frame with one changed bit is refused and stays as it is', { skip }, async (t) => {
  const engine = anEngine(t);
  const { arena } = engine;
  const key = new Uint8Array(32).fill(7);
  const frame = sealed({ key, data: new Uint8Array(100).fill(3), counter: 5, nonceOffset: 0 });
  engine.setKey(0, key, 0);
  for (let byte = 0; byte < frame.length; byte++) {
    const changed = frame.slice();
    changed[byte] = (changed[byte] ?? 0) ^ (1 << (byte % 8));
    arena.bytes.set(changed, arena.outputStart);
    set(arena, 0, { [OFFSET]: arena.outputStart, [LENGTH]: changed.length, [KEY]: 0, [RESULT]: GOOD });
    engine.open(0, 1);
    assert.equal(get(arena, 0, RESULT), BAD_TAG);
    assert.deepEqual(packetOf(arena, 0), changed);
  }
  t.equal(engine.describe().badTags, frame.length);
});

t.test('an empty descriptor is skipped, one shorter than a frame refused', { skip }, async (t) => {
  const engine = anEngine(t);
  engine.setKey(0, new Uint8Array(32), 0);
  for (let length = 0; length < FRAME_OVERHEAD; length++) {
    set(engine.arena, 0, { [OFFSET]: 0, [LENGTH]: length, [KEY]: 0, [RESULT]: 1 });
    engine.seal(0, 1);
    t.equal(get(engine.arena, 0, RESULT), length === 0 ? 1 : BAD_BOUNDS);
    engine.open(0, 1);
    t.equal(get(engine.arena, 0, RESULT), length === 0 ? 1 : BAD_BOUNDS);
  }
  t.notOk(engine.arena.bytes.some((byte) => byte !== 0));
});

t.test('a cleared key seals and opens nothing', { skip }, async (t) => {
  const engine = anEngine(t);
  engine.setKey(3, new Uint8Array(32), 4);
  set(engine.arena, 0, { [OFFSET]: 0, [LENGTH]: 40, [KEY]: 3 });
  engine.seal(0, 1);
  t.equal(get(engine.arena, 0, RESULT), GOOD);
  engine.clearKey(3);
  engine.clearKey(100_000);
  engine.seal(0, 1);
  t.equal(get(engine.arena, 0, RESULT), BAD_KEY);
  engine.open(0, 1);
  t.equal(get(engine.arena, 0, RESULT), BAD_KEY);
});

t.test('keys far apart keep their value while the table grows', { skip }, async (t) => {
  const engine = anEngine(t);
  const slots = [0, 255, 256, 5000, 131_071];
  slots.forEach((slot, index) => {
    engine.setKey(slot, new Uint8Array(32).fill(index + 1), 0);
  });
  slots.forEach((slot, index) => {
    set(engine.arena, index, { [OFFSET]: index * 64, [LENGTH]: 30, [KEY]: slot, [NONCE]: 9 });
  });
  engine.seal(0, slots.length);
  slots.forEach((_, index) => {
    const key = new Uint8Array(32).fill(index + 1);
    t.same(packetOf(engine.arena, index), sealed({ key, data: new Uint8Array(10), counter: 9, nonceOffset: 0 }));
  });
  t.throws(() => engine.setKey(131_072, new Uint8Array(32), 0), { code: 'ERR_ARGUMENT' });
  t.throws(() => engine.setKey(-1, new Uint8Array(32), 0), { code: 'ERR_ARGUMENT' });
  t.throws(() => engine.setKey(0, new Uint8Array(31), 0), { code: 'ERR_ARGUMENT' });
});

t.test('hostile descriptors never crash, and touch nothing outside the arena', { skip }, async (t) => {
  const engine = anEngine(t);
  const { arena } = engine;
  await engine.openUdp({ host: '127.0.0.1', port: 0 });
  engine.setKey(0, new Uint8Array(32), 0);
  const edges = fc.constantFrom(-(2 ** 31), -1, 0, 1, 19, 20, arena.bytes.length - 1, arena.bytes.length, 2 ** 31 - 1);
  const field = fc.oneof(edges, fc.integer(), fc.nat(arena.bytes.length));
  fc.assert(
    fc.property(
      fc.array(fc.array(field, { minLength: 8, maxLength: 8 }), { minLength: 96, maxLength: 96 }),
      (table) => {
        arena.descriptors.set(table.flat());
        engine.seal(0, 96);
        arena.descriptors.set(table.flat());
        engine.open(0, 96);
        engine.send(0, 96);
        engine.writeTun(0, 96);
        engine.readTun(0, 96);
        engine.recv(0, 0, 96);
      },
    ),
    { numRuns: 40 },
  );
  t.pass();
});

t.test('overlapping frames give garbage, not a crash', { skip }, async (t) => {
  const engine = anEngine(t);
  engine.setKey(0, new Uint8Array(32), 0);
  for (let index = 0; index < 96; index++) {
    set(engine.arena, index, { [OFFSET]: index * 3, [LENGTH]: 20 + index * 7, [KEY]: 0, [NONCE]: index });
  }
  engine.seal(0, 96);
  engine.open(0, 96);
  t.equal(get(engine.arena, 0, RESULT), BAD_TAG);
});

t.test('a range outside the table of descriptors is a mistake of the caller', { skip }, async (t) => {
  const engine = anEngine(t);
  for (const [first, count] of [
    [-1, 1],
    [0, 97],
    [96, 1],
    [97, 0],
    [2 ** 40, 1],
    [0, -1],
  ] as const) {
    t.throws(() => engine.seal(first, count), { code: 'ERR_ARGUMENT' });
    t.throws(() => engine.send(first, count), { code: 'ERR_ARGUMENT' });
  }
  engine.seal(96, 0);
});

t.test('a closed engine does nothing, and closing twice is fine', { skip }, async (t) => {
  const engine = anEngine(t);
  engine.close();
  engine.close();
  const next = anEngine(t);
  t.equal(engine.recv(0, 0, 1), 0);
  t.equal(engine.send(0, 1), 0);
  engine.seal(0, 1);
  t.throws(() => engine.setKey(0, new Uint8Array(32), 0), { code: 'ERR_CLOSED' });
  await t.rejects(engine.openUdp({ host: '127.0.0.1', port: 0 }), { code: 'ERR_CLOSED' });
  t.equal(next.describe().sealed, 0);
});

t.test('the primitives agree with noble', { skip }, async (t) => {
  const native = createNativeBackend(theAddon());
  const noble = await loadNobleBackend();
  fc.assert(
    fc.property(
      bytesOf(32),
      bytesOf(32),
      bytesOf(24),
      fc.uint8Array({ maxLength: 300 }),
      (key, other, nonce, message) => {
        const publicKey = noble.publicKeyOf(other);
        assert.deepEqual(native.publicKeyOf(other), publicKey);
        assert.deepEqual(native.sharedPoint(key, publicKey), noble.sharedPoint(key, publicKey));
        assert.deepEqual(native.hsalsa(key), noble.hsalsa(key));
        const box = native.sealBox(key, nonce, message);
        assert.deepEqual(box, noble.sealBox(key, nonce, message));
        assert.deepEqual(native.openBox(key, nonce, box), message);
        assert.deepEqual(native.sha256(message), noble.sha256(message));
        assert.deepEqual(native.sha512(message), noble.sha512(message));
      },
    ),
    { numRuns: 20 },
  );
  t.equal(native.sharedPoint(new Uint8Array(32).fill(1), new Uint8Array(32)), null);
  t.equal(native.openBox(new Uint8Array(32), new Uint8Array(24), new Uint8Array(15)), null);
  t.equal(native.openBox(new Uint8Array(32), new Uint8Array(24), new Uint8Array(40)), null);
});

t.test('wrong lengths are an Error with a code', { skip }, async (t) => {
  const addon = theAddon();
  const b = (length: number) => new Uint8Array(length);
  t.throws(() => addon.scalarmultBase(b(31), b(32)), { code: 'ERR_ARGUMENT' });
  t.throws(() => addon.scalarmult(b(32), b(32), b(33)), { code: 'ERR_ARGUMENT' });
  t.throws(() => addon.sealBox(b(15), b(32), b(24), b(0)), { code: 'ERR_ARGUMENT' });
  t.throws(() => addon.openBox(b(1), b(32), b(24), b(16)), { code: 'ERR_ARGUMENT' });
  t.throws(() => addon.sha512(b(32), b(1)), { code: 'ERR_ARGUMENT' });
  t.throws(() => addon.sha256('text' as unknown as Uint8Array, b(1)), { code: 'ERR_ARGUMENT' });
});

import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { cryptoAuthHeader } from '../../src/wire/index.ts';
import { hostile } from '../support/hostile.ts';

const headers = fc.record(
  {
    nonceField: fc.nat(3),
    authType: fc.nat(255),
    lookup: fc.uint8Array({ minLength: 7, maxLength: 7 }),
    reservedA: fc.nat(0xffff),
    reservedB: fc.nat(0xffff),
    nonce: fc.uint8Array({ minLength: 24, maxLength: 24 }),
    publicKey: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  },
  { noNullPrototype: true },
);

/** 120 bytes, each with its offset as value, but for a nonce field of 2. */
const packet = Uint8Array.from({ length: cryptoAuthHeader.SIZE }, (_, offset) =>
  offset < 3 ? 0 : offset === 3 ? 2 : offset,
);
const range = (start: number, end: number): Uint8Array => Uint8Array.from({ length: end - start }, (_, i) => start + i);

t.test('every field lies where the diagram says', async (t) => {
  t.same(cryptoAuthHeader.parse(packet), {
    nonceField: cryptoAuthHeader.KEY,
    authType: 4,
    lookup: range(5, 12),
    reservedA: 0x0c0d,
    reservedB: 0x0e0f,
    nonce: range(16, 40),
    publicKey: range(40, 72),
  });
});

t.test('what was written is read back, and nothing is written behind the clear part', async (t) => {
  fc.assert(
    fc.property(headers, (header) => {
      const bytes = new Uint8Array(cryptoAuthHeader.SIZE).fill(0xee);
      cryptoAuthHeader.emit(header, bytes);
      assert.deepEqual(cryptoAuthHeader.parse(bytes), header);
      assert.ok(bytes.subarray(cryptoAuthHeader.CLEAR_SIZE).every((byte) => byte === 0xee));
    }),
  );
  t.pass();
});

t.test('any handshake packet is read and its clear part written back unchanged', async (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 116, maxLength: 140 }), fc.nat(3), (rest, nonceField) => {
      const bytes = Uint8Array.of(0, 0, 0, nonceField, ...rest);
      const header = cryptoAuthHeader.parse(bytes);
      const again = new Uint8Array(cryptoAuthHeader.CLEAR_SIZE);
      if (header) cryptoAuthHeader.emit(header, again);
      assert.deepEqual(again, bytes.subarray(0, cryptoAuthHeader.CLEAR_SIZE));
    }),
  );
  t.pass();
});

t.test('runts and data packets are no handshake packets', async (t) => {
  t.equal(cryptoAuthHeader.parse(packet.subarray(0, 119)), null);
  const data = new Uint8Array(packet);
  data[3] = cryptoAuthHeader.MIN_COUNTER;
  t.equal(cryptoAuthHeader.parse(data), null);
  t.equal(cryptoAuthHeader.nonceFieldOf(data), 4);
  t.equal(cryptoAuthHeader.nonceFieldOf(data.subarray(0, 3)), null);
});

t.test('the text for people has no lookup', async (t) => {
  const header = cryptoAuthHeader.parse(packet);
  t.equal(header && cryptoAuthHeader.format(header), 'key auth 4 from 28292a2b');
  t.equal(header && cryptoAuthHeader.format({ ...header, nonceField: 9 }), 'nonce field 9 auth 4 from 28292a2b');
});

t.test('survives hostile input', async (t) => {
  t.ok(hostile(cryptoAuthHeader.parse, [packet]).refused > 0);
  t.ok(hostile(cryptoAuthHeader.nonceFieldOf, [packet.subarray(0, 4)]).refused > 0);
});

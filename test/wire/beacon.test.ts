import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { toHex } from '../../src/base/index.ts';
import type { PublicKey } from '../../src/crypto/index.ts';
import { beacon } from '../../src/wire/index.ts';
import { hostile } from '../support/hostile.ts';
import { hex } from '../support/vectors.ts';

const PASSWORD = '6073f9216386f53a80874aef33db64df152434ea';
const KEY = 'b3c810dda849a25c4d32a1a468420dab5c8d2efcabf198117ad4841aeef52804';
/** The example of protocol 04 §9.3, which a stock node answered. */
const example = hex(`fffffffc00009c4b00000014${PASSWORD}${KEY}`);

const beacons = fc.record(
  {
    port: fc.nat(0xffff),
    protocol: fc.nat(0xffff_ffff),
    password: fc.uint8Array({ minLength: 20, maxLength: 20 }),
    publicKey: fc
      .uint8Array({ minLength: 32, maxLength: 32 })
      .filter((key) => key.some((byte) => byte !== 0))
      .map((key) => key as PublicKey),
  },
  { noNullPrototype: true },
);

t.test('the beacon that a stock node answered', async (t) => {
  const value = beacon.parse(example);
  t.same(value, { port: 40011, protocol: 20, password: hex(PASSWORD), publicKey: hex(KEY) });
  t.same(value && beacon.emit(value), example);
});

t.test('what was written is read back, the content alone too', async (t) => {
  fc.assert(
    fc.property(beacons, (value) => {
      assert.deepEqual(beacon.parse(beacon.emit(value)), value);
      const { port: _, ...content } = value;
      assert.deepEqual(beacon.parseContent(beacon.emitContent(content)), content);
    }),
  );
  t.pass();
});

t.test('what is accepted is written back unchanged', async (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 58, maxLength: 58 }), (rest) => {
      const bytes = Uint8Array.of(0xff, 0xff, 0xff, 0xfc, 0, 0, ...rest);
      const value = beacon.parse(bytes);
      if (value) assert.deepEqual(beacon.emit(value), bytes);
    }),
  );
  t.pass();
});

t.test('longer beacons are cut, shorter ones refused', async (t) => {
  t.same(beacon.parse(Uint8Array.of(...example, 1, 2, 3)), beacon.parse(example));
  t.equal(beacon.parse(example.subarray(0, 63)), null);
  t.equal(beacon.parseContent(example.subarray(8, 63)), null);
});

t.test('other magic, another format, and the zero key are refused', async (t) => {
  for (const offset of [0, 3, beacon.OFFSET.format, beacon.OFFSET.zero]) {
    const bytes = new Uint8Array(example);
    bytes[offset] = 1;
    t.equal(beacon.parse(bytes), null, `byte ${offset}`);
  }
  t.equal(beacon.parse(new Uint8Array(example).fill(0, 32)), null);
});

t.test('the text for people has no password', async (t) => {
  const value = beacon.parse(example);
  const text = value ? beacon.format(value) : '';
  t.equal(text, 'beacon v20 port 40011 m5l1kg3p9l8tp696159k61p1c5ru8rjzcfwkt88hn61p1rry8110.k');
  t.notMatch(text, toHex(hex(PASSWORD)).slice(0, 8));
});

t.test('survives hostile input', async (t) => {
  t.ok(hostile(beacon.parse, [example]).refused > 0);
  t.ok(hostile(beacon.parseContent, [example.subarray(8)]).refused > 0);
});

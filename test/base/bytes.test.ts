import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import {
  compare,
  concat,
  copy,
  equal,
  equalConstantTime,
  fromHex,
  fromLatin1,
  isZero,
  latin1,
  readU16,
  readU32,
  readU64,
  toHex,
  utf8,
  writeU16,
  writeU32,
  writeU64,
} from '../../src/base/index.ts';

const bytes = fc.uint8Array({ maxLength: 40 });

t.test('hex is read back, in either case', async (t) => {
  fc.assert(
    fc.property(bytes, (value) => {
      assert.deepEqual(fromHex(toHex(value)), value);
      assert.deepEqual(fromHex(toHex(value).toUpperCase()), value);
    }),
  );
  t.equal(toHex(Uint8Array.of(0, 0xab)), '00ab');
});

t.test('what is not hex is refused', async (t) => {
  for (const text of ['0', '0g', ' 00', '00\n', '0x00', '00 00']) t.equal(fromHex(text), null, JSON.stringify(text));
});

t.test('ten million digits are looked at without trouble', async (t) => {
  t.equal(fromHex('0'.repeat(10_000_000))?.length, 5_000_000);
  t.equal(fromHex(`${'0'.repeat(9_999_999)}x`), null);
});

t.test('concat joins its parts in fresh memory', async (t) => {
  const part = Uint8Array.of(1, 2);
  const whole = concat(part, new Uint8Array(0), Uint8Array.of(3));
  t.same(whole, Uint8Array.of(1, 2, 3));
  part[0] = 9;
  t.equal(whole[0], 1);
  t.equal(concat().length, 0);
});

t.test('a copy is plain, separate, and cut at the end', async (t) => {
  const source = Buffer.from([1, 2, 3]);
  const part = copy(source, 1, 99);
  t.notOk(Buffer.isBuffer(part));
  source[1] = 9;
  t.same(part, Uint8Array.of(2, 3));
  t.equal(copy(source, 5).length, 0);
});

t.test('comparison orders as Buffer.compare does, and both equalities agree with it', async (t) => {
  fc.assert(
    fc.property(bytes, bytes, (a, b) => {
      assert.equal(Math.sign(compare(a, b)), Buffer.compare(a, b));
      assert.equal(equal(a, b), Buffer.compare(a, b) === 0);
      assert.equal(equalConstantTime(a, b), equal(a, b));
      assert.ok(equal(a, copy(a)) && equalConstantTime(a, copy(a)));
    }),
  );
  t.notOk(equalConstantTime(Uint8Array.of(1, 2), Uint8Array.of(1, 3)));
});

t.test('numbers are big endian and read back', async (t) => {
  const into = new Uint8Array(10);
  fc.assert(
    fc.property(fc.bigInt(0n, 0xffff_ffff_ffff_ffffn), fc.nat(2), (value, offset) => {
      writeU64(into, offset, value);
      assert.equal(readU64(into, offset), value);
      const low = Number(value & 0xffff_ffffn);
      writeU32(into, offset, low);
      assert.equal(readU32(into, offset), low);
      writeU16(into, offset, low & 0xffff);
      assert.equal(readU16(into, offset), low & 0xffff);
    }),
  );
  writeU32(into, 0, 0x01020304);
  t.equal(toHex(into.subarray(0, 4)), '01020304');
});

t.test('numbers past the end read as 0', async (t) => {
  const short = Uint8Array.of(0xff);
  t.equal(readU16(short, 0), 0xff00);
  t.equal(readU32(short, 1), 0);
  t.equal(readU64(short, 0), 0xff00_0000_0000_0000n);
});

t.test('latin1 keeps every byte, utf8 is UTF-8', async (t) => {
  fc.assert(fc.property(bytes, (value) => assert.deepEqual(fromLatin1(latin1(value)), value)));
  t.equal(toHex(utf8('pä')), '70c3a4');
});

t.test('isZero sees any bit', async (t) => {
  t.ok(isZero(new Uint8Array(32)));
  t.notOk(isZero(Uint8Array.of(0, 0, 1)));
});

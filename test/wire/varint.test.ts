import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { varint } from '../../src/wire/index.ts';
import { hex } from '../support/vectors.ts';

t.test('the sizes of protocol 09 §3', async (t) => {
  for (const [value, bytes] of [
    [0, '00'],
    [0xfc, 'fc'],
    [0xfd, 'fd00fd'],
    [0xffff, 'fdffff'],
    [0x1_0000, 'fe00010000'],
    [0xffff_ffff, 'feffffffff'],
    [2 ** 32, 'ff0000000100000000'],
  ] as const) {
    t.same(varint.emit(value), hex(bytes));
    t.same(varint.parse(hex(`aa${bytes}`), 1), { value, size: bytes.length / 2 });
  }
});

t.test('what was written is read back', async () => {
  fc.assert(fc.property(fc.maxSafeNat(), (value) => assert.equal(varint.parse(varint.emit(value), 0)?.value, value)));
});

t.test('truncated ones, and those beyond 2^53, are refused', async (t) => {
  for (const bytes of ['', 'fd00', 'fe000000', 'ff00000000000000', 'ffffffffffffffffff'])
    t.equal(varint.parse(hex(bytes), 0), null, bytes);
});

import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { internetChecksum, readU16, writeU16 } from '../../src/base/index.ts';
import { hex, vectors } from '../support/vectors.ts';

const { checksums } = vectors<{ checksums: { data: string; checksum: string }[] }>('control');

t.test('the vectors of stock nodes', async (t) => {
  for (const { data, checksum } of checksums) t.equal(internetChecksum(hex(data)), Number.parseInt(checksum, 16));
});

t.test('data with its checksum in place sums up to 0', async (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 2, maxLength: 300 }), (bytes) => {
      writeU16(bytes, 0, 0);
      writeU16(bytes, 0, internetChecksum(bytes));
      assert.equal(internetChecksum(bytes), 0);
    }),
  );
  t.pass();
});

t.test('only the range counts, and it ends with the bytes', async (t) => {
  const bytes = Uint8Array.of(0xff, 0x12, 0x34, 0xff);
  t.equal(internetChecksum(bytes, 1, 3), 0xffff - 0x1234);
  t.equal(internetChecksum(bytes, 1, 2), 0xffff - 0x1200);
  t.equal(internetChecksum(bytes, 3, 99), 0xffff - 0xff00);
  t.equal(internetChecksum(bytes, 9), 0xffff);
});

t.test('a large packet does not overflow the sum', async (t) => {
  const bytes = new Uint8Array(200_000).fill(0xff);
  t.equal(internetChecksum(bytes), 0);
  t.equal(readU16(bytes, 0), 0xffff);
});

import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { decodeBase32, encodeBase32 } from '../../src/base/index.ts';
import { hex, vectors } from '../support/vectors.ts';

const identity = vectors<{ base32: { bytes: string; text: string }[]; base32Invalid: { text: string }[] }>('identity');

t.test('the vectors of stock nodes', async (t) => {
  for (const { bytes, text } of identity.base32) {
    t.equal(encodeBase32(hex(bytes)), text.toLowerCase());
    t.same(decodeBase32(text), hex(bytes));
  }
});

t.test('invalid texts are refused', async (t) => {
  for (const { text } of identity.base32Invalid) t.equal(decodeBase32(text), null, text);
});

t.test('what was written is read back, in either case', async (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      const text = encodeBase32(bytes);
      assert.equal(text.length, Math.ceil((8 * bytes.length) / 5));
      assert.deepEqual(decodeBase32(text), bytes);
      assert.deepEqual(decodeBase32(text.toUpperCase()), bytes);
    }),
  );
  t.pass();
});

t.test('any text that is accepted is the one that would be written', async (t) => {
  const symbols = fc.constantFrom(...'0123456789bcdfghjklmnpqrstuvwxyzaAB-😀');
  fc.assert(
    fc.property(fc.array(symbols, { maxLength: 60 }), (chosen) => {
      const bytes = decodeBase32(chosen.join(''));
      if (bytes) assert.equal(encodeBase32(bytes), chosen.join('').toLowerCase());
    }),
  );
  t.equal(decodeBase32('0😀'), null);
});

import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { formatLabel, parseLabel } from '../../src/base/index.ts';
import { vectors } from '../support/vectors.ts';

type Path = { text: string; value?: string; canonical?: string };

t.test('the vectors of stock nodes', async (t) => {
  for (const { text, value, canonical } of vectors<{ path: Path[] }>('identity').path) {
    const label = parseLabel(text);
    t.equal(label, value === undefined ? null : BigInt(`0x${value}`), text);
    if (label !== null) t.equal(formatLabel(label), canonical);
  }
});

t.test('what was written is read back', async (t) => {
  fc.assert(
    fc.property(fc.bigInt(0n, 2n ** 64n - 1n), (label) => {
      assert.equal(formatLabel(label).length, 19);
      assert.equal(parseLabel(formatLabel(label)), label);
    }),
  );
  t.pass();
});

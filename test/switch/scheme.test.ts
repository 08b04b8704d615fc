import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import t from 'tap';
import { fromHex, toHex } from '../../src/base/index.ts';
import {
  type EncodingScheme,
  emitScheme,
  isSane,
  isV358,
  parseScheme,
  V358,
  V358_BYTES,
} from '../../src/switch/scheme.ts';

type Vectors = {
  readonly serialize: readonly { readonly name: string; readonly forms: EncodingScheme; readonly es: string }[];
  readonly invalid: readonly string[];
};
const vectors: Vectors = JSON.parse(readFileSync(new URL('../vectors/schemes.json', import.meta.url), 'utf8'));

t.test('each known scheme is written and read as stock does', async (t) => {
  for (const { name, forms, es } of vectors.serialize) {
    t.equal(toHex(emitScheme(forms)), es, name);
    t.same(parseScheme(fromHex(es) ?? new Uint8Array()), forms, name);
    t.ok(isSane(forms), name);
    t.equal(isV358(forms), name === 'v358', name);
  }
});

t.test('each invalid byte string is refused', async (t) => {
  for (const es of vectors.invalid) t.equal(parseScheme(fromHex(es) ?? new Uint8Array()), null, es);
});

t.test('our own scheme has the published bytes', async (t) => {
  t.same(emitScheme(V358), V358_BYTES);
});

t.test('schemes with an ambiguous, shrinking, empty or oversized form are not sane', async (t) => {
  const one = { bitCount: 3, prefixLen: 1, prefix: 1 };
  t.notOk(isSane([]));
  t.notOk(isSane([one]), 'a single form has no prefix');
  t.notOk(isSane([{ bitCount: 0, prefixLen: 0, prefix: 0 }]));
  t.notOk(isSane([one, { bitCount: 3, prefixLen: 1, prefix: 0 }]), 'fields do not grow');
  t.notOk(isSane([one, { bitCount: 5, prefixLen: 2, prefix: 3 }]), 'prefix of the first inside the second');
  t.notOk(isSane([one, { bitCount: 5, prefixLen: 1, prefix: 2 }]), 'prefix wider than its length');
  t.notOk(isSane([one, { bitCount: 31, prefixLen: 29, prefix: 0 }]), '60 bits');
  t.ok(isSane([one, { bitCount: 31, prefixLen: 28, prefix: 0 }]), '59 bits');
  t.notOk(isSane(Array.from({ length: 32 }, (_, i) => ({ bitCount: i, prefixLen: 5, prefix: i }))));
});

t.test('any bytes are refused or read as a sane scheme that is written back the same', async (t) => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.tuple(fc.constantFrom(...vectors.serialize), fc.nat(39), fc.nat(7)).map(([{ es }, at, bit]) => {
      const flipped = fromHex(es) ?? new Uint8Array();
      flipped[at % flipped.length] = (flipped[at % flipped.length] ?? 0) ^ (1 << bit);
      return flipped;
    }),
  );
  fc.assert(
    fc.property(bytes, (input) => {
      const scheme = parseScheme(input);
      if (scheme === null) return;
      assert(isSane(scheme));
      assert.deepEqual(parseScheme(emitScheme(scheme)), scheme);
    }),
    { numRuns: 5000 },
  );
  t.equal(parseScheme(new Uint8Array(200)), null);
  t.equal(parseScheme(new Uint8Array(1_000_000).fill(0xff)), null);
});

t.test('zero padding is accepted below 64 bits only', async (t) => {
  t.same(parseScheme(Uint8Array.of(...V358_BYTES, 0, 0, 0, 0, 0, 0, 0)), V358);
  t.equal(parseScheme(Uint8Array.of(...V358_BYTES, 0, 0, 0, 0, 0, 0, 0, 0)), null);
});

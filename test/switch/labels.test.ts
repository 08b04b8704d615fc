import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import t from 'tap';
import { directorOf, firstDirector, formNumber, smallestBits, smallestDirector } from '../../src/switch/director.ts';
import * as labels from '../../src/switch/labels.ts';
import { type EncodingScheme, V358 } from '../../src/switch/scheme.ts';

type Case<Key extends string> = { readonly [key in Key]: string };
type Smallest = readonly [number, number, string];
type Vectors = {
  readonly v358_numbers: readonly {
    readonly number: number;
    readonly smallestBits: number;
    readonly directorByBits: Readonly<Record<string, string>>;
  }[];
  readonly v358_all_smallest: readonly Smallest[];
  readonly v48_smallest: readonly Smallest[];
  readonly convert: readonly (Case<'scheme' | 'label' | 'canonical' | 'toForm0' | 'toForm1' | 'toForm2'> & {
    readonly form: number;
    readonly oneHop: boolean;
    readonly self: boolean;
  })[];
  readonly convert_v358_directors: readonly (Case<'label' | 'canonical'> & {
    readonly number: number;
    readonly toForm: readonly string[];
  })[];
  readonly splice: readonly (Case<'goHere' | 'viaHere' | 'result'> & {
    /** null where the splice is refused. */
    readonly routesThroughVia: boolean | null;
    readonly goHereRoutesThroughVia: boolean;
    readonly log2: readonly [number, number];
  })[];
  readonly labelFor: readonly Case<'target' | 'asker' | 'out'>[];
};
const load = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), 'utf8'));
const vectors = load('labels') as Vectors;
const schemeList = (load('schemes') as { serialize: { name: string; forms: EncodingScheme }[] }).serialize;
const schemes = new Map(schemeList.map(({ name, forms }) => [name, forms]));
const v48 = schemes.get('v48') ?? [];

const hex = (digits: string): bigint => BigInt(`0x${digits}`);
const anyLabel = fc.bigInt(0n, labels.INVALID);
const usableLabel = fc
  .integer({ min: 0, max: 59 })
  .chain((top) => fc.bigInt(1n << BigInt(top), (2n << BigInt(top)) - 1n));

t.test('directors of the v358 vectors, in each form that can name the interface', async (t) => {
  for (const { number, smallestBits: bits, directorByBits } of vectors.v358_numbers) {
    t.equal(smallestBits(number), bits);
    for (const total of [4, 7, 10]) {
      const digits = directorByBits[total];
      t.equal(directorOf(number, total), digits === undefined ? null : hex(digits), `${number} in ${total} bits`);
    }
  }
});

t.test('the smallest director of every interface, and its number read back', async (t) => {
  for (const [number, bits, digits] of vectors.v358_all_smallest) {
    assert.equal(smallestBits(number), bits);
    assert.equal(directorOf(number), hex(digits));
    assert.deepEqual(smallestDirector(number, V358), { bits, value: hex(digits) });
    const form = (bits - 4) / 3;
    assert.deepEqual(firstDirector(hex(digits) | (0x5n << BigInt(bits))), { number, bits, form });
    assert.equal(labels.labelOfInterface(number), hex(digits) | (1n << BigInt(bits)));
  }
  t.equal(vectors.v358_all_smallest.length, 257);
});

t.test('directors of scheme v48', async (t) => {
  for (const [number, bits, digits] of vectors.v48_smallest) {
    t.same(smallestDirector(number, v48), { bits, value: hex(digits) });
    t.match(firstDirector(hex(digits), v48), { number, bits });
  }
  t.equal(smallestDirector(256, v48), null);
});

t.test('numbers that no director can name are refused', async (t) => {
  for (const number of [-1, 257, 0.5, Number.NaN, 2 ** 32]) {
    t.equal(smallestBits(number), null);
    t.equal(directorOf(number), null);
    t.equal(directorOf(number, 10), null);
    t.equal(smallestDirector(number, V358), null);
    t.equal(labels.labelOfInterface(number), labels.INVALID);
  }
  t.equal(directorOf(3, 8), null);
});

t.test('a label without a form has no director', async (t) => {
  const odd = [
    { bitCount: 2, prefixLen: 2, prefix: 1 },
    { bitCount: 3, prefixLen: 2, prefix: 2 },
  ];
  t.equal(firstDirector(0x10n, odd), null);
  t.equal(formNumber(0x10n, odd), null);
  t.equal(labels.convert(odd, 0x10n, labels.CANONICAL), labels.INVALID);
  t.notOk(labels.isOneHop(0x10n, odd));
  t.notOk(labels.isSelfRoute(0x10n, odd));
});

t.test('conversions of the vectors', async (t) => {
  for (const item of vectors.convert) {
    const scheme = schemes.get(item.scheme) ?? [];
    const label = hex(item.label);
    const name = `${item.scheme} ${item.label}`;
    assert.equal(formNumber(label, scheme), item.form, name);
    assert.equal(labels.isOneHop(label, scheme), item.oneHop, name);
    assert.equal(labels.isSelfRoute(label, scheme), item.self, name);
    assert.equal(labels.convert(scheme, label, labels.CANONICAL), hex(item.canonical), name);
    assert.equal(labels.convert(scheme, label, 0), hex(item.toForm0), name);
    assert.equal(labels.convert(scheme, label, 1), hex(item.toForm1), name);
    assert.equal(labels.convert(scheme, label, 2), hex(item.toForm2), name);
  }
  t.equal(vectors.convert.length, 147);
});

t.test('conversions of v358 directors', async (t) => {
  for (const item of vectors.convert_v358_directors) {
    const label = hex(item.label);
    assert.equal(labels.convert(V358, label, labels.CANONICAL), hex(item.canonical), item.label);
    item.toForm.forEach((to, form) => {
      assert.equal(labels.convert(V358, label, form), hex(to), `${item.label} ${form}`);
    });
    assert.equal(firstDirector(label)?.number, item.number);
  }
  t.pass();
});

t.test('splices, logarithms and routesThrough of the vectors', async (t) => {
  for (const item of vectors.splice) {
    const [goHere, viaHere, result] = [hex(item.goHere), hex(item.viaHere), hex(item.result)];
    const name = `${item.goHere} via ${item.viaHere}`;
    assert.equal(labels.splice(goHere, viaHere), result, name);
    assert.deepEqual([labels.log2(goHere), labels.log2(viaHere)], item.log2, name);
    const through = result === labels.INVALID ? null : labels.routesThrough(result, viaHere);
    assert.equal(through, item.routesThroughVia, name);
    assert.equal(labels.routesThrough(goHere, viaHere), item.goHereRoutesThroughVia, name);
  }
  t.equal(vectors.splice.length, 44);
});

t.test('labels given to an asker', async (t) => {
  for (const { target, asker, out } of vectors.labelFor) {
    assert.equal(labels.labelFor(hex(target), hex(asker)), hex(out), `${target} for ${asker}`);
  }
  t.equal(vectors.labelFor.length, 49);
});

t.test('the logarithm is the highest set bit, for each of the 64', async (t) => {
  for (let bit = 0; bit < 64; bit++) {
    assert.equal(labels.log2(1n << BigInt(bit)), bit);
    assert.equal(labels.log2((2n << BigInt(bit)) - 1n), bit);
  }
  t.equal(labels.log2(0n), 0);
});

t.test('a mirrored label has its bits in reverse order', async (t) => {
  t.equal(labels.reverse64(0xcaa8_0000_0000_0000n), 0x1553n);
  fc.assert(
    fc.property(anyLabel, (label) => {
      const text = label.toString(2).padStart(64, '0');
      assert.equal(labels.reverse64(label), BigInt(`0b${[...text].reverse().join('')}`));
    }),
  );
});

t.test('unsplice undoes splice, and what does not fit is refused (S2)', async (t) => {
  fc.assert(
    fc.property(usableLabel, usableLabel, (goHere, viaHere) => {
      const full = labels.splice(goHere, viaHere);
      const fits = labels.log2(goHere) + labels.log2(viaHere) <= 59;
      assert.equal(full !== labels.INVALID, fits);
      if (!fits) return;
      assert.equal(labels.unsplice(full, viaHere), goHere);
      assert.ok(goHere % 2n === 0n || labels.routesThrough(full, viaHere));
      assert.equal(labels.log2(full), labels.log2(goHere) + labels.log2(viaHere));
    }),
  );
  t.equal(labels.splice(1n << 30n, 1n << 30n), labels.INVALID);
  t.equal(labels.splice((1n << 29n) | 1n, 1n << 30n), (1n << 59n) | (1n << 30n));
});

t.test('converting there and back gives the canonical label, and never one beyond 59 bits', async (t) => {
  const any = fc.constantFrom(...schemes.values());
  fc.assert(
    fc.property(any, anyLabel, fc.integer({ min: -1, max: 4 }), (scheme, label, form) => {
      const converted = labels.convert(scheme, label, form);
      if (converted === labels.INVALID || converted === label) return;
      assert.ok(labels.log2(converted) <= 59);
      const canonical = labels.convert(scheme, label, labels.CANONICAL);
      if (canonical !== labels.INVALID) assert.equal(labels.convert(scheme, converted, labels.CANONICAL), canonical);
    }),
    { numRuns: 2000 },
  );
  t.pass();
});

t.test('a widened self route keeps its rest, and is refused when it no longer fits', async (t) => {
  t.equal(labels.labelFor(labels.SELF_LABEL, 0x9en), labels.SELF_LABEL);
  t.equal(labels.labelFor((1n << 59n) | 1n, 0x9en), labels.INVALID);
});

t.test('usable labels have a terminator within 60 bits', async (t) => {
  for (const [label, usable] of [
    [0n, false],
    [1n, true],
    [(1n << 60n) - 1n, true],
    [1n << 60n, false],
    [labels.INVALID, false],
  ] as const) {
    t.equal(labels.isUsable(label), usable);
  }
});

t.test('the hops of a label', async (t) => {
  t.same(labels.hopsOf(0x1333n), [0, 0, 0]);
  t.same(labels.hopsOf(labels.SELF_LABEL), []);
  t.same(labels.hopsOf(labels.splice(0x9en, 0x15n)), [2, 8]);
  t.equal(labels.hopsOf(0n), null);
  t.equal(labels.hopsOf(3n), null, 'ends inside a director');
  t.equal(labels.hopsOf(0x7n), null);
  fc.assert(fc.property(anyLabel, (label) => void labels.hopsOf(label)));
});

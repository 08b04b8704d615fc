import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { directorOf, smallestBits } from '../../src/switch/director.ts';
import { forward } from '../../src/switch/forward.ts';
import { convert, INVALID, labelFor, labelOfInterface, log2, reverse64, splice } from '../../src/switch/labels.ts';
import { canonical, composeLabel, extend, type Hop } from '../../src/switch/path.ts';
import { V358 } from '../../src/switch/scheme.ts';
import { switchHeader } from '../../src/wire/index.ts';

/** A link as it is: the interface number at either end. */
type Link = { readonly out: number; readonly in: number };
const bitsOf = (number: number): number => smallestBits(number) ?? 0;
const hopsOf = (links: readonly Link[]): Hop[] => links.map((link) => ({ out: link.out, back: bitsOf(link.in) }));

const peerNumber = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(0, 2, 3, 4, 5, 6, 7) },
  { weight: 1, arbitrary: fc.integer({ min: 8, max: 256 }) },
);
/** A switch sends a packet back to where it came from once, not twice. */
const turnsOnce = (links: readonly Link[]): boolean =>
  links.filter((link, index) => index > 0 && link.out === links[index - 1]?.in).length <= 1;
const chains = fc.array(fc.record({ out: peerNumber, in: peerNumber }), { maxLength: 15 }).filter(turnsOnce);

/** Sends a packet along a chain of switches; the header label at the end, null if it did not arrive. */
function walk(label: bigint, links: readonly Link[]): bigint | null {
  let packet: Uint8Array = new Uint8Array(16);
  switchHeader.emit(switchHeader.original(label), packet);
  let from = 1;
  for (const link of links) {
    const result = forward(packet, from, () => 'up');
    if (result.kind !== 'forward' || result.to !== link.out) return null;
    packet = result.packet;
    from = link.in;
  }
  const last = forward(packet, from, () => 'up');
  return last.kind === 'local' ? (switchHeader.parse(last.packet)?.label ?? null) : null;
}

const backwards = (links: readonly Link[]): Link[] => links.map((link) => ({ out: link.in, in: link.out })).reverse();

/** The rule of feasibility, computed apart from the label (protocol 05 §3, §4.1). */
function fits(links: readonly Link[]): boolean {
  let bits = 0;
  let back = 4;
  for (const link of links) {
    bits += Math.max(bitsOf(link.out), back);
    back = bitsOf(link.in);
  }
  return bits <= 59 && bits + back <= 63;
}

t.test('a composed label leads along its path, and its mirror image leads back', async (t) => {
  let composed = 0;
  fc.assert(
    fc.property(chains, (links) => {
      const label = composeLabel(hopsOf(links));
      assert.equal(label !== null, fits(links));
      if (label === null) return;
      composed++;
      const arrived = walk(label, links);
      assert.ok(arrived !== null, 'arrives');
      const back = reverse64(arrived);
      assert.ok(log2(back) <= 59);
      assert.notEqual(walk(back, backwards(links)), null, 'the way back');
    }),
    { numRuns: 3000 },
  );
  t.ok(composed > 500);
});

t.test('a path fits exactly when its reverse does', async (t) => {
  fc.assert(
    fc.property(chains, (links) => {
      assert.equal(composeLabel(hopsOf(links)) !== null, composeLabel(hopsOf(backwards(links))) !== null);
    }),
  );
  t.pass();
});

t.test('the longest paths that fit, and what becomes of a packet on a longer one', async (t) => {
  const links: Link[] = Array.from({ length: 14 }, () => ({ out: 2, in: 3 }));
  const ending = (count: number, last: number): Link[] => [...links.slice(0, count), { out: 2, in: last }];
  t.not(composeLabel(hopsOf(ending(13, 3))), null, '56 bits and 4 back');
  t.not(composeLabel(hopsOf(ending(13, 8))), null, '56 bits and 7 back');
  t.not(composeLabel(hopsOf(ending(12, 40))), null, '52 bits and 10 back');
  t.equal(composeLabel(hopsOf(ending(14, 3))), null, '60 bits');
  t.equal(composeLabel(hopsOf(ending(13, 40))), null, '56 bits and 10 back');
  const anyway = composeLabel(hopsOf(ending(13, 3)));
  t.equal(walk(anyway ?? 0n, ending(13, 40)), null, 'dropped at the last node');
});

t.test('where the way back is unknown, each director is written as narrow as its own number allows', async (t) => {
  t.equal(composeLabel([]), 1n);
  t.equal(composeLabel([0, 0, 0].map((out) => ({ out, back: null }))), 0x1333n);
  t.equal(
    composeLabel([
      { out: 2, back: null },
      { out: 8, back: null },
    ]),
    splice(0x9en, 0x15n),
  );
});

t.test('impossible hops are refused', async (t) => {
  for (const out of [1, -1, 257, 0.5]) t.equal(composeLabel([{ out, back: 4 }]), null);
  for (const back of [0, 1, 5, 64]) t.equal(composeLabel([{ out: 2, back }]), null);
});

t.test('a route extended link by link is the composed one', async (t) => {
  fc.assert(
    fc.property(chains, (links) => {
      let path: bigint | null = 1n;
      let ei = 0;
      for (const link of links) {
        path = path === null ? null : extend(path, V358, ei, labelOfInterface(link.out));
        ei = (bitsOf(link.in) - 4) / 3;
      }
      const composed = composeLabel(hopsOf(links));
      if (composed !== null) assert.equal(path, composed);
      else assert.ok(path === null || log2(path) + bitsOf(links.at(-1)?.in ?? 0) > 63);
    }),
    { numRuns: 1000 },
  );
  t.pass();
});

t.test('a label given to an asker works when he splices it', async (t) => {
  fc.assert(
    fc.property(chains, chains, (toUs, fromUs) => {
      const all = [...toUs, ...fromUs];
      if (toUs.length === 0 || fromUs.length === 0 || !fits(all) || !turnsOnce(all)) return;
      const viaHere = composeLabel(hopsOf(toUs));
      const target = composeLabel(hopsOf(fromUs));
      if (viaHere === null || target === null) return;
      const arrived = walk(viaHere, toUs);
      assert.ok(arrived !== null);
      const given = labelFor(target, reverse64(arrived));
      const full = splice(given, viaHere);
      assert.equal(full, composeLabel(hopsOf(all)));
      assert.notEqual(walk(full, all), null);
    }),
    { numRuns: 1000 },
  );
  t.pass();
});

t.test('extending refuses what cannot be widened, what is too long, and no label at all', async (t) => {
  t.equal(extend(0x13n, V358, 1, 0x15n), splice(convert(V358, 0x15n, 1), 0x13n));
  t.equal(extend(0x13n, V358, 3, 0x15n), null, 'no form 3');
  t.equal(extend(0x13n, V358, 1, 0x11n), null, 'a self route');
  t.equal(extend(1n << 56n, V358, 0, 0x15n), null);
  for (const none of [0n, INVALID]) {
    t.equal(extend(none, V358, 0, 0x15n), null);
    t.equal(extend(0x13n, V358, 0, none), null);
  }
});

t.test('links are stored with the narrowest director', async (t) => {
  for (const number of [0, 2, 7, 8, 32, 33, 256]) {
    const wide = (directorOf(number, 10) ?? 0n) | (1n << 10n);
    t.equal(canonical(V358, wide), labelOfInterface(number));
  }
  t.equal(canonical([], 0x13n), null);
});

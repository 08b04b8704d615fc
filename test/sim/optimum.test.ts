import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { directorBits, type Hop, optimum } from '../../src/sim/optimum.ts';

type Link = { a: number; b: number; latencyMs: number; atA: number; atB: number };

function adjacencyOf(size: number, links: readonly Link[]): Hop[][] {
  const adjacency: Hop[][] = Array.from({ length: size }, () => []);
  for (const { a, b, latencyMs, atA, atB } of links) {
    if (a === b) continue;
    adjacency[a]?.push({ to: b, latencyMs, out: atA, into: atB });
    adjacency[b]?.push({ to: a, latencyMs, out: atB, into: atA });
  }
  return adjacency;
}

/** Every simple path, by brute force. */
function bruteForce(adjacency: readonly (readonly Hop[])[], source: number): number[] {
  const best = new Array<number>(adjacency.length).fill(Number.POSITIVE_INFINITY);
  const visit = (node: number, costMs: number, bits: number, width: number, seen: ReadonlySet<number>): void => {
    best[node] = Math.min(best[node] ?? 0, costMs);
    for (const hop of adjacency[node] ?? []) {
      const next = bits + Math.max(width, directorBits(hop.out));
      const back = directorBits(hop.into);
      if (seen.has(hop.to) || next > 59 || next + back > 63) continue;
      visit(hop.to, costMs + hop.latencyMs, next, back, new Set([...seen, hop.to]));
    }
  };
  visit(source, 0, 0, 4, new Set([source]));
  return best;
}

t.test('a line of 15 nodes has a label from end to end, one of 16 has not', async (t) => {
  const line = (size: number) =>
    adjacencyOf(
      size,
      Array.from({ length: size - 1 }, (_, a) => ({ a, b: a + 1, latencyMs: 2, atA: 2, atB: 0 })),
    );
  t.equal(optimum(line(15), 0).labelledMs[14], 28);
  t.equal(optimum(line(16), 0).labelledMs[15], Number.POSITIVE_INFINITY);
  t.equal(optimum(line(16), 0).anyMs[15], 30);
});

t.test('it is the cheapest of all paths that obey the rule', async (t) => {
  const links = fc.array(
    fc.record({
      a: fc.nat(7),
      b: fc.nat(7),
      latencyMs: fc.integer({ min: 1, max: 50 }),
      // Wide directors, so that the rule bites within eight nodes.
      atA: fc.constantFrom(2, 20, 200),
      atB: fc.constantFrom(2, 20, 200),
    }),
    { maxLength: 14 },
  );
  fc.assert(
    fc.property(links, (list) => {
      const adjacency = adjacencyOf(8, list);
      assert.deepEqual([...optimum(adjacency, 0).labelledMs], bruteForce(adjacency, 0));
    }),
    { numRuns: 200 },
  );
  t.pass();
});

/** Both replay windows: the stock one against its vectors, the wide one against the stock one and against a plain set. */

import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { createDataTable, type DataTable, WINDOW_PLACES, type WindowKind } from '../../src/channel/index.ts';
import { acceptStock, createStockWindow } from '../../src/channel/replay-stock.ts';
import { fakeSlots } from '../cryptoauth/support.ts';
import { vectors } from '../support/vectors.ts';

type Case = {
  name: string;
  counters: number[];
  accepted: string;
  end: { base: number; bits: string; duplicates: number; lost: number; outOfRange: number };
};

/** A table with one established row whose first data packet had this counter. */
function established(first: number, window: WindowKind = 'wide'): { table: DataTable; row: number } {
  const table = createDataTable(fakeSlots(), 1, window);
  const row = table.install(new Uint8Array(32), true, 4, 0);
  table.establish(row, first, 0);
  return { table, row };
}

for (const { name, counters, accepted, end } of vectors<{ replayWindow: Case[] }>('cryptoauth').replayWindow) {
  t.test(`stock window: ${name}`, async (t) => {
    const window = createStockWindow();
    t.equal(counters.map((counter) => (acceptStock(window, counter) ? '1' : '0')).join(''), accepted);
    const bits = [window.high, window.low].map((half) => half.toString(16).padStart(8, '0')).join('');
    const { base, duplicates, lost, outOfRange } = window;
    t.same({ base, bits, duplicates, lost, outOfRange }, end);
  });
}

/** Mostly small steps, some back, some far: what a network and an attacker do to a counter. */
const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 1, max: 3 }) },
    { weight: 4, arbitrary: fc.integer({ min: -70, max: 0 }) },
    { weight: 2, arbitrary: fc.integer({ min: -2500, max: 2500 }) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 100_000 }) },
  ),
  { maxLength: 300 },
);

function countersFrom(start: number, moves: readonly number[]): number[] {
  let newest = start;
  return moves.map((move) => {
    const counter = Math.min(Math.max(newest + move, 4), 0xffff_ffff);
    newest = Math.max(newest, counter);
    return counter;
  });
}

const starts = fc.oneof(
  fc.constantFrom(4, 5, 31, 32, 63, 64, 2047, 2048, 0xffff_0000),
  fc.integer({ min: 4, max: 5000 }),
);

t.test('the wide window accepts all that the stock one accepts', async (t) => {
  fc.assert(
    fc.property(starts, steps, (first, moves) => {
      const { table, row } = established(first);
      const stock = createStockWindow(first + 1);
      for (const counter of countersFrom(first, moves)) {
        const inWide = table.accept(row, counter);
        const inStock = acceptStock(stock, counter);
        assert(inWide || !inStock, `counter ${counter}`);
      }
    }),
  );
  t.pass();
});

t.test('a table with stock windows gives the verdicts of the oracle', async (t) => {
  fc.assert(
    fc.property(starts, steps, (first, moves) => {
      const { table, row } = established(first, 'stock');
      const oracle = createStockWindow(first + 1);
      for (const counter of countersFrom(first, moves)) {
        assert.equal(table.accept(row, counter), acceptStock(oracle, counter));
      }
      const { lost, duplicates, outOfRange } = oracle;
      assert.deepEqual(table.stats(row), { received: table.received[row], lost, duplicates, outOfRange });
    }),
  );
  t.pass();
});

t.test('R2: inside the window the verdict is that of a set, outside it is no', async (t) => {
  fc.assert(
    fc.property(starts, steps, (first, moves) => {
      const { table, row } = established(first);
      const seen = new Set([first]);
      let newest = first;
      let refusals = 0;
      for (const counter of countersFrom(first, moves)) {
        const expected = newest - counter < WINDOW_PLACES && !seen.has(counter);
        assert.equal(table.accept(row, counter), expected, `counter ${counter}, newest ${newest}`);
        if (expected) seen.add(counter);
        else refusals++;
        newest = Math.max(newest, counter);
      }
      const { received, lost, duplicates, outOfRange } = table.stats(row);
      assert.equal(received, seen.size);
      assert.equal(lost, newest - Math.min(...seen) + 1 - seen.size);
      assert.equal(duplicates + outOfRange, refusals);
    }),
  );
  t.pass();
});

t.test('R1: the edges of the window, as in the self test of WireGuard', async (t) => {
  const first = 4;
  const last = first + WINDOW_PLACES;
  const { table, row } = established(first);
  const steps: [number, boolean][] = [
    [first, false],
    [first + 1, true],
    [first + 1, false],
    [first + 9, true],
    [first + 8, true],
    [first + 7, true],
    [first + 7, false],
    [last - 1, true],
    [last - 1, false],
    [first + 2, true],
    [last, true],
    [first + 3, true],
    [first, false],
    [last + 16, true],
    [first + 16, false],
    [first + 17, true],
    [first + 17, false],
    [last + 16, false],
    [last + 15, true],
    [last * 4, true],
    [last * 4 - WINDOW_PLACES, false],
    [last * 4 - WINDOW_PLACES + 1, true],
    [last * 4 - WINDOW_PLACES + 1, false],
    [last * 4 + 1, true],
    [last * 4 - 1, true],
    [3, false],
    [0, false],
    [0xffff_ffef, true],
    [0xffff_ffee, true],
    [0xffff_ffef, false],
    [last * 4 + 2, false],
  ];
  for (const [index, [counter, verdict]] of steps.entries()) {
    t.equal(table.accept(row, counter), verdict, `step ${index}, counter ${counter}`);
  }
});

t.test('R1: a full window forwards, then backwards, then again', async (t) => {
  const { table, row } = established(4);
  for (let counter = 5; counter < 4 + WINDOW_PLACES; counter++) assert(table.accept(row, counter));
  for (let counter = 4 + WINDOW_PLACES - 1; counter >= 4; counter--) assert(!table.accept(row, counter));
  t.same(table.stats(row), { received: WINDOW_PLACES, lost: 0, duplicates: WINDOW_PLACES, outOfRange: 0 });
  const { table: reversed, row: other } = established(4 + WINDOW_PLACES - 1);
  for (let counter = 4 + WINDOW_PLACES - 2; counter >= 4; counter--) assert(reversed.accept(other, counter));
  t.same(reversed.stats(other), { received: WINDOW_PLACES, lost: 0, duplicates: 0, outOfRange: 0 });
});

t.test('packets that overtook the first one are not lost in the wide window', async (t) => {
  const { table, row } = established(9);
  t.equal(table.accept(row, 7), true);
  t.equal(table.accept(row, 7), false);
  t.equal(table.stats(row).lost, 1, 'counter 8 is missing');
});

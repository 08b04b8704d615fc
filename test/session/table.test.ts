import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { readU32 } from '../../src/base/index.ts';
import { asIp6 } from '../../src/crypto/index.ts';
import {
  claim,
  createSessionTable,
  enter,
  growSessionTable,
  leave,
  lookupAddress,
  lookupHandle,
  type SessionTable,
} from '../../src/session/table.ts';
import { sure } from '../cryptoauth/support.ts';

type Entry = { readonly address: readonly [number, number, number, number]; readonly handle: number };

/** Enters an entry under the lowest free number, as the sessions do. */
function put(table: SessionTable, oracle: Map<number, Entry>, entry: Entry): void {
  let number = 0;
  while (oracle.has(number)) number++;
  if (number >= table.capacity) growSessionTable(table);
  for (let i = 0; i < 4; i++) table.address[number * 4 + i] = entry.address[i] ?? 0;
  table.handle[number] = entry.handle;
  enter(table, number);
  oracle.set(number, entry);
}

function agrees(table: SessionTable, oracle: ReadonlyMap<number, Entry>): void {
  for (const [number, { address, handle }] of oracle) {
    assert.equal(lookupAddress(table, ...address), number);
    assert.equal(lookupHandle(table, handle), number);
  }
}

// Few bits differ, so that slots collide.
const word = fc.oneof(fc.constantFrom(0, 1, -1, -0x8000_0000), fc.integer());
const entry = fc.record({
  address: fc.tuple(word, word, word, word),
  handle: fc.integer().filter((handle) => handle !== 0 && handle !== -1),
});

t.test('whatever comes and goes, both look-ups find what a Map finds', async (t) => {
  const step = fc.oneof(
    { weight: 3, arbitrary: entry },
    { weight: 1, arbitrary: fc.nat(1_000).map((which) => ({ remove: which })) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const table = createSessionTable();
      const oracle = new Map<number, Entry>();
      const gone: Entry[] = [];
      for (const one of steps) {
        if ('remove' in one) {
          const number = [...oracle.keys()][one.remove % Math.max(1, oracle.size)];
          const removed = number === undefined ? undefined : oracle.get(number);
          if (number === undefined || removed === undefined) continue;
          leave(table, number);
          oracle.delete(number);
          gone.push(removed);
        } else {
          const clashes = [...oracle.values()].some(
            ({ address, handle }) => handle === one.handle || address.join() === one.address.join(),
          );
          if (!clashes) put(table, oracle, one);
        }
        agrees(table, oracle);
      }
      for (const { address, handle } of gone) {
        const still = [...oracle.values()];
        if (!still.some((other) => other.address.join() === address.join()))
          assert.equal(lookupAddress(table, ...address), -1);
        if (!still.some((other) => other.handle === handle)) assert.equal(lookupHandle(table, handle), -1);
      }
    }),
    { numRuns: 60 },
  );
  t.pass();
});

t.test('a table that grew has kept every field', async (t) => {
  const table = createSessionTable();
  const oracle = new Map<number, Entry>();
  for (let i = 0; i < 100; i++) put(table, oracle, { address: [-67_108_864, i, 0, 0], handle: 100 + i });
  t.equal(table.capacity, 128);
  agrees(table, oracle);
  t.equal(lookupAddress(table, -67_108_864, 100, 0, 0), -1);
  t.equal(lookupHandle(table, 99), -1);
  table.sendRow[3] = 7;
  table.rxBytes[3] = 1e12;
  table.usedMs[99] = 5;
  table.shift[3] = 63;
  growSessionTable(table);
  t.same([table.sendRow[3], table.rxBytes[3], table.usedMs[99], table.shift[3]], [7, 1e12, 5, 63]);
  t.same([table.sendRow[200], table.openRow[200], table.firstHop[200]], [-1, -1, -1]);
  t.same([table.unansweredSinceMs[200], table.usedMs[200]], [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
});

t.test('a number that was given back is as good as new, in every column', async (t) => {
  const isColumn = ([name]: [string, unknown]) => !['byAddress', 'byHandle', 'capacity', 'mask'].includes(name);
  const columnsOf = (table: SessionTable) => Object.entries(table).filter(isColumn) as [string, Int32Array][];
  const table = createSessionTable();
  put(table, new Map(), { address: [1, 2, 3, 4], handle: 9 });
  for (const [, column] of columnsOf(table)) column.fill(5, 0, column.length / table.capacity);
  leave(table, 0);
  const fresh = new Map(columnsOf(createSessionTable()));
  for (const [name, column] of columnsOf(table)) t.same(column, fresh.get(name), name);
});

t.test('a new session has the least free number and a handle of its own, no nonce and no CTRL mark', async (t) => {
  const table = createSessionTable();
  const draws = [0, 0, 0xff, 0xff, 0x55];
  let drawn = 0;
  const rng = { bytes: (length: number) => new Uint8Array(length).fill(draws[drawn++] ?? drawn) };
  const addressOf = (last: number) => sure(asIp6(Uint8Array.of(0xfc, ...new Uint8Array(14), last)));
  const numbers = [1, 2, 3].map((last) => claim(table, rng, addressOf(last)));
  t.same(numbers, [0, 1, 2]);
  // Each is drawn again where another session has it.
  t.same(
    [...table.handle.subarray(0, 3)].map((handle) => handle >>> 0),
    [4, 0xffff_fffe, 0x5555_5557],
  );
  leave(table, 1);
  t.equal(claim(table, rng, addressOf(4)), 1);
  t.equal(lookupAddress(table, readU32(addressOf(4), 0) | 0, 0, 0, 4), 1);
  for (let last = 5; table.handle.indexOf(0) >= 0; last++) claim(table, rng, addressOf(last));
  t.equal(claim(table, rng, addressOf(200)), 8, 'behind the last one where it was full');
});

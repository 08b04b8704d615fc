import t from 'tap';
import { COUNTER_LIMIT, createDataTable, openSlot, sealSlot } from '../../src/channel/index.ts';
import { fakeSlots } from '../cryptoauth/support.ts';

const key = (byte: number) => new Uint8Array(32).fill(byte);
const hex = (byte: number) => byte.toString(16).padStart(2, '0').repeat(32);

t.test('a row has two key slots, with the counters at the place of the side that seals', async (t) => {
  const keys = fakeSlots();
  const table = createDataTable(keys, 8);
  const ours = table.install(key(1), true, 4, 0);
  const theirs = table.install(key(2), false, 6, 0);
  t.equal(keys.slots.get(sealSlot(ours)), `${hex(1)}@4`);
  t.equal(keys.slots.get(openSlot(ours)), `${hex(1)}@0`);
  t.equal(keys.slots.get(sealSlot(theirs)), `${hex(2)}@0`);
  t.equal(keys.slots.get(openSlot(theirs)), `${hex(2)}@4`);
  t.same([table.sendCounter[ours], table.sendCounter[theirs]], [4, 6]);
});

t.test('a row that is not established accepts nothing', async (t) => {
  const table = createDataTable(fakeSlots(), 8);
  const row = table.install(key(1), true, 4, 0);
  t.equal(table.accept(row, 4), false);
  t.equal(table.accept(99, 4), false, 'nor does a row that does not exist');
  t.same(table.stats(row), { received: 0, lost: 0, duplicates: 0, outOfRange: 0 });
});

t.test('a freed row keeps no key, and cannot seal', async (t) => {
  const keys = fakeSlots();
  const table = createDataTable(keys, 8);
  const row = table.install(key(1), true, 4, 0);
  table.establish(row, 4, 0);
  table.free(row);
  t.equal(keys.slots.size, 0);
  t.equal(table.accept(row, 5), false);
  t.equal(table.sendCounter[row], COUNTER_LIMIT);
  t.equal(table.rowsUsed, 0);
});

t.test('a row number is reused as late as possible, with an empty window', async (t) => {
  const table = createDataTable(fakeSlots(), 4);
  const rows = [1, 2, 3, 4].map((byte) => table.install(key(byte), true, 4, 0));
  const [first = -1, second = -1] = rows;
  table.establish(first, 900, 0);
  table.free(first);
  table.free(second);
  t.equal(table.install(key(5), true, 4, 0), first);
  t.equal(table.install(key(6), true, 4, 0), second);
  table.establish(first, 4, 0);
  t.equal(table.accept(first, 900), true);
});

t.test('the table grows by doubling, keeps what it holds, and stops at its bound', async (t) => {
  const table = createDataTable(fakeSlots(), 50);
  const lengths = new Set<number>();
  for (let index = 0; index < 50; index++) {
    const row = table.install(key(index), true, 100 + index, index);
    table.establish(row, 1000 + index, index);
    lengths.add(table.sendCounter.length);
  }
  t.same([...lengths], [16, 32, 50]);
  t.equal(table.full, true);
  t.equal(table.install(key(0), true, 4, 0), -1);
  for (let row = 0; row < 50; row++) {
    t.same([table.sendCounter[row], table.lastInMs[row], table.established[row]], [100 + row, row, 1]);
    t.same([table.accept(row, 1000 + row), table.accept(row, 1001 + row)], [false, true]);
  }
});

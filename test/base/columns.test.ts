import t from 'tap';
import { clearRow, createColumns, growColumns } from '../../src/base/index.ts';

const SPEC = {
  row: [Int32Array, -1],
  bytes: [Float64Array, 0],
  sinceMs: [Float64Array, Number.POSITIVE_INFINITY],
  address: [Uint32Array, 7, 4],
  flag: [Uint8Array, 0],
} as const;

t.test('rows begin empty, with what the specification says', async (t) => {
  const columns = createColumns(SPEC, 2);
  t.same([...columns.row], [-1, -1]);
  t.same([...columns.sinceMs], [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]);
  t.same([...columns.address], [7, 7, 7, 7, 7, 7, 7, 7]);
});

t.test('growing keeps what is there, and adds empty rows', async (t) => {
  const columns = createColumns(SPEC, 1);
  columns.row[0] = 5;
  columns.address[3] = 9;
  growColumns(SPEC, columns, 3);
  t.same([...columns.row], [5, -1, -1]);
  t.same([...columns.address], [7, 7, 7, 9, 7, 7, 7, 7, 7, 7, 7, 7]);
  t.equal(columns.flag.length, 3);
});

t.test('a cleared row is empty in all columns, and its neighbours are as they were', async (t) => {
  const columns = createColumns(SPEC, 3);
  for (const row of [0, 1, 2]) {
    columns.row[row] = row;
    columns.bytes[row] = 10;
    columns.sinceMs[row] = 20;
    columns.flag[row] = 1;
    columns.address.fill(row, row * 4, row * 4 + 4);
  }
  clearRow(SPEC, columns, 1);
  t.same([...columns.row], [0, -1, 2]);
  t.same([...columns.bytes], [10, 0, 10]);
  t.same([...columns.sinceMs], [20, Number.POSITIVE_INFINITY, 20]);
  t.same([...columns.flag], [1, 0, 1]);
  t.same([...columns.address], [0, 0, 0, 0, 7, 7, 7, 7, 2, 2, 2, 2]);
});

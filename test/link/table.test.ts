import t from 'tap';
import { bindEndpoint, clearLink, createLinkTable, type LinkTable } from '../../src/link/table.ts';

t.test('an interface number that was given back is as good as new, in every column', async (t) => {
  const columnsOf = (table: LinkTable) =>
    (Object.entries(table) as [string, Int32Array][]).filter(([name]) => name !== 'byEndpoint');
  const table = createLinkTable();
  for (const [, column] of columnsOf(table)) column.fill(5, 7, 8);
  bindEndpoint(table, 3, 7);
  clearLink(table, 7);
  const fresh = new Map(columnsOf(createLinkTable()));
  for (const [name, column] of columnsOf(table)) t.same(column, fresh.get(name), name);
  t.equal(table.byEndpoint[3], 7, 'the slot is unbound by whoever forgets it');
});

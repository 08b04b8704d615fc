import t from 'tap';
import { renderPairs, renderTable } from '../../src/cli/table.ts';

t.test('columns are as wide as their widest cell, and nothing trails', async (t) => {
  const lines = renderTable(
    [{ title: 'NAME' }, { title: 'RTT', align: 'right' }, { title: 'VIA' }],
    [
      ['a', '12.3 ms', ''],
      ['longer', '1 s', 'x'],
    ],
  );
  t.same(lines, ['NAME        RTT  VIA', 'a       12.3 ms', 'longer      1 s  x']);
});

t.test('wide letters take two columns, combining marks none', async (t) => {
  t.same(
    renderTable(
      [{ title: 'N' }, { title: 'X' }],
      [
        ['日本', 'a'],
        ['e\u0301', 'b'],
      ],
    ),
    ['N     X', '日本  a', 'e\u0301     b'],
  );
});

t.test('names and values stand in two columns', async (t) => {
  t.same(
    renderPairs([
      ['a', '1'],
      ['long', ''],
    ]),
    ['a     1', 'long'],
  );
});

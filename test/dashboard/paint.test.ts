import t from 'tap';
import { line, piece } from '../../src/dashboard/line.ts';
import { changes, rowsOf } from '../../src/dashboard/paint.ts';
import { themeFor } from '../../src/dashboard/theme.ts';

const PLAIN = themeFor({ NO_COLOR: '1' });

t.test('only rows that changed are sent, each to its place', async (t) => {
  const before = rowsOf([line('a'), line('b'), line('c')], PLAIN, 10);
  const after = rowsOf([line('a'), line('B'), line('c')], PLAIN, 10);
  t.equal(changes(before, after), '\u001b[2;1HB\u001b[K');
  t.equal(changes(after, after), '');
  t.equal(changes([], before).split('\u001b[K').length, 4, 'all of them on an empty screen');
});

t.test('rows that are no more are erased', async (t) => {
  const rows = rowsOf([line('a'), line('b')], PLAIN, 10);
  t.equal(changes(rows, rows.slice(0, 1)), '\u001b[2;1H\u001b[K');
});

t.test('a row as wide as the terminal keeps its last letter', async (t) => {
  const [full, wide] = rowsOf([line('abc'), line('ab漢')], PLAIN, 3);
  t.equal(full, 'abc');
  t.equal(wide, 'ab漢');
});

t.test('tones become weights and colours, and end with their text', async (t) => {
  const theme = themeFor({ FCMESH_BACKGROUND: 'dark' });
  const [row] = rowsOf([[piece('x'), piece('up', 'good'), piece('y', 'strong'), piece('z', 'chosen')]], theme, 80);
  t.equal(row, 'x\u001b[38;5;114mup\u001b[0m\u001b[1my\u001b[0m\u001b[7mz\u001b[0m\u001b[K');
});

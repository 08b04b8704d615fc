/** Aligned columns for the terminal. */

/** A column: its title, and on which side the cells are flush. */
export type Column = { readonly title: string; readonly align?: 'left' | 'right' };

/** Lines of a table, title first; columns are two spaces apart, and nothing trails. Cells hold plain text, no colours. */
export function renderTable(columns: readonly Column[], rows: readonly (readonly string[])[]): readonly string[] {
  const widths = columns.map((column, index) =>
    Math.max(width(column.title), ...rows.map((row) => width(row[index] ?? ''))),
  );
  const titles = columns.map((column) => column.title);
  return [titles, ...rows].map((row) =>
    columns
      .map((column, index) => pad(row[index] ?? '', widths[index] ?? 0, column.align ?? 'left'))
      .join('  ')
      .trimEnd(),
  );
}

/** `name   value` lines. */
export function renderPairs(pairs: readonly (readonly [name: string, value: string])[]): readonly string[] {
  const longest = Math.max(0, ...pairs.map(([name]) => width(name)));
  return pairs.map(([name, value]) => `${pad(name, longest, 'left')}  ${value}`.trimEnd());
}

function pad(text: string, size: number, align: 'left' | 'right'): string {
  const blank = ' '.repeat(Math.max(0, size - width(text)));
  return align === 'left' ? text + blank : blank + text;
}

/** Columns of a terminal that a text takes: wide letters of East Asia and emoji take two, combining marks none. */
function width(text: string): number {
  let columns = 0;
  for (const symbol of text) {
    if (/\p{Mn}/u.test(symbol)) continue;
    columns +=
      /[\u1100-\u115f\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60]|\p{Extended_Pictographic}/u.test(
        symbol,
      )
        ? 2
        : 1;
  }
  return columns;
}

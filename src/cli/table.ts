/** Aligned columns for the terminal. */
import { fit, width } from '../text/index.ts';

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
      .map((column, index) => fit(row[index] ?? '', widths[index] ?? 0, column.align ?? 'left'))
      .join('  ')
      .trimEnd(),
  );
}

/** `name   value` lines. */
export function renderPairs(pairs: readonly (readonly [name: string, value: string])[]): readonly string[] {
  const longest = Math.max(0, ...pairs.map(([name]) => width(name)));
  return pairs.map(([name, value]) => `${fit(name, longest)}  ${value}`.trimEnd());
}

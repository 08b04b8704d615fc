/** Rows under titles: as many columns as fit, those that matter most first. */

import { fit, width } from '../text/index.ts';
import { type Line, type Piece, piece } from './line.ts';
import type { List } from './list.ts';

/** A column. */
export type Column<R> = {
  readonly title: string;
  /** Characters, with the gap to the column before it. */
  readonly width: number;
  readonly align: 'left' | 'right';
  /** Columns with the highest rank go first where there is not enough room; 0 = never. */
  readonly rank: number;
  readonly cell: (row: R) => string | Piece;
};

/** Where the rows begin: the cursor and a blank. */
export const MARGIN = 2;

/** The columns that fit into `columns` characters. */
export function fitting<R>(all: readonly Column<R>[], columns: number): readonly Column<R>[] {
  let kept = all;
  while (total(kept) > columns) {
    const worst = Math.max(...kept.map((column) => column.rank));
    if (worst <= 0) break;
    kept = kept.filter((column) => column.rank !== worst);
  }
  return kept;
}

/** Characters that the columns take, margin included. */
export function total<R>(columns: readonly Column<R>[]): number {
  return columns.reduce((sum, column) => sum + column.width, MARGIN);
}

/** The line of titles; that of the sorted column carries an arrow. */
export function titles<R>(columns: readonly Column<R>[], list: List, sortedBy: string | null): Line {
  const marked = columns.map((column) => {
    const isSorted = sortedBy !== null && column.title.trim() === sortedBy;
    const title = isSorted ? `${column.title.trim()}${list.reversed ? '▴' : '▾'}` : column.title;
    return fit(title, column.width, column.align);
  });
  return [piece(' '.repeat(MARGIN) + marked.join(''), 'dim')];
}

/** One row; the one under the cursor is marked and bold. */
export function tableRow<R>(columns: readonly Column<R>[], row: R, isChosen: boolean): Line {
  const cells = columns.map((column) => {
    const cell = column.cell(row);
    const { text, tone } = typeof cell === 'string' ? piece(cell) : cell;
    const fitted = column.align === 'left' ? leftCell(text, column.width) : fit(text, column.width, 'right');
    return piece(fitted, isChosen && tone === 'plain' ? 'strong' : tone);
  });
  return [piece(isChosen ? '> ' : '  ', 'strong'), ...cells];
}

/** The last character of a left column stays blank, unless it is a bar that is as wide as its column. */
function leftCell(text: string, size: number): string {
  return width(text) >= size && !/^[▁-▇ ]+$/.test(text) ? `${fit(text, size - 1)} ` : fit(text, size);
}

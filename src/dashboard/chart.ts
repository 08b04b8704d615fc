/**
 * A line chart of box characters with a logarithmic axis, so that a round trip of 1 ms and one of 200 ms both show what
 * they do:
 *
 *   40 ┤
 *   20 ┤        ╭╮
 *   10 ┼────────╯╰────────────
 */
import { three } from '../text/index.ts';

/** Marks of the axis start at such a number times a power of ten, and double from there. */
const STARTS = [5, 2, 1] as const;
const LABEL_COLUMNS = 4;

/** Columns of the axis: label and line. */
export const AXIS_COLUMNS = LABEL_COLUMNS + 2;

type Scale = { readonly low: number; readonly doublings: number; readonly rowsPerDoubling: number };

/**
 * Draws `values`, oldest first, one column each.
 * @param values positive; null leaves a gap
 * @param atMost height, at least 2
 * @returns the lines, top first; null if there is nothing to draw
 */
export function chart(values: readonly (number | null)[], atMost: number): readonly string[] | null {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return null;
  const scale = scaleOf(Math.min(...known), Math.max(...known), atMost);
  const rows = Math.min(atMost, Math.round(scale.doublings * scale.rowsPerDoubling) + 1);
  const levels = values.map((value) => (value === null ? null : levelOf(value, scale, rows)));
  const cells = Array.from({ length: rows }, () => Array.from({ length: values.length }, () => ' '));
  const put = (level: number, column: number, symbol: string) => {
    const row = cells[rows - 1 - level];
    if (row !== undefined) row[column] = symbol;
  };
  levels.forEach((level, column) => {
    const before = levels[column - 1] ?? level;
    if (level === null || before === null) return;
    if (level === before) {
      put(level, column, '─');
      return;
    }
    put(before, column, level > before ? '╯' : '╮');
    put(level, column, level > before ? '╭' : '╰');
    for (let between = Math.min(level, before) + 1; between < Math.max(level, before); between++) {
      put(between, column, '│');
    }
  });
  return cells.map((row, index) => axis(rows - 1 - index, scale, levels[0] ?? null) + row.join('').trimEnd());
}

/** The finest scale that holds both values in so many rows. */
function scaleOf(smallest: number, largest: number, rows: number): Scale {
  const low = startBelow(Math.max(smallest, 0.001));
  const doublings = Math.max(1, Math.ceil(Math.log2(Math.max(largest, low) / low) - 1e-9));
  const rowsPerDoubling = (rows - 1) / doublings;
  return { low, doublings, rowsPerDoubling: rowsPerDoubling >= 1 ? Math.floor(rowsPerDoubling) : rowsPerDoubling };
}

function startBelow(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value) + 1e-9);
  return (STARTS.find((start) => start * power <= value * (1 + 1e-9)) ?? 1) * power;
}

function levelOf(value: number, scale: Scale, rows: number): number {
  const level = Math.round(Math.log2(Math.max(value, scale.low) / scale.low) * scale.rowsPerDoubling);
  return Math.min(rows - 1, Math.max(0, level));
}

function axis(level: number, scale: Scale, first: number | null): string {
  // Where doublings are closer than rows, a row is labelled with its own value.
  const doubling =
    scale.rowsPerDoubling >= 1 ? level / scale.rowsPerDoubling : Math.round(level / scale.rowsPerDoubling);
  const label = Number.isInteger(doubling) ? three(scale.low * 2 ** doubling) : '';
  return `${label.padStart(LABEL_COLUMNS)} ${level === first ? '┼' : '┤'}`;
}

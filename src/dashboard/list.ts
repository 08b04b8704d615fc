/**
 * A list on the screen: which rows, in which order, where the cursor is and what of it is seen. Pure.
 * Nothing jumps: the cursor stays on its row when the order changes, equal rows keep their order.
 */

/** A row has a name of its own that outlives changes of its values. */
export type Row = { readonly id: string };

/** A way to sort. */
export type Sorting<R> = {
  readonly title: string;
  /** Null sorts last, whatever the direction. */
  readonly value: (row: R) => number | string | null;
  /** What stands first: what one looks for. */
  readonly first: 'least' | 'most';
};

/** What can be done with the rows of a list. */
export type Kind<R> = {
  readonly sortings: readonly Sorting<R>[];
  /** The text that the filter looks at. */
  readonly text: (row: R) => string;
  /** Lines that the row takes. */
  readonly height: (row: R) => number;
};

export type List = {
  /** Row under the cursor. */
  readonly cursor: string | null;
  /** Where it is in `order`. */
  readonly index: number;
  /** First row that is seen. */
  readonly top: number;
  /** Number of the sorting; -1 = as the daemon lists them. */
  readonly sorting: number;
  readonly reversed: boolean;
  readonly filter: string;
  /** Names of the rows, filtered and sorted. */
  readonly order: readonly string[];
};

export const EMPTY_LIST: List = {
  cursor: null,
  index: 0,
  top: 0,
  sorting: -1,
  reversed: false,
  filter: '',
  order: [],
};

/**
 * Takes new rows in, or a new sorting or filter that was just set on `list`.
 * @param space lines there are for rows
 */
export function arranged<R extends Row>(list: List, rows: readonly R[], kind: Kind<R>, space: number): List {
  const wanted = list.filter.toLowerCase();
  const kept = wanted === '' ? rows : rows.filter((row) => kind.text(row).toLowerCase().includes(wanted));
  const sorting = kind.sortings[list.sorting];
  const sorted = sorting === undefined ? [...kept] : sortedBy(inOrder(kept, list.order), sorting, list.reversed);
  if (sorting === undefined && list.reversed) sorted.reverse();
  const order = sorted.map((row) => row.id);
  const found = list.cursor === null ? -1 : order.indexOf(list.cursor);
  const index = found >= 0 ? found : Math.max(0, Math.min(list.index, order.length - 1));
  const heights = sorted.map(kind.height);
  return { ...list, order, index, cursor: order[index] ?? null, top: scrolled(heights, list.top, index, space) };
}

/** The cursor moved by so many rows. Call `arranged` afterwards. */
export function moved(list: List, by: number): List {
  const index = Math.max(0, Math.min(list.order.length - 1, list.index + by));
  return { ...list, index, cursor: list.order[index] ?? null };
}

/** The cursor on the row of that name; unchanged if there is none. */
export function pointedAt(list: List, id: string | null): List {
  return id === null ? list : { ...list, cursor: id };
}

/** The next way to sort; after the last one the order of the daemon. */
export function nextSorting(list: List, count: number): List {
  const sorting = list.sorting + 1;
  return { ...list, sorting: sorting < count ? sorting : -1, reversed: false };
}

/** Rows from `top` on that fit into `space` lines. */
export function seen(heights: readonly number[], top: number, space: number): number {
  let used = 0;
  let count = 0;
  for (let index = top; index < heights.length; index++) {
    used += heights[index] ?? 1;
    if (used > space) break;
    count++;
  }
  return count;
}

/** The first row to be seen, moved as little as possible so that the cursor is among those seen. */
function scrolled(heights: readonly number[], top: number, index: number, space: number): number {
  let first = Math.max(0, Math.min(top, index, heights.length - 1));
  while (first < index && first + seen(heights, first, space) <= index) first++;
  // No blank below while rows are hidden above.
  while (first > 0 && first - 1 + seen(heights, first - 1, space) >= heights.length) first--;
  return first;
}

/** Rows in the order they had, new ones last. */
function inOrder<R extends Row>(rows: readonly R[], order: readonly string[]): R[] {
  const rank = new Map(order.map((id, index) => [id, index]));
  return [...rows].sort((a, b) => (rank.get(a.id) ?? order.length) - (rank.get(b.id) ?? order.length));
}

function sortedBy<R>(rows: R[], sorting: Sorting<R>, reversed: boolean): R[] {
  const direction = (sorting.first === 'most') === reversed ? 1 : -1;
  return rows
    .map((row) => ({ row, value: sorting.value(row) }))
    .sort((a, b) => {
      if (a.value === null || b.value === null) return Number(a.value === null) - Number(b.value === null);
      if (typeof a.value === 'string' || typeof b.value === 'string') {
        return String(a.value).localeCompare(String(b.value)) * direction;
      }
      return (a.value - b.value) * direction;
    })
    .map(({ row }) => row);
}

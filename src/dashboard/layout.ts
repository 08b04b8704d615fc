/** Which lines of the screen belong to what; the model needs it to keep the cursor in view, the screens to draw. */

/** The terminal, in characters. */
export type Size = { readonly columns: number; readonly rows: number };

/** Title, totals, rule above; rule and keys below. */
const HEAD_LINES = 3;
const FOOT_LINES = 2;
/** The titles of the columns. */
const TITLE_LINES = 1;

/**
 * Lines of a frame. One less than the terminal has: Ink clears the whole screen for every frame that fills it, which
 * flickers.
 */
export function frameLines(size: Size): number {
  return size.rows - 1;
}

/** Lines between head and foot. */
export function bodyLines(size: Size): number {
  return Math.max(1, frameLines(size) - HEAD_LINES - FOOT_LINES);
}

/** Lines of the notices under the peers: what the daemon warns of. */
export function noticeLines(size: Size, notices: number): number {
  return size.rows < 16 ? Math.min(1, notices) : Math.min(3, notices);
}

/** Lines of the path under the routes, its rule included. */
export function pathLines(size: Size): number {
  return Math.max(0, Math.min(16, Math.floor(bodyLines(size) / 2)));
}

/** Lines for the rows of a table. @param taken lines of the body that something else needs */
export function rowLines(size: Size, taken: number): number {
  return Math.max(1, bodyLines(size) - TITLE_LINES - taken);
}

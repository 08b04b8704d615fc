/**
 * The replay window of the stock programs, exactly: 64 places, moved in jumps. It is the oracle for the larger window of
 * `data-table.ts`, and what nodes under the rules 'stock' use. Source: protocol 02 §9.
 */

/** Two halves make the 64 bits: place i stands for counter `base + i`. */
export type StockWindow = {
  base: number;
  low: number;
  high: number;
  duplicates: number;
  lost: number;
  outOfRange: number;
};

const PLACES = 64;
const HALF = 32;
const ALL = 0xffff_ffff;
/** Where the newest counter lies after a forced jump: 47 places for older packets and 16 for newer ones remain. */
const AFTER_JUMP = 47;

/** An empty window from `base` on. */
export function createStockWindow(base = 0): StockWindow {
  return { base, low: 0, high: 0, duplicates: 0, lost: 0, outOfRange: 0 };
}

/**
 * May the packet with this counter be delivered? Marks it as seen, and counts it when it is refused.
 * @param counter 0 to 2^32 - 1, of a packet whose tag was found good
 */
export function acceptStock(window: StockWindow, counter: number): boolean {
  if (counter < window.base) {
    window.outOfRange++;
    return false;
  }
  let offset = counter - window.base;
  while (offset >= PLACES) {
    const contiguous = window.low === ALL;
    const shift = contiguous ? HALF : offset - AFTER_JUMP;
    if (!contiguous) window.lost += shift - countBelow(window, shift);
    window.base += shift;
    shiftOut(window, shift);
    offset -= shift;
  }
  const bit = (1 << (offset % HALF)) >>> 0;
  const half = offset < HALF ? 'low' : 'high';
  if ((window[half] & bit) !== 0) {
    window.duplicates++;
    return false;
  }
  window[half] = (window[half] | bit) >>> 0;
  return true;
}

/** Set bits among the first `count` places. */
function countBelow(window: StockWindow, count: number): number {
  if (count >= PLACES) return ones(window.low) + ones(window.high);
  if (count > HALF) return ones(window.low) + ones(window.high & (2 ** (count - HALF) - 1));
  return ones(count === HALF ? window.low : window.low & (2 ** count - 1));
}

function shiftOut(window: StockWindow, count: number): void {
  const { low, high } = window;
  if (count >= PLACES) {
    window.low = 0;
    window.high = 0;
  } else if (count >= HALF) {
    window.low = high >>> (count - HALF);
    window.high = 0;
  } else {
    window.low = ((low >>> count) | (high << (HALF - count))) >>> 0;
    window.high = high >>> count;
  }
}

/** Number of set bits of a 32-bit integer. */
function ones(value: number): number {
  let rest = value;
  let count = 0;
  for (; rest !== 0; rest &= rest - 1) count++;
  return count;
}

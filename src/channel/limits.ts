/** Our own numbers for secure channels, each with its reason. */

/** 32-bit words of the replay window of a row. 64 words are 2048 places, of which the oldest word is being reused. */
export const WINDOW_WORDS = 64;

/** Packets may come this many places late: a burst of 1 Gbit/s over paths that differ by 20 ms. */
export const WINDOW_PLACES = (WINDOW_WORDS - 1) * 32;

/** Rows of a fresh data table; it doubles when full. 16 rows hold a small node. */
export const FIRST_ROWS = 16;

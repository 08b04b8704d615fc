/**
 * What people read, in the commands and on the dashboard alike: numbers with their units, text in columns of a terminal.
 *
 * Promises: a value that is not known is a dash, never 0; text from elsewhere cannot move the cursor.
 * Refuses: to be parsed (that is what `--json` is for), to know colours.
 */
export { fit, middleAddress, printable, shortAddress, shorten, width, wrapped } from './columns.ts';
export { type KeptOut, keptOutText } from './kept-out.ts';
export { nobodyText } from './nobody.ts';
export { sessionState } from './states.ts';
export {
  formatBitRate,
  formatBytes,
  formatCount,
  formatDuration,
  formatMs,
  formatPercent,
  formatRate,
  formatText,
  formatTime,
  plural,
  three,
  UNKNOWN,
} from './units.ts';

/**
 * From lines to what the terminal is sent: only the rows that say something else than before. Ink would lay out, measure
 * and write the whole screen for every change: most of what the dashboard cost.
 */
import { type Frame, type Line, lineWidth } from './line.ts';
import type { Style, Theme } from './theme.ts';

const ESC = '\u001b[';
const RESET = `${ESC}0m`;
/** Erases what is right of the cursor. */
const ERASE_REST = `${ESC}K`;
/** Erases everything, and goes home. */
export const CLEAR = `${ESC}2J${ESC}H`;
/** The second screen of the terminal without a cursor, and back: what was there before is there again. */
export const ENTER = `${ESC}?1049h${ESC}?25l${CLEAR}`;
export const LEAVE = `${RESET}${ESC}?25h${ESC}?1049l`;

/** What stands on the screen, row by row, as it was sent. */
export type Painted = readonly string[];

/** The rows of a frame, ready to be sent. @param columns width of the terminal */
export function rowsOf(frame: Frame, theme: Theme, columns: number): Painted {
  return frame.map((line) => rowOf(line, theme, columns));
}

/** What turns the screen `before` into `after`; empty if it says the same. */
export function changes(before: Painted, after: Painted): string {
  let text = '';
  for (let row = 0; row < Math.max(before.length, after.length); row++) {
    const wanted = after[row] ?? ERASE_REST;
    if (before[row] !== wanted) text += `${ESC}${row + 1};1H${wanted}`;
  }
  return text;
}

function rowOf(line: Line, theme: Theme, columns: number): string {
  const text = line.map((part) => styled(part.text, theme[part.tone])).join('');
  // In the last column the cursor stands on the last letter: erasing there would take it away.
  return lineWidth(line) < columns ? text + ERASE_REST : text;
}

function styled(text: string, { color, bold, dim, inverse }: Style): string {
  const codes = [bold ? '1' : '', dim ? '2' : '', inverse ? '7' : '', color === undefined ? '' : `38;5;${color}`];
  const set = codes.filter((code) => code !== '').join(';');
  return set === '' ? text : `${ESC}${set}m${text}${RESET}`;
}

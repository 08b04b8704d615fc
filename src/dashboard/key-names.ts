/** From what Ink reports to the names of keys.ts. */
import type { Key as InkKey } from 'ink';
import type { Key } from './keys.ts';

const NAMES: readonly (readonly [flag: keyof InkKey, name: Key])[] = [
  ['upArrow', 'up'],
  ['downArrow', 'down'],
  ['leftArrow', 'left'],
  ['rightArrow', 'right'],
  ['pageUp', 'pageup'],
  ['pageDown', 'pagedown'],
  ['home', 'home'],
  ['end', 'end'],
  ['return', 'enter'],
  ['escape', 'escape'],
  ['tab', 'tab'],
  ['backspace', 'backspace'],
  // Most terminals send this for the backspace key.
  ['delete', 'backspace'],
];

/** The keys of one report; a slow line or a paste brings several letters at once. */
export function keysOf(input: string, key: Partial<InkKey>): readonly Key[] {
  if (key.ctrl === true) return input === 'c' ? ['ctrl-c'] : [];
  const named = NAMES.find(([flag]) => key[flag] === true);
  if (named !== undefined) return [named[1]];
  return [...input].map((letter) => (letter === '\r' || letter === '\n' ? 'enter' : letter)).filter(isKey);
}

function isKey(letter: string): boolean {
  return letter === 'enter' || !/[\p{Cc}\p{Cf}]/u.test(letter);
}

/**
 * Gives back what only the start needed: syntax trees, source text, code that ran once. V8 would keep it until the heap has
 * doubled, and an idle daemon makes so little garbage that this takes hours.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Collects all garbage now, which keeps everything else waiting for some 10 ms.
 * There is no other way to ask for it: the flag shows its function to contexts that are made after it was set.
 */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  setFlagsFromString('--no-expose-gc');
  if (typeof collect === 'function') collect();
}

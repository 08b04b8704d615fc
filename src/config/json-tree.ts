/**
 * JSON within bounds, for a text that a program of ours made: counted first, then read by the engine's own parser, so
 * that whoever sends one to a running daemon does not hold it up.
 */
import { MAX_FILE_BYTES, MAX_NESTING, MAX_VALUES } from './limits.ts';

/** A tree, or why there is none. */
export type JsonTree = { readonly ok: true; readonly tree: unknown } | { readonly ok: false; readonly message: string };

/** Reads a text. Never throws; time is linear in its length, and memory in `MAX_VALUES`. */
export function readJson(text: string): JsonTree {
  if (text.length > MAX_FILE_BYTES) return { ok: false, message: 'is larger than 1 MB' };
  const { values, depth } = sizeOf(text);
  // Before it is parsed: the parser recurses.
  if (depth > MAX_NESTING) return { ok: false, message: 'is nested too deeply' };
  if (values > MAX_VALUES) return { ok: false, message: `holds more than ${MAX_VALUES} values` };
  try {
    return { ok: true, tree: JSON.parse(text) as unknown };
  } catch {
    return { ok: false, message: 'is not the JSON that "fcmesh reload" sends' };
  }
}

/** At least as many values, and as deep, as the text holds if it is JSON; what stands in quotes does not count. */
function sizeOf(text: string): { readonly values: number; readonly depth: number } {
  let values = 1;
  let open = 0;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const symbol = text[at];
    if (symbol === '"') at = endOfString(text, at);
    else if (symbol === ']' || symbol === '}') open--;
    else if (symbol === '[' || symbol === '{') {
      depth = Math.max(depth, ++open);
      values++;
    } else if (symbol === ',') values++;
  }
  return { values, depth };
}

/** The closing quote of a text that begins at `start`. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}

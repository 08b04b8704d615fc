/** Reads `test/vectors/*.json` and hex. */
import { readFileSync } from 'node:fs';

/** One file of vectors; the caller says what is in it. */
export function vectors<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), 'utf8')) as T;
}

/** Bytes of a hex text that is known to be one. */
export function hex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'hex'));
}

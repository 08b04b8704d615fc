/**
 * Private keys are taken out of a configuration while it is bytes: what has been a string once stays in the heap of V8, where
 * nobody can wipe it, for as long as the process lives.
 */
import { SECRET_KEY_BYTES, SecretKey } from '../crypto/index.ts';

const DIGITS = 2 * SECRET_KEY_BYTES;
const NAME = Buffer.from('privateKey');
const [SPACE, TAB, QUOTE, APOSTROPHE, COLON] = [...Buffer.from(' \t"\':')];

/** Keys that were cut, by the text that stands where each was: as long, and a private key in form. */
export type CutKeys = ReadonlyMap<string, SecretKey>;

/**
 * Replaces each 64 digits behind the word `privateKey`, in comments too, by digits that mean nothing; `bytes` is changed.
 * What is written in another way (a block of text, escapes) stays.
 */
export function cutKeys(bytes: Buffer): CutKeys {
  const cut = new Map<string, SecretKey>();
  for (let at = bytes.indexOf(NAME); at >= 0; at = bytes.indexOf(NAME, at + 1)) {
    const start = valueAt(bytes, at + NAME.length);
    const key = keyFromDigits(bytes.subarray(start, start + DIGITS));
    if (key === null) continue;
    const placeholder = String(cut.size + 1).padStart(DIGITS, '0');
    bytes.write(placeholder, start, 'latin1');
    cut.set(placeholder, key);
  }
  return cut;
}

/** Reads 64 hex digits that are bytes; null for anything else. */
export function keyFromDigits(digits: Uint8Array): SecretKey | null {
  if (digits.length !== DIGITS) return null;
  const bytes = new Uint8Array(SECRET_KEY_BYTES);
  for (let at = 0; at < DIGITS; at++) {
    const value = digitOf(digits[at] as number);
    if (value < 0) return null;
    bytes[at >> 1] = ((bytes[at >> 1] as number) << 4) | value;
  }
  const key = SecretKey.fromBytes(bytes);
  bytes.fill(0);
  return key;
}

function digitOf(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : -1;
}

/** Where the value of a key begins whose name ends at `at`. */
function valueAt(bytes: Uint8Array, at: number): number {
  let place = at;
  const skip = (...codes: readonly (number | undefined)[]): void => {
    while (codes.includes(bytes[place]) && place < bytes.length) place++;
  };
  skip(QUOTE, APOSTROPHE);
  skip(SPACE, TAB);
  skip(COLON);
  skip(SPACE, TAB);
  skip(QUOTE, APOSTROPHE);
  return place;
}

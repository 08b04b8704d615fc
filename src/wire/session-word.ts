/**
 * The four bytes after the switch header: what kind of packet this is. Source: protocol 07 §1.
 *
 *   0 .. 3                  CryptoAuth handshake; the word is the first field of its header
 *   4 .. 0xfffffffe         receive handle of the addressed session; a data packet follows
 *   0xffffffff              CTRL frame
 */
import { readU32 } from '../base/index.ts';

/** Size in bytes. */
export const SIZE = 4;

/** The word in front of a control frame. */
export const CTRL = 0xffff_ffff;
/** Smallest and largest session handle. */
export const MIN_HANDLE = 4;
export const MAX_HANDLE = 0xffff_fffe;

/** What follows the switch header. */
export type SessionWord = { readonly kind: 'handshake' | 'handle' | 'ctrl'; readonly word: number };

/** Says what `word` (unsigned 32 bits) introduces. */
export function classify(word: number): SessionWord['kind'] {
  if (word === CTRL) return 'ctrl';
  return word < MIN_HANDLE ? 'handshake' : 'handle';
}

/** Reads the word at the start of `bytes`; null if there are fewer than 4 bytes. */
export function parse(bytes: Uint8Array): SessionWord | null {
  if (bytes.length < SIZE) return null;
  const word = readU32(bytes, 0);
  return { kind: classify(word), word };
}

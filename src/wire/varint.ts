/**
 * Integers of variable length, big endian: below fd one byte, otherwise a mark and 2, 4 or 8 bytes. Source: protocol 09 §3.
 *
 *   00..fc  the value     fd 2 bytes     fe 4 bytes     ff 8 bytes
 */
import { readU16, readU32, readU64, writeU16, writeU32, writeU64 } from '../base/index.ts';

const MARK = { two: 0xfd, four: 0xfe, eight: 0xff } as const;

/** A value and the bytes it took. */
export type ReadVarint = { readonly value: number; readonly size: number };

/** Reads the one at `offset`; null past the end and above 2^53 - 1. Longer forms than needed are accepted. */
export function parse(bytes: Uint8Array, offset: number): ReadVarint | null {
  const first = bytes[offset];
  if (first === undefined) return null;
  if (first < MARK.two) return { value: first, size: 1 };
  const size = first === MARK.two ? 3 : first === MARK.four ? 5 : 9;
  if (offset + size > bytes.length) return null;
  if (size === 3) return { value: readU16(bytes, offset + 1), size };
  if (size === 5) return { value: readU32(bytes, offset + 1), size };
  const value = readU64(bytes, offset + 1);
  return value > BigInt(Number.MAX_SAFE_INTEGER) ? null : { value: Number(value), size };
}

/** Writes a value of 0 to 2^53 - 1 in as few bytes as possible. */
export function emit(value: number): Uint8Array {
  if (value < MARK.two) return Uint8Array.of(value);
  const size = value <= 0xffff ? 3 : value <= 0xffff_ffff ? 5 : 9;
  const bytes = new Uint8Array(size);
  bytes[0] = size === 3 ? MARK.two : size === 5 ? MARK.four : MARK.eight;
  if (size === 3) writeU16(bytes, 1, value);
  else if (size === 5) writeU32(bytes, 1, value);
  else writeU64(bytes, 1, BigInt(value));
  return bytes;
}

/** Typed access to the fields of a bencoded dictionary: null for a missing key and for a value of another type. */
import type { Bencode, BencodeMap } from './bencode.ts';
import { utf8 } from './bytes.ts';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The value itself as a dictionary, null if it is something else. */
export function asMap(value: Bencode | null | undefined): BencodeMap | null {
  return value instanceof Map ? value : null;
}

/** The value itself as a list, null if it is something else. */
export function asList(value: Bencode | null | undefined): readonly Bencode[] | null {
  return Array.isArray(value) ? value : null;
}

/** An integer field. */
export function getInt(map: BencodeMap, key: string): bigint | null {
  const value = map.get(key);
  return typeof value === 'bigint' ? value : null;
}

/** An integer field between `min` and `max` (safe integers, both included); null outside. */
export function getNumber(map: BencodeMap, key: string, min: number, max: number): number | null {
  const value = getInt(map, key);
  return value === null || value < BigInt(min) || value > BigInt(max) ? null : Number(value);
}

/** A string field as bytes. */
export function getBytes(map: BencodeMap, key: string): Uint8Array | null {
  const value = map.get(key);
  return value instanceof Uint8Array ? value : null;
}

/** A string field as text; null also when its bytes are not UTF-8. */
export function getText(map: BencodeMap, key: string): string | null {
  const value = getBytes(map, key);
  if (value === null) return null;
  try {
    return decoder.decode(value);
  } catch {
    return null;
  }
}

/** A dictionary field. */
export function getMap(map: BencodeMap, key: string): BencodeMap | null {
  return asMap(map.get(key));
}

/** A list field. */
export function getList(map: BencodeMap, key: string): readonly Bencode[] | null {
  return asList(map.get(key));
}

/** Plain fields as a dictionary: numbers (integers) and texts are converted, null and undefined left out. */
export function toBencodeMap(
  fields: Readonly<Record<string, Bencode | string | number | null | undefined>>,
): BencodeMap {
  const map = new Map<string, Bencode>();
  for (const [key, value] of Object.entries(fields)) {
    if (value === null || value === undefined) continue;
    if (typeof value === 'number') map.set(key, BigInt(value));
    else map.set(key, typeof value === 'string' ? utf8(value) : value);
  }
  return map;
}

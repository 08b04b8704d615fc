/** From a reply of the admin API to the JSON of the documentation: µs to ms, ppm to percent, absent to null. */
import { type BencodeMap, getInt, getText } from '../base/index.ts';

/** A number, or null where the reply has none. */
export function numberOf(map: BencodeMap, key: string): number | null {
  const value = getInt(map, key);
  return value === null ? null : Number(value);
}

/** A count: a number, 0 where the reply has none. */
export function countOf(map: BencodeMap, key: string): number {
  return numberOf(map, key) ?? 0;
}

/** A text, or null. */
export function textOf(map: BencodeMap, key: string): string | null {
  return getText(map, key);
}

/** Milliseconds from a field in microseconds. */
export function msOf(map: BencodeMap, key: string): number | null {
  const value = numberOf(map, key);
  return value === null ? null : value / 1000;
}

/** Percent from a field in parts per million. */
export function percentOf(map: BencodeMap, key: string): number | null {
  const value = numberOf(map, key);
  return value === null ? null : value / 10_000;
}

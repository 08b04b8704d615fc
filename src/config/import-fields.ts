/** Values of a stock configuration by their kind, and the remarks on what is not taken over. */
import { MAX_LIST_ENTRIES } from './limits.ts';
import { shorten } from './problem.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** The fields of an object; none of anything else. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

/** A list of objects; stock takes a single object for a list of one. */
export function listOf(value: unknown): readonly Fields[] {
  if (Array.isArray(value)) return value.map(fieldsOf);
  return typeof value === 'object' && value !== null ? [value as Fields] : [];
}

/** As `fieldsOf`, and what is no object is named. */
export function wantFields(where: string, value: unknown, remarks: string[]): Fields {
  const isEmpty = value === undefined || value === null || (Array.isArray(value) && value.length === 0);
  if (!isEmpty && (typeof value !== 'object' || Array.isArray(value)))
    remarks.push(`${where}: left out, it must be an object { ... }`);
  return fieldsOf(value);
}

/** As `listOf`, and what is no list is named. */
export function wantList(where: string, value: unknown, remarks: string[]): readonly Fields[] {
  if (value !== undefined && value !== null && typeof value !== 'object')
    remarks.push(`${where}: left out, it must be a list [ ... ]`);
  return listOf(value);
}

/** A value as it was written, on one line. */
export function shown(value: unknown): string {
  return typeof value === 'string' ? `"${shorten(value)}"` : shorten(JSON.stringify(value) ?? '');
}

/** Names every key that is none of `taken`: it has no counterpart. A key that was turned off by renaming it stays off. */
export function nameOthers(where: string, fields: Fields, taken: readonly string[], remarks: string[]): void {
  const path = where === '' ? '' : `${where}.`;
  for (const key of Object.keys(fields)) {
    if (!taken.includes(key)) remarks.push(`${path}${shorten(key)}: has no counterpart, left out`);
  }
}

/** Each once, and no more than a list of ours may hold. */
export function uniqueOf<T>(
  what: string,
  values: readonly T[],
  idOf: (value: T) => string,
  remarks: string[],
  most = MAX_LIST_ENTRIES,
): readonly T[] {
  const known = new Map<string, T>();
  for (const value of values) {
    const id = idOf(value);
    if (known.has(id)) remarks.push(`${what}: "${shorten(id)}" is there twice, the first is taken over`);
    else known.set(id, value);
  }
  if (known.size > most) remarks.push(`${what}: only the first ${most} of ${known.size} are taken over`);
  return [...known.values()].slice(0, most);
}

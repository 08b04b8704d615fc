/** From what a reader read to the values of a `Config`: each by its field, defaults where the file says nothing. */
import { Password } from '../crypto/index.ts';
import type { Entry, Field, SectionField } from './field.ts';
import type { Value } from './reader.ts';

/** The values of a section. @returns undefined where a value got past its check, which the checks of the schema exclude */
export function valuesOf({ fields }: SectionField, read: Value): Readonly<Record<string, unknown>> | undefined {
  const values: Record<string, unknown> = {};
  for (const [name, entry] of Object.entries(fields)) {
    const value = settingOf(entry, fieldAt(read, name));
    if (value === undefined) return undefined;
    values[name] = value;
  }
  return values;
}

function settingOf({ field, fallback }: Entry, read: Value | null): unknown {
  if (field.kind === 'section') return valuesOf(field, read ?? {});
  const given = read ?? fallback;
  return given === null ? null : converted(field, given);
}

function converted(field: Field, given: Value): unknown {
  switch (field.kind) {
    case 'section':
      return valuesOf(field, given);
    case 'list': {
      if (!Array.isArray(given)) return undefined;
      const all = given.map((one: Value) => converted(field.of, one));
      return all.includes(undefined) ? undefined : all;
    }
    case 'password':
      return passwordOf(given, field.none);
    case 'integer':
      return typeof given === 'string' ? Number(given) : undefined;
    default:
      return typeof given === 'string' ? field.parse(given) : undefined;
  }
}

/** A fallback is text, what stands in a file is not. @param none the word that says there is none */
function passwordOf(given: Value, none: string | null): Password | null | undefined {
  const isNone = given instanceof Password ? none !== null && given.equals(Password.fromText(none)) : given === none;
  if (isNone) return null;
  return given instanceof Password ? given : undefined;
}

function fieldAt(value: Value, name: string): Value | null {
  if (typeof value === 'string' || value instanceof Password || Array.isArray(value)) return null;
  return (value as { readonly [name: string]: Value })[name] ?? null;
}

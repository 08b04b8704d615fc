/**
 * The vocabulary of the schema: what kinds of values a configuration has. A schema is plain data, so that the reader,
 * the template of `init` and the documentation share one source (keys.ts).
 */

import type { Mistake } from '../base/index.ts';

/** A check of one value's text. @returns what is wrong, or null */
export type Check = (text: string) => Mistake | null;

/** Any text, taken from the file as it stands there: `0123` keeps its zero. */
export type TextField = { readonly kind: 'text'; readonly secret: boolean; readonly check: Check | null };
/** A password: never a text. */
export type PasswordField = { readonly kind: 'password' };
/** A decimal integer. */
export type IntegerField = { readonly kind: 'integer'; readonly min: number; readonly max: number };
/** One of a few words. */
export type ChoiceField = { readonly kind: 'choice'; readonly words: readonly string[] };
/** A list of equal things. */
export type ListField = { readonly kind: 'list'; readonly of: Field };
/** A map with fixed keys. */
export type SectionField = { readonly kind: 'section'; readonly fields: Readonly<Record<string, Entry>> };

export type Field = TextField | PasswordField | IntegerField | ChoiceField | ListField | SectionField;

/** A key of a section. */
export type Entry = { readonly field: Field; readonly required: boolean };

/** Text; `secret` values are never repeated in messages. */
export function text(check: Check | null = null, secret = false): TextField {
  return { kind: 'text', secret, check };
}

export function password(): PasswordField {
  return { kind: 'password' };
}

export function integer(min: number, max: number): IntegerField {
  return { kind: 'integer', min, max };
}

export function choice(...words: readonly string[]): ChoiceField {
  return { kind: 'choice', words };
}

export function list(of: Field): ListField {
  return { kind: 'list', of };
}

export function section(fields: Readonly<Record<string, Entry>>): SectionField {
  return { kind: 'section', fields };
}

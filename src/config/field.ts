/**
 * The vocabulary of the schema: what kinds of values a configuration has, and what a value is once it is read. A schema
 * is plain data, so that the reader, the types, the template of `init` and the manual share one source (keys.ts).
 */

import type { Mistake } from '../base/index.ts';
import type { Password } from '../crypto/index.ts';

/** A check of one value's text. @returns what is wrong, or null */
export type Check = (text: string) => Mistake | null;

/** Makes a value of a text that passed its check; undefined: it cannot, which the check excludes. */
export type Parse<T> = (text: string) => T | undefined;

/** Any text, taken from the file as it stands there: `0123` keeps its zero. */
export type TextField<T> = {
  readonly kind: 'text';
  readonly secret: boolean;
  readonly check: Check | null;
  readonly parse: Parse<T>;
};
/** A password: never a text. The word `none` means that there is none. */
export type PasswordField<T> = { readonly kind: 'password'; readonly none: string | null; readonly as?: T };
/** A decimal integer. */
export type IntegerField = { readonly kind: 'integer'; readonly min: number; readonly max: number };
/** One of a few words. */
export type ChoiceField<T> = { readonly kind: 'choice'; readonly words: readonly string[]; readonly parse: Parse<T> };
/** A list of equal things. */
export type ListField<F> = { readonly kind: 'list'; readonly of: F };
/** A map with fixed keys. */
export type SectionField = { readonly kind: 'section'; readonly fields: Readonly<Record<string, Entry>> };

/** Any of them. */
export type Field =
  | TextField<unknown>
  | PasswordField<unknown>
  | IntegerField
  | ChoiceField<unknown>
  | { readonly kind: 'list'; readonly of: Field }
  | SectionField;

/** What a field's value is in a `Config`. */
export type ValueOf<F> =
  F extends TextField<infer T>
    ? T
    : F extends PasswordField<infer T>
      ? T
      : F extends ChoiceField<infer T>
        ? T
        : F extends IntegerField
          ? number
          : F extends ListField<infer Of>
            ? readonly ValueOf<Of>[]
            : never;

/** A key of a section; `fallback` as the file would have it, null: nothing. */
export type Entry = {
  readonly field: Field;
  readonly required: boolean;
  readonly fallback: string | readonly string[] | null;
};

/** Text as it stands there. */
export function text(check: Check | null = null): TextField<string> {
  return { kind: 'text', secret: false, check, parse: (given) => given };
}

/** Text that stands for something. @param parse null for what it refuses, which `check` refuses before */
export function value<T>(check: Check, parse: (text: string) => T | null): TextField<T> {
  return { kind: 'text', secret: false, check, parse: (given) => parse(given) ?? undefined };
}

/** The same for what is never repeated in messages. */
export function secret<T>(check: Check, parse: (text: string) => T | null): TextField<T> {
  return { ...value(check, parse), secret: true };
}

/** Something, or the word that says there is none. */
export function valueOr<T>(none: string, check: Check, parse: (text: string) => T | null): TextField<T | null> {
  return {
    kind: 'text',
    secret: false,
    check,
    parse: (given) => (given === none ? null : (parse(given) ?? undefined)),
  };
}

export function password(): PasswordField<Password> {
  return { kind: 'password', none: null };
}

export function passwordOr(none: string): PasswordField<Password | null> {
  return { kind: 'password', none };
}

export function integer(min: number, max: number): IntegerField {
  return { kind: 'integer', min, max };
}

export function choice<const W extends string>(...words: readonly W[]): ChoiceField<W> {
  return { kind: 'choice', words, parse: (given) => words.find((word) => word === given) };
}

/** `true` or `false`. */
export function flag(): ChoiceField<boolean> {
  return { kind: 'choice', words: ['true', 'false'], parse: (given) => given === 'true' };
}

export function list<F extends Field>(of: F): ListField<F> {
  return { kind: 'list', of };
}

export function section(fields: Readonly<Record<string, Entry>>): SectionField {
  return { kind: 'section', fields };
}

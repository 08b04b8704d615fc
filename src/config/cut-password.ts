/**
 * Passwords are taken out of a configuration while it is bytes, as private keys are (cut-key.ts): a string stays in the heap of V8.
 *
 * In YAML a guess says what is a password, and the reader proves it: what it did not meet as a whole value of such a key shows that
 * a guess was wrong, and then the text is read as it is. In JSON, where names are always in quotes, there is nothing to guess.
 */
import { isUtf8 } from 'node:buffer';
import { Password } from '../crypto/index.ts';
import { MAX_CUTS, MAX_PASSWORD_BYTES, MAX_VALUE_BYTES } from './limits.ts';

/** Where a value stands in a text, counted as strings count. */
type Span = { readonly start: number; readonly end: number };

/** Passwords that were cut out of a text. */
export type CutPasswords = {
  /** The password that stood in this place, or instead of which this text stands; null for any other value. */
  readonly take: (text: string, span: Span | null) => Password | null;
  /** Were all met that should be? */
  readonly areTaken: () => boolean;
};

/** For texts that are read as they are. */
export const NOTHING_CUT: CutPasswords = { take: () => null, areTaken: () => true };

/** A text without its passwords, and these. */
export type Cut = { readonly text: string; readonly passwords: CutPasswords };

/** Bytes of a password in a file, quotes and escapes included. */
type Found = { readonly from: number; readonly to: number; readonly password: Password };

const NAMES = ['password', 'readonlyPassword'].map((name) => Buffer.from(name));
const code = (symbol: string): number => symbol.charCodeAt(0);
const [TAB, LINE_END, RETURN, SPACE, QUOTE, HASH] = [9, 10, 13, 32, code('"'), code('#')];
const [APOSTROPHE, COMMA, DASH, COLON, BACKSLASH] = [code("'"), code(','), code('-'), code(':'), code('\\')];
const [CLOSING_BRACE, CLOSING_BRACKET, DELETE] = [code('}'), code(']'), 127];
/** A plain value that begins with one of these is none, or not all of it. */
const INDICATORS = new Set(Buffer.from('|>&*!%@`"\'[]{},#?-:'));
/** What may stand before the name of a key. */
const BEFORE_NAME = new Set(Buffer.from(' \t\n{,#'));

/**
 * Replaces passwords in YAML by as many letters, so that every place stays where it was; also those in lines that are comments.
 * What is written in another way (over several lines, with unusual escapes) stays, and so does what is one too many.
 */
export function cutYaml(bytes: Buffer): Cut {
  const byStart = new Map<number, Span & { readonly password: Password }>();
  const parts: string[] = [];
  let [length, done, count] = [0, 0, 0];
  const add = (part: string): void => {
    parts.push(part);
    length += part.length;
  };
  for (const { from, to, password, isComment } of inYaml(bytes)) {
    if (++count > MAX_CUTS) break;
    add(bytes.toString('utf8', done, from));
    const start = length;
    add('x'.repeat(unitsOf(bytes, from, to)));
    if (!isComment) byStart.set(start, { start, end: length, password });
    done = to;
  }
  add(bytes.toString('utf8', done));
  const take = (_: string, span: Span | null): Password | null => {
    const found = span === null ? undefined : byStart.get(span.start);
    if (found === undefined || found.end !== span?.end) return null;
    byStart.delete(found.start);
    return found.password;
  };
  return { text: parts.join(''), passwords: { take, areTaken: () => byStart.size === 0 } };
}

/**
 * Replaces passwords in JSON by marks.
 * @param mark a text that no value of the JSON can hold
 */
export function cutJson(bytes: Buffer, mark: string): Cut {
  const byMark = new Map<string, Password>();
  const parts: string[] = [];
  let done = 0;
  for (const { from, to, password } of inJson(bytes)) {
    if (byMark.size >= MAX_CUTS) break;
    const name = `${mark}${byMark.size}`;
    byMark.set(name, password);
    parts.push(bytes.toString('utf8', done, from), `"${name}"`);
    done = to;
  }
  parts.push(bytes.toString('utf8', done));
  return { text: parts.join(''), passwords: { take: (text) => byMark.get(text) ?? null, areTaken: () => true } };
}

function* inJson(bytes: Buffer): Generator<Found> {
  for (const { at, end } of names(bytes)) {
    if (bytes[at - 1] !== QUOTE || bytes[at - 2] === BACKSLASH || bytes[end] !== QUOTE || bytes[end + 1] !== COLON)
      continue;
    const found = quoted(bytes, end + 2);
    if (found !== null) yield found;
  }
}

function* inYaml(bytes: Buffer): Generator<Found & { readonly isComment: boolean }> {
  const line = new Line(bytes);
  let done = 0;
  for (const { at, end } of names(bytes)) {
    const isQuoted = bytes[at - 1] === QUOTE || bytes[at - 1] === APOSTROPHE;
    const start = isQuoted ? at - 1 : at;
    line.advance(start);
    // Behind the mark of a comment, or something in quotes that looks like one.
    if (at < done || (!line.isComment && line.hasMark)) continue;
    if (start > 0 && !BEFORE_NAME.has(bytes[start - 1] as number)) continue;
    const from = valueAt(bytes, isQuoted ? end + 1 : end);
    const found = from === null ? null : valueIn(bytes, from, line.hasText);
    if (found === null) continue;
    done = found.to;
    yield { ...found, isComment: line.isComment };
  }
}

/** What stands in a line before a place; each byte is looked at once, however long the line is. */
class Line {
  readonly #bytes: Buffer;
  #at = 0;
  #first: number | null = null;
  hasMark = false;
  /** Anything but blanks, and the marks of lists and comments: within brackets. */
  hasText = false;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isComment(): boolean {
    return this.#first === HASH;
  }

  advance(to: number): void {
    for (; this.#at < to; this.#at++) {
      const symbol = this.#bytes[this.#at] as number;
      if (symbol === LINE_END) {
        this.#first = null;
        this.hasMark = this.hasText = false;
      } else if (!isBlank(symbol)) {
        this.#first ??= symbol;
        if (symbol === HASH) this.hasMark = true;
        else if (symbol !== DASH) this.hasText = true;
      }
    }
  }
}

/** Where the names of secret keys stand, in order. */
function* names(bytes: Buffer): Generator<{ readonly at: number; readonly end: number }> {
  const next = NAMES.map((name) => bytes.indexOf(name));
  for (;;) {
    const nearest = Math.min(...next.filter((at) => at >= 0));
    if (nearest === Number.POSITIVE_INFINITY) return;
    const which = next.indexOf(nearest);
    const { length } = NAMES[which] as Buffer;
    yield { at: nearest, end: nearest + length };
    next[which] = bytes.indexOf(NAMES[which] as Buffer, nearest + length);
  }
}

function isBlank(symbol: number | undefined): boolean {
  return symbol === SPACE || symbol === TAB;
}

/** Where the value begins of a key that ends at `at`; null if a colon or the value is missing. */
function valueAt(bytes: Buffer, at: number): number | null {
  let place = at;
  while (isBlank(bytes[place])) place++;
  if (bytes[place++] !== COLON) return null;
  while (isBlank(bytes[place])) place++;
  return place;
}

function valueIn(bytes: Buffer, from: number, isFlow: boolean): Found | null {
  if (bytes[from] === QUOTE) return quoted(bytes, from);
  if (bytes[from] === APOSTROPHE) {
    const length = bytes.subarray(from + 1, from + 2 + MAX_PASSWORD_BYTES).indexOf(APOSTROPHE);
    const end = from + 1 + length;
    if (length < 0 || bytes[end + 1] === APOSTROPHE) return null;
    return boxed(from, end + 1, bytes.subarray(from + 1, end));
  }
  return plain(bytes, from, isFlow);
}

/** A value in double quotes, with no other escapes than those of quote and backslash. */
function quoted(bytes: Buffer, from: number): Found | null {
  if (bytes[from] !== QUOTE) return null;
  const value = Buffer.from(new ArrayBuffer(MAX_PASSWORD_BYTES)); // not in V8's heap: it is wiped
  let length = 0;
  let at = from + 1;
  for (; bytes[at] !== QUOTE; at++) {
    if (bytes[at] === BACKSLASH) {
      at++;
      if (bytes[at] !== QUOTE && bytes[at] !== BACKSLASH) return null;
    }
    if (at >= bytes.length || length === MAX_PASSWORD_BYTES) return null;
    value[length++] = bytes[at] as number;
  }
  const found = boxed(from, at + 1, value.subarray(0, length));
  value.fill(0);
  return found;
}

/** A value without quotes: to the end of the line or a comment; within brackets, to whatever ends it there. */
function plain(bytes: Buffer, from: number, isFlow: boolean): Found | null {
  if (INDICATORS.has(bytes[from] as number)) return null;
  let to = Math.min(from + MAX_VALUE_BYTES, bytes.length);
  const cutAt = (at: number): void => {
    if (at >= 0 && from + at < to) to = from + at;
  };
  cutAt(bytes.subarray(from, to).indexOf(LINE_END));
  cutAt(bytes.subarray(from, to).indexOf(' #'));
  const trim = (): void => {
    while (to > from && (isBlank(bytes[to - 1]) || bytes[to - 1] === RETURN)) to--;
  };
  trim();
  const ends = [COMMA, CLOSING_BRACE, CLOSING_BRACKET];
  // A line of its own may stand within brackets, too.
  if (isFlow || ends.includes(bytes[to - 1] as number)) {
    cutAt(bytes.subarray(from, to).findIndex((symbol) => ends.includes(symbol)));
    trim();
  }
  const value = bytes.subarray(from, to);
  return value.includes(': ') || value.at(-1) === COLON ? null : boxed(from, to, value);
}

function boxed(from: number, to: number, value: Buffer): Found | null {
  const password = passwordFrom(value);
  return password === null ? null : { from, to, password };
}

/** The check of a text (`checkPassword`) for bytes. @returns null for what is no password; the words for it are not here */
export function passwordFrom(value: Buffer): Password | null {
  if (value.length === 0 || value.length > MAX_PASSWORD_BYTES || !isUtf8(value) || hasControls(value)) return null;
  return Password.fromBytes(value);
}

/** C0, C1, delete, and the two line ends of Unicode. */
function hasControls(value: Buffer): boolean {
  return value.some((symbol, at) => {
    const [next = 0, third = 0] = value.subarray(at + 1, at + 3);
    if (symbol < SPACE || symbol === DELETE) return true;
    if (symbol === 0xc2) return next < 0xa0;
    return symbol === 0xe2 && next === 0x80 && (third === 0xa8 || third === 0xa9);
  });
}

/** How long the text of these bytes is as a string. */
function unitsOf(bytes: Buffer, from: number, to: number): number {
  let units = 0;
  for (let at = from; at < to; at++) {
    const symbol = bytes[at] as number;
    if ((symbol & 0xc0) !== 0x80) units += symbol >= 0xf0 ? 2 : 1;
  }
  return units;
}

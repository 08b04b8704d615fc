/**
 * JSON as stock configurations have it: with comments of both kinds, with commas that are missing or too many, and with
 * single bytes in texts as `\xNN` (how stock itself writes what is not ASCII). Total and bounded; keys never reach a
 * prototype. What cannot be read has a place, and a key that stands twice is a mistake: one of the two would be lost.
 */
import { MAX_DEPTH } from './limits.ts';
export type LooseJson = string | number | boolean | null | readonly LooseJson[] | { readonly [key: string]: LooseJson };

/** A value, or the first mistake. Line and column count from 1. */
export type LooseResult =
  | { readonly ok: true; readonly value: LooseJson }
  | { readonly ok: false; readonly line: number; readonly column: number; readonly message: string };

/** Where a text ends or needs a closer look. */
const NOT_PLAIN = /["\\\p{Cc}]/u;
/** Escapes of bytes that follow each other: together they are the bytes of a letter. */
const HEX = /(?:\\x[0-9a-f]{2})+/iy;
/** The short escapes of JSON (RFC 8259 §7). */
const SHORT: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

/** Reads a text. Never throws. */
export function parseLooseJson(text: string): LooseResult {
  try {
    return { ok: true, value: new Reader(text).whole() };
  } catch (error) {
    if (!(error instanceof Mistake)) throw error;
    const before = text.slice(0, error.at).split('\n');
    return { ok: false, line: before.length, column: (before.at(-1) ?? '').length + 1, message: error.message };
  }
}

/** What is wrong, and the offset where. Leaves this file as a result only. */
class Mistake extends Error {
  readonly at: number;

  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}

/** A position in the text; every method leaves it behind what it read, or throws a `Mistake`. */
class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): LooseJson {
    const value = this.#value(0);
    this.#skip();
    if (this.#at < this.#text.length) throw new Mistake(this.#at, 'something follows the end');
    return value;
  }

  #value(depth: number): LooseJson {
    this.#skip();
    const symbol = this.#text[this.#at];
    if (symbol === undefined) throw new Mistake(this.#at, 'the text ends where a value is expected');
    if (depth > MAX_DEPTH) throw new Mistake(this.#at, `this is nested more than ${MAX_DEPTH} deep`);
    if (symbol === '{') return this.#object(depth);
    if (symbol === '[') return this.#list(depth);
    if (symbol === '"') return this.#string();
    const word = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.+-])/.exec(
      this.#text.slice(this.#at, this.#at + 40),
    )?.[0];
    if (word === undefined)
      throw new Mistake(this.#at, 'here must be a value: "text", a number, true, false, null, { or [');
    this.#at += word.length;
    return JSON.parse(word) as LooseJson;
  }

  #object(depth: number): LooseJson {
    const begin = this.#at++;
    const fields = Object.create(null) as Record<string, LooseJson>;
    for (;;) {
      this.#skip();
      const symbol = this.#text[this.#at];
      if (symbol === undefined) throw new Mistake(begin, 'this { has no }');
      if (symbol === '}') {
        this.#at++;
        return fields;
      }
      const place = this.#at;
      if (symbol !== '"') throw new Mistake(place, 'here must be a key in quotes, or }');
      const key = this.#string();
      this.#skip();
      if (this.#text[this.#at] !== ':')
        throw new Mistake(this.#at, 'here must be a colon, between a key and its value');
      this.#at++;
      if (key in fields) throw new Mistake(place, `the key "${key.slice(0, 60)}" stands here a second time; keep one`);
      fields[key] = this.#value(depth + 1);
    }
  }

  #list(depth: number): LooseJson {
    const begin = this.#at++;
    const items: LooseJson[] = [];
    for (;;) {
      this.#skip();
      const symbol = this.#text[this.#at];
      if (symbol === undefined) throw new Mistake(begin, 'this [ has no ]');
      if (symbol === ']') {
        this.#at++;
        return items;
      }
      items.push(this.#value(depth + 1));
    }
  }

  /** A text on one line. */
  #string(): string {
    const begin = this.#at++;
    let source = begin + 1;
    const parts: string[] = [];
    for (;;) {
      while (this.#at < this.#text.length && !NOT_PLAIN.test(this.#text[this.#at] ?? '')) this.#at++;
      parts.push(this.#text.slice(source, this.#at));
      const symbol = this.#text[this.#at];
      if (symbol === '"') break;
      if (symbol === '\\') parts.push(this.#escape());
      else if (symbol === undefined || symbol === '\n' || symbol === '\r')
        throw new Mistake(begin, 'this text has no " at its end');
      else throw new Mistake(this.#at, 'a control character stands in a text');
      source = this.#at;
    }
    this.#at++;
    const text = parts.join('');
    if (/\p{Cs}/u.test(text)) throw new Mistake(begin, 'this text holds half a letter (\\ud800 to \\udfff alone)');
    return text;
  }

  /** One escape, or all those of bytes that follow each other. */
  #escape(): string {
    const begin = this.#at;
    HEX.lastIndex = begin;
    const hex = HEX.exec(this.#text)?.[0];
    if (hex !== undefined) {
      this.#at += hex.length;
      return this.#fromBytes(hex, begin);
    }
    const symbol = this.#text[begin + 1] ?? '';
    const [, unicode] = /^\\u([0-9a-f]{4})/i.exec(this.#text.slice(begin, begin + 6)) ?? [];
    this.#at += unicode === undefined ? 2 : 6;
    if (unicode !== undefined) return String.fromCharCode(Number.parseInt(unicode, 16));
    const short = /["\\/]/.test(symbol) ? symbol : SHORT[symbol];
    if (short === undefined)
      throw new Mistake(begin, 'this escape is not known; \\xNN, \\uNNNN, \\n, \\" and \\\\ are');
    return short;
  }

  #fromBytes(hex: string, begin: number): string {
    const bytes = Uint8Array.from(hex.slice(2).split(/\\x/i), (two) => Number.parseInt(two, 16));
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      throw new Mistake(begin, 'these bytes are no text in UTF-8');
    }
  }

  /** Blanks, commas and comments. */
  #skip(): void {
    for (;;) {
      while (/[\s,]/.test(this.#text[this.#at] ?? '')) this.#at++;
      const two = this.#text.slice(this.#at, this.#at + 2);
      const end = two === '//' ? '\n' : two === '/*' ? '*/' : null;
      if (end === null) return;
      const at = this.#text.indexOf(end, this.#at + 2);
      if (at < 0 && end === '*/') throw new Mistake(this.#at, 'this comment has no */');
      this.#at = at < 0 ? this.#text.length : at + end.length;
    }
  }
}

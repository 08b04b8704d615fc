/**
 * JSON as stock configurations have it: with comments of both kinds, and with commas that are missing or too many.
 * Total and bounded; keys never reach a prototype.
 */

export type LooseJson = string | number | boolean | null | readonly LooseJson[] | { readonly [key: string]: LooseJson };

const MAX_DEPTH = 32;

/** Reads a text; null for what can not be read, and for the value null itself. */
export function parseLooseJson(text: string): LooseJson {
  const reader = new Reader(text);
  const value = reader.value(0);
  return value === undefined || !reader.atEnd() ? null : value;
}

/** A position in the text; every method leaves it behind what it read. Undefined = can not be read. */
class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  atEnd(): boolean {
    this.#skip();
    return this.#at >= this.#text.length;
  }

  value(depth: number): LooseJson | undefined {
    this.#skip();
    const symbol = this.#text[this.#at];
    if (depth > MAX_DEPTH || symbol === undefined) return undefined;
    if (symbol === '{') return this.#object(depth);
    if (symbol === '[') return this.#list(depth);
    if (symbol === '"') return this.#string();
    const word = /^(?:true|false|null|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)/.exec(
      this.#text.slice(this.#at, this.#at + 40),
    )?.[0];
    if (word === undefined) return undefined;
    this.#at += word.length;
    return JSON.parse(/^-?0\d/.test(word) ? 'null' : word) as LooseJson;
  }

  #object(depth: number): LooseJson | undefined {
    this.#at++;
    const fields = Object.create(null) as Record<string, LooseJson>;
    for (;;) {
      this.#skip();
      const symbol = this.#text[this.#at];
      if (symbol === '}') {
        this.#at++;
        return fields;
      }
      const key = symbol === '"' ? this.#string() : undefined;
      this.#skip();
      if (key === undefined || this.#text[this.#at] !== ':') return undefined;
      this.#at++;
      const value = this.value(depth + 1);
      if (value === undefined) return undefined;
      fields[key] = value;
    }
  }

  #list(depth: number): LooseJson | undefined {
    this.#at++;
    const items: LooseJson[] = [];
    for (;;) {
      this.#skip();
      if (this.#text[this.#at] === ']') {
        this.#at++;
        return items;
      }
      const value = this.value(depth + 1);
      if (value === undefined) return undefined;
      items.push(value);
    }
  }

  #string(): string | undefined {
    let end = this.#at + 1;
    while (end < this.#text.length && this.#text[end] !== '"') end += this.#text[end] === '\\' ? 2 : 1;
    const source = this.#text.slice(this.#at, end + 1);
    this.#at = end + 1;
    try {
      return JSON.parse(source) as string;
    } catch {
      return undefined;
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
      this.#at = at < 0 ? this.#text.length : at + end.length;
    }
  }
}

/**
 * Reads YAML by the schema: every scalar as its source text, every value with its place in the file.
 * Refuses, each with line, column and a suggestion: syntax errors, duplicate and unknown keys, wrong kinds, aliases.
 * Time is linear in the length of the text, and bounded before a tree is built (bounds.ts).
 */
import * as yaml from 'yaml';
import { Password } from '../crypto/index.ts';
import { parseBounded } from './bounds.ts';
import { checkPassword } from './checks.ts';
import { type CutPasswords, NOTHING_CUT } from './cut-password.ts';
import type { Field, SectionField } from './field.ts';
import { MAX_COLLECTED_PROBLEMS, MAX_LIST_ENTRIES, MAX_SECTION_KEYS } from './limits.ts';
import { type Problem, shorten, suggest } from './problem.ts';

/** A value as read: text of a scalar, a password, a list, or a section without the keys that are absent. */
export type Value = string | Password | readonly Value[] | { readonly [key: string]: Value };

/** Where a value stands; counts from 1. */
export type Place = { readonly line: number; readonly column: number };

/** What was read; `value` is complete only if there are no problems. `places` is keyed by path (`peers[0].key`). */
export type Reading = {
  readonly value: Value | null;
  readonly problems: readonly Problem[];
  readonly places: ReadonlyMap<string, Place>;
};

const START: Place = { line: 1, column: 1 };

/** Reads `source` by `schema`. Never throws. @param cut passwords that were taken out of it */
export function read(source: string, schema: SectionField, cut: CutPasswords = NOTHING_CUT): Reading {
  const problems: Problem[] = [];
  const places = new Map<string, Place>();
  const lines = new yaml.LineCounter();
  const parsed = parseBounded(source, lines);
  if (!parsed.ok)
    return { value: null, problems: [whole(parsed.message, null, placeOf(lines, parsed.offset))], places };
  const { document } = parsed;
  for (const error of [...document.errors, ...document.warnings].slice(0, MAX_COLLECTED_PROBLEMS)) {
    problems.push(syntaxProblem(error, placeOf(lines, error.pos[0])));
  }
  // What follows a syntax error is guesswork of the parser.
  if (document.errors.length > 0) return { value: null, problems, places };
  return { value: walk(document.contents, schema, lines, problems, places, cut), problems, places };
}

/** Reads a value that is a tree already, such as one of JSON, by `schema`; there are no places then. Never throws. */
export function readTree(tree: unknown, schema: SectionField, cut: CutPasswords = NOTHING_CUT): Reading {
  const problems: Problem[] = [];
  const places = new Map<string, Place>();
  const contents = new yaml.Document(tree, { aliasDuplicateObjects: false }).contents;
  return { value: walk(contents, schema, new yaml.LineCounter(), problems, places, cut), problems, places };
}

function walk(
  contents: unknown,
  schema: SectionField,
  lines: yaml.LineCounter,
  problems: Problem[],
  places: Map<string, Place>,
  cut: CutPasswords,
): Value | null {
  if (contents !== null) return new Walk(lines, problems, places, cut).field(contents, schema, '');
  problems.push(whole('is empty', 'run "fcmesh init"'));
  return null;
}

/** One walk over the tree of nodes; collects problems instead of stopping at the first. */
class Walk {
  readonly #lines: yaml.LineCounter;
  readonly #problems: Problem[];
  readonly #places: Map<string, Place>;
  readonly #cut: CutPasswords;

  constructor(lines: yaml.LineCounter, problems: Problem[], places: Map<string, Place>, cut: CutPasswords) {
    this.#lines = lines;
    this.#problems = problems;
    this.#places = places;
    this.#cut = cut;
  }

  field(node: unknown, field: Field, path: string): Value | null {
    if (this.#problems.length >= MAX_COLLECTED_PROBLEMS) return null;
    const place = this.#placeOf(node);
    this.#places.set(path, place);
    if (yaml.isAlias(node)) return this.#refuse(path, place, 'is an alias', 'write the value itself');
    if (field.kind === 'section') return this.#section(node, field, path, place);
    if (field.kind === 'list') return this.#list(node, field.of, path, place);
    return this.#scalar(node, field, path, place);
  }

  #section(node: unknown, field: SectionField, path: string, place: Place): Value | null {
    if (!yaml.isMap(node)) {
      const keys = Object.keys(field.fields).join(', ');
      return this.#refuse(path, place, `must be a map with the keys ${keys}`, missingSpace(node));
    }
    const excess = node.items[MAX_SECTION_KEYS];
    if (excess !== undefined)
      return this.#refuse(path, this.#placeOf(excess.key), `has more than ${MAX_SECTION_KEYS} keys`, null);
    const values: Record<string, Value> = Object.create(null) as Record<string, Value>;
    const seen = new Set<string>();
    for (const pair of node.items) {
      const keyPlace = this.#placeOf(pair.key);
      const key = yaml.isScalar(pair.key) ? String(pair.key.source ?? pair.key.value) : '';
      const entry = Object.hasOwn(field.fields, key) ? field.fields[key] : undefined;
      if (entry === undefined) {
        this.#refuse(path, keyPlace, `unknown key "${shorten(key)}"`, suggest(key, Object.keys(field.fields)));
        continue;
      }
      if (seen.has(key)) {
        this.#refuse('', keyPlace, `duplicate key "${key}"`, 'remove one of the two');
        continue;
      }
      seen.add(key);
      const inner = path === '' ? key : `${path}.${key}`;
      if (isEmpty(pair.value)) {
        this.#places.set(inner, keyPlace);
        if (entry.field.kind === 'section' && !entry.required) continue;
        this.#refuse(
          inner,
          keyPlace,
          'has no value',
          entry.field.kind === 'list' ? 'write [] for none' : 'remove the key or give it a value',
        );
        continue;
      }
      const value = this.field(pair.value, entry.field, inner);
      if (value !== null) values[key] = value;
    }
    for (const [key, entry] of Object.entries(field.fields)) {
      if (entry.required && !seen.has(key)) this.#refuse(path, place, `the key "${key}" is missing`, null);
    }
    return values;
  }

  #list(node: unknown, of: Field, path: string, place: Place): Value | null {
    if (!yaml.isSeq(node)) return this.#refuse(path, place, 'must be a list', 'begin each entry with "- "');
    if (node.items.length > MAX_LIST_ENTRIES)
      return this.#refuse(path, place, `has more than ${MAX_LIST_ENTRIES} entries`, null);
    const values: Value[] = [];
    node.items.forEach((item, index) => {
      const value = isEmpty(item)
        ? this.#refuse(`${path}[${index}]`, this.#placeOf(item, place), 'has no value', 'remove the entry')
        : this.field(item, of, `${path}[${index}]`);
      if (value !== null) values.push(value);
    });
    return values;
  }

  #scalar(
    node: unknown,
    field: Exclude<Field, { kind: 'section' | 'list' }>,
    path: string,
    place: Place,
  ): string | Password | null {
    if (!yaml.isScalar(node))
      return this.#refuse(path, place, 'must be a single value', yaml.isMap(node) ? 'quote it if it is text' : null);
    const text = String(node.source ?? node.value);
    if (field.kind === 'password') return this.#password(node, text, path, place);
    if (field.kind === 'choice') return this.#choice(text, field.words, path, place);
    if (field.kind === 'integer') {
      const good = /^(0|[1-9]\d{0,14})$/.test(text) && Number(text) >= field.min && Number(text) <= field.max;
      return good
        ? text
        : this.#refuse(
            path,
            place,
            `must be a whole number from ${field.min} to ${field.max}, found "${shorten(text)}"`,
            plainNumber(text),
          );
    }
    const wrong = field.check?.(text) ?? null;
    if (wrong === null) return text;
    const quoted = field.secret || text.length > 200 ? '' : `"${shorten(text)}" `;
    return this.#refuse(path, place, `${quoted}${wrong.message}`, wrong.suggestion);
  }

  #password(node: yaml.Scalar, text: string, path: string, place: Place): Password | null {
    const [start, end] = node.range ?? [];
    const span = start === undefined || end === undefined ? null : { start, end };
    const cut = this.#cut.take(text, span);
    if (cut !== null) return cut;
    const wrong = checkPassword(text);
    if (wrong === null) return Password.fromText(text);
    return this.#refuse(path, place, wrong.message, wrong.suggestion);
  }

  #choice(text: string, words: readonly string[], path: string, place: Place): string | null {
    if (words.includes(text)) return text;
    const other = /^(yes|on|true|y|1)$/i.test(text)
      ? ['true', 'on', 'allow']
      : /^(no|off|false|n|0)$/i.test(text)
        ? ['false', 'off', 'deny']
        : [];
    const meant = other.find((word) => words.includes(word));
    const suggestion = meant === undefined ? suggest(text, words) : `did you mean "${meant}"?`;
    const allowed = `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
    return this.#refuse(
      path,
      place,
      `must be ${allowed}, found "${shorten(text)}"`,
      suggestion.startsWith('known') ? null : suggestion,
    );
  }

  #refuse(path: string, place: Place, message: string, suggestion: string | null): null {
    this.#problems.push({ ...place, path, message, suggestion });
    return null;
  }

  #placeOf(node: unknown, otherwise: Place = START): Place {
    if (!yaml.isNode(node) || node.range === null || node.range === undefined) return otherwise;
    return placeOf(this.#lines, node.range[0]);
  }
}

function placeOf(lines: yaml.LineCounter, offset: number): Place {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}

function isEmpty(node: unknown): boolean {
  return node === null || (yaml.isScalar(node) && node.value === null && (node.source ?? '') === '');
}

function whole(message: string, suggestion: string | null = null, { line, column }: Place = START): Problem {
  return { line, column, path: '', message: `the file ${message}`, suggestion };
}

/** The parser's errors in our words; those without words of ours keep the parser's first line. */
function syntaxProblem(error: yaml.YAMLError, place: Place): Problem {
  const at = { ...place, path: '' };
  if (error.code === 'TAB_AS_INDENT')
    return { ...at, message: 'a tab is used for indentation', suggestion: 'use spaces' };
  if (error.code === 'MULTIPLE_DOCS')
    return { ...at, message: 'a second document begins here', suggestion: 'remove the line "---"' };
  if (error.code === 'BAD_SCALAR_START')
    return { ...at, message: 'a value cannot begin with this character', suggestion: 'put the value in quotes' };
  if (error.code === 'BLOCK_AS_IMPLICIT_KEY')
    return {
      ...at,
      message: 'a key stands where a value is expected',
      suggestion: 'check the indentation, or put the value in quotes',
    };
  if (error.code === 'TAG_RESOLVE_FAILED')
    return { ...at, message: 'this tag is not known', suggestion: 'put a value that begins with ! in quotes' };
  if (error.code === 'BAD_ALIAS')
    return { ...at, message: 'this alias has no anchor', suggestion: 'put a value that begins with * in quotes' };
  const message = error.message.split('\n')[0] ?? 'is not YAML';
  return { ...at, message: `not valid YAML: ${message}`, suggestion: null };
}

/** `key:value` without the space is one scalar; the slip of everybody's first hour with YAML. */
function missingSpace(node: unknown): string | null {
  const glued = yaml.isScalar(node) && /^[A-Za-z]+:\S/.test(String(node.source ?? ''));
  return glued ? 'put a space after the colon' : null;
}

function plainNumber(text: string): string | null {
  if (/^0x[0-9a-f]{1,8}$/i.test(text) || /^0\d+$/.test(text)) return `did you mean ${Number(text)}?`;
  const digits = /^(\d{1,7})\s*[A-Za-z]+$/.exec(text)?.[1];
  return digits === undefined ? null : `did you mean ${digits}?`;
}

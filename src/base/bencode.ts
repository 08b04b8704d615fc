/**
 * Bencode, strict and bounded: the form of router and admin messages. Source: protocol 08 §1.1.
 *
 *   value      = integer | string | list | dictionary
 *   integer    = "i" ["-"] digits "e"          no leading zeros, no "-0"
 *   string     = digits ":" bytes              leading zeros allowed: stock pads the first key's length
 *   list       = "l" value... "e"
 *   dictionary = "d" (string value)... "e"     keys in any order, none twice
 *
 * Strings are bytes; keys become text, one character a byte. Bytes after the value are the caller's business.
 */
import { copy, latin1 } from './bytes.ts';
import { MeshError } from './errors.ts';
import { BENCODE_LIMITS, type BencodeLimits, MAX_INTEGER_DIGITS, MAX_LENGTH_DIGITS } from './limits.ts';

/** A value; dictionaries are maps, so a key named `__proto__` is a key like any other. */
export type Bencode = bigint | Uint8Array | readonly Bencode[] | BencodeMap;

/** A dictionary; keys have one character (0 to 255) a byte. */
export type BencodeMap = ReadonlyMap<string, Bencode>;

/** A value and the number of bytes it took. */
export type ParsedBencode = { readonly value: Bencode; readonly length: number };

const COLON = 0x3a;
const DICTIONARY = 0x64;
const END = 0x65;
const INTEGER = 0x69;
const LIST = 0x6c;
const MINUS = 0x2d;
const ZERO = 0x30;

type Reader = { readonly bytes: Uint8Array; readonly limits: BencodeLimits; at: number; items: number };

/**
 * Reads one value from the start of `bytes`.
 * @returns null for anything malformed, truncated, or beyond `limits`
 */
export function parseBencode(bytes: Uint8Array, limits: BencodeLimits = BENCODE_LIMITS): ParsedBencode | null {
  if (bytes.length > limits.maxBytes) return null;
  const reader: Reader = { bytes, limits, at: 0, items: 0 };
  const value = readValue(reader, 0);
  return value === null ? null : { value, length: reader.at };
}

function readValue(reader: Reader, depth: number): Bencode | null {
  if (++reader.items > reader.limits.maxItems) return null;
  const first = reader.bytes[reader.at];
  if (first === INTEGER) return readInteger(reader);
  if (first !== LIST && first !== DICTIONARY) return readString(reader);
  if (depth >= reader.limits.maxDepth) return null;
  return first === LIST ? readList(reader, depth + 1) : readDictionary(reader, depth + 1);
}

/** The run of digits at the current place, as text; null if there are none or more than `maxDigits`. */
function readDigits(reader: Reader, maxDigits: number): string | null {
  let digits = '';
  for (;;) {
    const digit = (reader.bytes[reader.at] ?? 0) - ZERO;
    if (digit < 0 || digit > 9) return digits === '' ? null : digits;
    if (digits.length === maxDigits) return null;
    digits += digit;
    reader.at++;
  }
}

function readInteger(reader: Reader): bigint | null {
  const negative = reader.bytes[++reader.at] === MINUS;
  if (negative) reader.at++;
  const digits = readDigits(reader, MAX_INTEGER_DIGITS);
  if (digits === null || reader.bytes[reader.at++] !== END) return null;
  if (digits.startsWith('0') && (negative || digits.length > 1)) return null;
  return negative ? -BigInt(digits) : BigInt(digits);
}

/** The run of digits at the current place, as a number; -1 if there are none or too many. */
function readLength(reader: Reader): number {
  let length = 0;
  for (let count = 0; ; count++) {
    const digit = (reader.bytes[reader.at] ?? 0) - ZERO;
    if (digit < 0 || digit > 9) return count === 0 ? -1 : length;
    if (count === MAX_LENGTH_DIGITS) return -1;
    length = length * 10 + digit;
    reader.at++;
  }
}

function readString(reader: Reader): Uint8Array | null {
  const length = readLength(reader);
  if (length < 0 || reader.bytes[reader.at++] !== COLON) return null;
  const end = reader.at + length;
  if (end > reader.bytes.length) return null;
  const value = copy(reader.bytes, reader.at, end);
  reader.at = end;
  return value;
}

function readList(reader: Reader, depth: number): Bencode[] | null {
  reader.at++;
  const values: Bencode[] = [];
  while (reader.bytes[reader.at] !== END) {
    const value = readValue(reader, depth);
    if (value === null) return null;
    values.push(value);
  }
  reader.at++;
  return values;
}

function readDictionary(reader: Reader, depth: number): BencodeMap | null {
  reader.at++;
  const values = new Map<string, Bencode>();
  while (reader.bytes[reader.at] !== END) {
    if (++reader.items > reader.limits.maxItems) return null;
    const keyBytes = readString(reader);
    if (keyBytes === null) return null;
    const key = latin1(keyBytes);
    const value = readValue(reader, depth);
    if (value === null || values.has(key)) return null;
    values.set(key, value);
  }
  reader.at++;
  return values;
}

/**
 * Writes a value: keys sorted as byte strings, no padding.
 * @throws MeshError ERR_BENCODE_KEY if a key has a character above 255
 */
export function emitBencode(value: Bencode): Uint8Array {
  const bytes = new Uint8Array(sizeOf(value));
  write(value, bytes, 0);
  return bytes;
}

function sizeOf(value: Bencode): number {
  if (typeof value === 'bigint') return 2 + value.toString().length;
  if (value instanceof Uint8Array) return sizeOfString(value.length);
  let size = 2;
  if (value instanceof Map) for (const [key, item] of value) size += sizeOfString(key.length) + sizeOf(item);
  else for (const item of value as readonly Bencode[]) size += sizeOf(item);
  return size;
}

function sizeOfString(length: number): number {
  return length + 1 + (length < 10 ? 1 : length.toString().length);
}

/** Writes at `at`. @returns where it ended */
function write(value: Bencode, bytes: Uint8Array, at: number): number {
  if (typeof value === 'bigint') return writeText(`i${value}e`, bytes, at);
  if (value instanceof Uint8Array) {
    const start = writeText(`${value.length}:`, bytes, at);
    bytes.set(value, start);
    return start + value.length;
  }
  if (value instanceof Map) return writeMap(value, bytes, at);
  let end = at + 1;
  bytes[at] = LIST;
  for (const item of value as readonly Bencode[]) end = write(item, bytes, end);
  bytes[end] = END;
  return end + 1;
}

function writeMap(values: BencodeMap, bytes: Uint8Array, at: number): number {
  let end = at + 1;
  bytes[at] = DICTIONARY;
  // Characters stand for bytes, so the order of code units is the order of bytes.
  for (const key of [...values.keys()].sort()) {
    end = writeText(`${key.length}:${key}`, bytes, end);
    end = write(values.get(key) as Bencode, bytes, end);
  }
  bytes[end] = END;
  return end + 1;
}

function writeText(text: string, bytes: Uint8Array, at: number): number {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 255) throw new MeshError('ERR_BENCODE_KEY', 'a bencode key has a character above 255');
    bytes[at + i] = code;
  }
  return at + text.length;
}

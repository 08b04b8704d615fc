/**
 * Encoding schemes: how a node writes the directors of its interfaces, and the byte string that publishes it.
 * Source: protocol 05 §2, §6.
 *
 *   director = prefix (low prefixLen bits) | field (next bitCount bits)
 *   es       = per form, from the low bit up: 5 bits prefixLen | 5 bits bitCount | prefixLen bits prefix
 */
import { MAX_FORM_BITS, MAX_FORMS } from './spec.ts';

/** One way to write a director. */
export type EncodingForm = {
  /** Bits of the field, 1 to 31. */
  readonly bitCount: number;
  /** Bits of the prefix, 0 to 31. */
  readonly prefixLen: number;
  /** Unsigned, below 2^prefixLen. */
  readonly prefix: number;
};

/** The forms of one node, narrowest first; a form's number is its index. */
export type EncodingScheme = readonly EncodingForm[];

/** The scheme of all stock binaries and of ours (protocol 05 §2). */
export const V358: EncodingScheme = [
  { bitCount: 3, prefixLen: 1, prefix: 0b1 },
  { bitCount: 5, prefixLen: 2, prefix: 0b10 },
  { bitCount: 8, prefixLen: 2, prefix: 0b00 },
];

/** V358 as it is published: `emitScheme(V358)`. */
export const V358_BYTES: Uint8Array = Uint8Array.of(0x61, 0x14, 0x45, 0x81, 0x00);

/** 31 forms of 5 + 5 + 31 bits, the zero form that may end them, and fewer than 64 bits of padding. */
const MAX_SCHEME_BYTES = Math.ceil((MAX_FORMS * 41 + 10 + 63) / 8);

/** Bits of a director in this form. */
export function formBits(form: EncodingForm): number {
  return form.bitCount + form.prefixLen;
}

/** Whether `scheme` is v358, whose fields are mapped to interface numbers in a way of their own (protocol 05 §2). */
export function isV358(scheme: EncodingScheme): boolean {
  return (
    scheme === V358 || (scheme.length === V358.length && scheme.every((form, index) => sameForm(form, V358[index])))
  );
}

function sameForm(form: EncodingForm, other: EncodingForm | undefined): boolean {
  return form.bitCount === other?.bitCount && form.prefixLen === other.prefixLen && form.prefix === other.prefix;
}

/** Whether labels can be read with `scheme` without ambiguity (protocol 05 §6, "sane"). */
export function isSane(scheme: EncodingScheme): boolean {
  const first = scheme[0];
  if (first === undefined || scheme.length > MAX_FORMS) return false;
  if (scheme.length === 1) return first.prefixLen === 0 && first.prefix === 0 && isWidth(first.bitCount);
  return scheme.every((form, index) => {
    if (!isWidth(form.prefixLen) || !isWidth(form.bitCount) || formBits(form) > MAX_FORM_BITS) return false;
    if (!Number.isInteger(form.prefix) || form.prefix < 0 || form.prefix >= 2 ** form.prefixLen) return false;
    const before = scheme[index - 1];
    if (before !== undefined && before.bitCount >= form.bitCount) return false;
    return scheme.every((other) => other === form || !matches(form, other.prefix));
  });
}

function isWidth(bits: number): boolean {
  return Number.isInteger(bits) && bits >= 1 && bits <= 31;
}

function matches(form: EncodingForm, bits: number): boolean {
  return bits % 2 ** form.prefixLen === form.prefix;
}

/**
 * Reads a published scheme.
 * @returns null if it is cut off, has data after its end, or is not sane
 */
export function parseScheme(bytes: Uint8Array): EncodingScheme | null {
  if (bytes.length > MAX_SCHEME_BYTES) return null;
  const forms: EncodingForm[] = [];
  const totalBits = bytes.length * 8;
  let at = 0;
  while (at + 10 <= totalBits && forms.length <= MAX_FORMS) {
    const prefixLen = readBits(bytes, at, 5);
    const bitCount = readBits(bytes, at + 5, 5);
    if (bitCount === 0) break;
    if (at + 10 + prefixLen > totalBits) return null;
    forms.push({ bitCount, prefixLen, prefix: readBits(bytes, at + 10, prefixLen) });
    at += 10 + prefixLen;
  }
  if (totalBits - at >= 64) return null;
  for (; at < totalBits; at++) if (readBits(bytes, at, 1) !== 0) return null;
  return isSane(forms) ? forms : null;
}

/** Writes a scheme; `parseScheme` reads back the same one if it is sane. */
export function emitScheme(scheme: EncodingScheme): Uint8Array {
  const totalBits = scheme.reduce((sum, form) => sum + 10 + form.prefixLen, 0);
  const bytes = new Uint8Array(Math.ceil(totalBits / 8));
  let at = 0;
  const put = (value: number, count: number): void => {
    for (let bit = 0; bit < count; bit++, at++) {
      if (((value >>> bit) & 1) === 1) bytes[at >> 3] = (bytes[at >> 3] ?? 0) | (1 << (at & 7));
    }
  };
  for (const form of scheme) {
    put(form.prefixLen, 5);
    put(form.bitCount, 5);
    put(form.prefix, form.prefixLen);
  }
  return bytes;
}

function readBits(bytes: Uint8Array, at: number, count: number): number {
  let value = 0;
  for (let bit = count - 1; bit >= 0; bit--)
    value = value * 2 + (((bytes[(at + bit) >> 3] ?? 0) >> ((at + bit) & 7)) & 1);
  return value;
}

/**
 * Arithmetic of labels: chains of directors, first hop in the low bits, closed by a single 1. Source: protocol 05 §3.
 * What cannot be computed gives INVALID, as on the wire; the functions never throw for values of 0..2^64-1.
 */
import type { Label } from '../wire/index.ts';
import { directorOf, firstDirector, formNumber, smallestBits, v358Field, v358Number } from './director.ts';
import { type EncodingForm, type EncodingScheme, formBits, isV358, V358 } from './scheme.ts';
import { MAX_LABEL_LOG2 } from './spec.ts';

/** The path to oneself: no director, only the terminator. */
export const SELF_LABEL: Label = 1n;

/** "No such path", everywhere. */
export const INVALID: Label = 0xffff_ffff_ffff_ffffn;

/** For `convert`: the narrowest form that can name the interface. */
export const CANONICAL = -1;

/** Whether `label` can be used as a path: terminated, and within the usable bits (protocol 05 §3). */
export function isUsable(label: Label): boolean {
  return label > 0n && label >> BigInt(MAX_LABEL_LOG2 + 1) === 0n;
}

/** Index of the highest set bit, that is the bits consumed on the way; 0 for label 0. */
export function log2(label: Label): number {
  const high = Number(label >> 32n);
  if (high !== 0) return 63 - Math.clz32(high);
  const low = Number(label);
  return low === 0 ? 0 : 31 - Math.clz32(low);
}

/** The path to C, given B to C (`goHere`) and A to B (`viaHere`); INVALID if it would have more than 59 bits. */
export function splice(goHere: Label, viaHere: Label): Label {
  const bits = log2(viaHere);
  if (log2(goHere) + bits > MAX_LABEL_LOG2) return INVALID;
  return ((goHere ^ 1n) << BigInt(bits)) ^ viaHere;
}

/** The rest of `full` as seen by the node at the end of `mid`; sensible if `routesThrough(full, mid)`. */
export function unsplice(full: Label, mid: Label): Label {
  return full >> BigInt(log2(mid));
}

/** Whether the way of `destination` begins with the way of `mid` (protocol 05 §3.1). */
export function routesThrough(destination: Label, mid: Label): boolean {
  if (mid > destination) return false;
  if (mid < 2n) return true;
  return BigInt.asUintN(log2(mid), destination ^ mid) === 0n;
}

/** Mirrors all 64 bits: what arrived becomes the way back (protocol 05 §4.4). */
export function reverse64(label: Label): Label {
  const high = reverse32(Number(BigInt.asUintN(32, label)));
  return (BigInt(high) << 32n) | BigInt(reverse32(Number(label >> 32n)));
}

function reverse32(word: number): number {
  let value = word;
  value = ((value >>> 1) & 0x5555_5555) | ((value & 0x5555_5555) << 1);
  value = ((value >>> 2) & 0x3333_3333) | ((value & 0x3333_3333) << 2);
  value = ((value >>> 4) & 0x0f0f_0f0f) | ((value & 0x0f0f_0f0f) << 4);
  value = ((value >>> 8) & 0x00ff_00ff) | ((value & 0x00ff_00ff) << 8);
  return ((value >>> 16) | (value << 16)) >>> 0;
}

/** Whether `label` consists of one director, read with the scheme of the node it starts at (protocol 05 §3). */
export function isOneHop(label: Label, scheme: EncodingScheme = V358): boolean {
  return label !== 0n && log2(label) === firstDirector(label, scheme)?.bits;
}

/** Whether the first director is the node itself: its bits have the value 1 (protocol 05 §3). */
export function isSelfRoute(label: Label, scheme: EncodingScheme = V358): boolean {
  const bits = firstDirector(label, scheme)?.bits;
  return bits !== undefined && BigInt.asUintN(bits, label) === 1n;
}

/** The one-hop label of a v358 interface in its smallest form; INVALID if `number` is not 0..256. */
export function labelOfInterface(number: number): Label {
  const director = directorOf(number);
  const bits = smallestBits(number);
  return director === null || bits === null ? INVALID : director | (1n << BigInt(bits));
}

/**
 * The numbers of the interfaces a label names, first hop first, as far as every node writes v358; what relays really
 * use may differ, so this is for display and bounds only.
 * @returns null if the label ends in the middle of a director or is not usable
 */
export function hopsOf(label: Label): readonly number[] | null {
  if (!isUsable(label)) return null;
  const hops: number[] = [];
  for (let rest = label; rest !== SELF_LABEL; ) {
    const director = firstDirector(rest);
    if (director === null || log2(rest) < director.bits) return null;
    hops.push(director.number);
    rest >>= BigInt(director.bits);
  }
  return hops;
}

/**
 * Rewrites the first director in another form of the same scheme (protocol 05 §3.2).
 * @param form its number, or CANONICAL
 * @returns INVALID if the interface cannot be written so, or the label would grow beyond 59 bits
 */
export function convert(scheme: EncodingScheme, label: Label, form: number): Label {
  const from = scheme[formNumber(label, scheme) ?? -1];
  if (from === undefined) return INVALID;
  if (scheme.length === 1 || isSelfRoute(label, scheme)) return form === 0 || form === CANONICAL ? label : INVALID;
  const field = Number(BigInt.asUintN(from.bitCount, label >> BigInt(from.prefixLen)));
  const number = isV358(scheme) ? v358Number(from, field) : field;
  const to = form === CANONICAL ? canonicalForm(scheme, number) : scheme[form];
  if (to === undefined) return INVALID;
  const newField = isV358(scheme) ? v358Field(to, number) : number;
  if (newField === null || newField >= 2 ** to.bitCount) return INVALID;
  const director = (BigInt(newField) << BigInt(to.prefixLen)) | BigInt(to.prefix);
  return director === 1n ? INVALID : joined(label >> BigInt(formBits(from)), director, formBits(to));
}

/** Puts a director under the rest of a path; INVALID beyond 59 bits. */
function joined(rest: Label, director: bigint, bits: number): Label {
  return log2(rest) + bits > MAX_LABEL_LOG2 ? INVALID : (rest << BigInt(bits)) | director;
}

function canonicalForm(scheme: EncodingScheme, number: number): EncodingForm | undefined {
  return scheme.find((form) => {
    const value = form.prefix === 1 ? number : Math.max(number - 1, 0);
    return form.bitCount >= Math.max(32 - Math.clz32(value), 1);
  });
}

/**
 * A label of ours as we give it to somebody: widened until our director back to the asker fits in its place, so that
 * the asker only splices (protocol 05 §3.3).
 * @param target label we know, from us
 * @param asker label from us to the asker
 * @returns INVALID if the widened label would have more than 59 bits
 */
export function labelFor(target: Label, asker: Label): Label {
  const form = formNumber(target) ?? 0;
  const askerForm = formNumber(asker) ?? 0;
  if (form >= askerForm) return target;
  // The self director has the value 1 at any width; `convert` refuses it because a v358 form cannot write number 1.
  if (isSelfRoute(target)) return joined(target >> 4n, 1n, askerForm === 1 ? 7 : 10);
  return convert(V358, target, askerForm);
}

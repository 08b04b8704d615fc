/**
 * Directors: the bits of a label that name one interface of one switch. Source: protocol 05 §2.
 *
 * v358: form 0 exchanges field values 0 and 1, so that `0001` is the node itself; the wider forms cannot write number 1 and
 * close the gap (field k > 0 is number k + 1).
 */
import type { Label } from '../wire/index.ts';
import { type EncodingForm, type EncodingScheme, formBits, isV358, V358 } from './scheme.ts';
import { MAX_INTERFACE, SELF_INTERFACE } from './spec.ts';

/** Bits of the widest form of v358. */
const V358_MAX_BITS = 10;

/** The director in the low bits of a label. */
export type Director = {
  /** Interface number. */
  readonly number: number;
  /** Bits it takes, prefix included. */
  readonly bits: number;
  /** Number of its form in the scheme. */
  readonly form: number;
};

/** Number of the form whose prefix the low bits of `label` bear; null if there is none (protocol 05 §2). */
export function formNumber(label: Label, scheme: EncodingScheme = V358): number | null {
  if (scheme === V358) return v358Form(Number(BigInt.asUintN(2, label)));
  if (scheme.length === 1) return 0;
  const index = scheme.findIndex((form) => BigInt.asUintN(form.prefixLen, label) === BigInt(form.prefix));
  return index < 0 ? null : index;
}

/** Total bits of v358's smallest form for an interface, 4, 7 or 10; null if `number` is not 0..256. */
export function smallestBits(number: number): number | null {
  if (!isInterfaceNumber(number)) return null;
  if (number <= 7) return 4;
  return number <= 32 ? 7 : 10;
}

/** Whether `number` can be an interface of a v358 switch. */
export function isInterfaceNumber(number: number): boolean {
  return Number.isInteger(number) && number >= 0 && number <= MAX_INTERFACE;
}

/**
 * The v358 director of an interface, as a value of its low bits.
 * @param totalBits 4, 7 or 10; without it the smallest form
 * @returns null if that form cannot name the interface
 */
export function directorOf(interfaceNumber: number, totalBits?: number): bigint | null {
  const bits = totalBits ?? smallestBits(interfaceNumber);
  const form = V358.find((candidate) => formBits(candidate) === bits);
  if (form === undefined || !isInterfaceNumber(interfaceNumber)) return null;
  const field = fieldOfNumber(V358, form, interfaceNumber);
  return field === null ? null : BigInt(field * 2 ** form.prefixLen + form.prefix);
}

/**
 * The smallest director of an interface in any scheme, and its bits (protocol 05 §2).
 * @returns null if no form can name it
 */
export function smallestDirector(number: number, scheme: EncodingScheme): { bits: number; value: bigint } | null {
  for (const form of scheme) {
    const field = fieldOfNumber(scheme, form, number);
    if (field !== null) {
      return { bits: formBits(form), value: (BigInt(field) << BigInt(form.prefixLen)) | BigInt(form.prefix) };
    }
  }
  return null;
}

/** Reads the director in the low bits of `label`; null if no form matches (never with v358). */
export function firstDirector(label: Label, scheme: EncodingScheme = V358): Director | null {
  if (scheme === V358) return v358Director(Number(BigInt.asUintN(V358_MAX_BITS, label)));
  const number = formNumber(label, scheme);
  const form = number === null ? undefined : scheme[number];
  if (number === null || form === undefined) return null;
  const field = Number(BigInt.asUintN(form.bitCount, label >> BigInt(form.prefixLen)));
  return { number: numberOfField(scheme, form, field), bits: formBits(form), form: number };
}

/** The same for the scheme that nearly everybody has, without BigInts: every label that is read takes many steps of this. */
function v358Director(low: number): Director {
  const number = v358Form(low);
  const form = V358[number] as EncodingForm;
  const field = (low >> form.prefixLen) & ((1 << form.bitCount) - 1);
  return { number: v358Number(form, field), bits: form.bitCount + form.prefixLen, form: number };
}

/** The prefixes are 1, 10 and 00. */
function v358Form(low: number): number {
  if ((low & 1) === 1) return 0;
  return (low & 2) === 2 ? 1 : 2;
}

/** The v358 interface number that `field` means in `form` (protocol 05 §2). */
export function v358Number(form: EncodingForm, field: number): number {
  if (form.prefixLen === 1) return field <= 1 ? 1 - field : field;
  return field === 0 ? 0 : field + 1;
}

/** The reverse; null for number 1 in the wider forms. The field may be too large for the form. */
export function v358Field(form: EncodingForm, number: number): number | null {
  if (form.prefixLen === 1) return number <= 1 ? 1 - number : number;
  return number === SELF_INTERFACE ? null : Math.max(number - 1, 0);
}

function numberOfField(scheme: EncodingScheme, form: EncodingForm, field: number): number {
  if (isV358(scheme)) return v358Number(form, field);
  return scheme.length === 1 ? field : flipped(field);
}

function fieldOfNumber(scheme: EncodingScheme, form: EncodingForm, number: number): number | null {
  if (!Number.isSafeInteger(number) || number < 0) return null;
  const several = scheme.length === 1 ? number : flipped(number);
  const field = isV358(scheme) ? v358Field(form, number) : several;
  return field !== null && field < 2 ** form.bitCount ? field : null;
}

/** Other schemes of several forms exchange neighbours (xor 1), so that the self director has the value 1 (protocol 05 §2). */
function flipped(value: number): number {
  return value % 2 === 0 ? value + 1 : value - 1;
}

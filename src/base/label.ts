/**
 * Text form of a route label: 16 hex digits in four groups, `0000.0000.0000.0013`. Source: protocol 01 §6.
 * It stands here, below `crypto/`, because full node addresses contain one; `wire/` shows it to the layers above.
 */
import type { Flavor } from './flavor.ts';

/** A 64-bit source route, unsigned; what its bits mean is in `switch/` (protocol 05 §3). */
export type Label = Flavor<bigint, 'label'>;

const SHAPE = /^[0-9a-f]{4}(\.[0-9a-f]{4}){3}$/i;

/** Reads exactly 19 characters, upper or lower case; null for anything else. */
export function parseLabel(text: string): Label | null {
  return SHAPE.test(text) ? BigInt(`0x${text.replaceAll('.', '')}`) : null;
}

/** Writes 19 lower-case characters. */
export function formatLabel(label: Label): string {
  return label
    .toString(16)
    .padStart(16, '0')
    .replace(/(.{4})(?=.)/g, '$1.');
}

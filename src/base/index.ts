/**
 * Tools without a protocol: bytes, base32, bencode, checksum, bounded tables, rate limits, and the types through which
 * time, randomness and logging enter the layers.
 *
 * Promises: readers are total (a value or null, never a throw, never a read past the end); every container is bounded.
 * Refuses: to know the time, to draw random numbers, to do input or output.
 * Follows protocol 01 §3 and §6, 06 §1 (checksum), 08 §1.1 (bencode).
 */
export * from './base32.ts';
export * from './bencode.ts';
export * from './bencode-fields.ts';
export * from './bounded-map.ts';
export * from './bytes.ts';
export * from './checksum.ts';
export * from './clock.ts';
export { type Column, type Columns, clearRow, createColumns, growColumns } from './columns.ts';
export * from './counters.ts';
export * from './errors.ts';
export type { Flavor } from './flavor.ts';
export * from './label.ts';
export { BENCODE_LIMITS, type BencodeLimits } from './limits.ts';
export * from './logger.ts';
export * from './mistake.ts';
export * from './rng.ts';
export * from './token-bucket.ts';

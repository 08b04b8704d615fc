/**
 * Mesh addresses: IPv6 addresses in fc00::/8 that follow from a public key. Source: protocol 01 §2 (form), §2.3 (text),
 * §5 (distance).
 */
import ipaddr from 'ipaddr.js';
import { copy, readU16, readU64, toHex } from '../base/index.ts';
import type { CryptoBackend } from './backend.ts';
import { MAX_TEXT_LENGTH } from './limits.ts';
import { asPublicKey } from './public-key.ts';

declare const brand: unique symbol;

/** An IPv6 address, 16 bytes in network order; of the mesh or not (see `isMeshAddress`). */
export type Ip6 = Uint8Array & { readonly [brand]: 'Ip6' };

/** Bytes of an address. */
export const ADDRESS_BYTES = 16;

/** First byte of every address of the mesh. */
export const MESH_PREFIX = 0xfc;

/** A copy of `bytes` as an address; null if they are not 16. */
export function asIp6(bytes: Uint8Array): Ip6 | null {
  return bytes.length === ADDRESS_BYTES ? (copy(bytes) as Ip6) : null;
}

/** The address of a key; null if it is not in fc00::/8 (no node has such a key), or not a key at all. */
export function addressOf(backend: CryptoBackend, publicKey: Uint8Array): Ip6 | null {
  if (asPublicKey(publicKey) === null) return null;
  const address = asIp6(backend.sha512(backend.sha512(publicKey)).subarray(0, ADDRESS_BYTES));
  return address !== null && isMeshAddress(address) ? address : null;
}

/** 16 bytes within fc00::/8? */
export function isMeshAddress(bytes: Uint8Array): boolean {
  return bytes.length === ADDRESS_BYTES && bytes[0] === MESH_PREFIX;
}

/** Reads any text form of an IPv6 address; null for anything else, also for one with a zone (`%eth0`). */
export function parseIp6(text: string): Ip6 | null {
  if (text.length > MAX_TEXT_LENGTH || text.includes('%') || !ipaddr.IPv6.isValid(text)) return null;
  return asIp6(Uint8Array.from(ipaddr.IPv6.parse(text).toByteArray()));
}

/** Writes 39 characters: eight groups of four digits, nothing left out. */
export function formatIp6(address: Ip6): string {
  return toHex(address).replace(/(.{4})(?=.)/g, '$1:');
}

/** The address as a key for maps, one character for two bytes: not for people. */
export function addressKey(address: Uint8Array): string {
  // Written out: this is asked for several times a message, and is four times as fast as any call that takes a list.
  return String.fromCharCode(
    readU16(address, 0),
    readU16(address, 2),
    readU16(address, 4),
    readU16(address, 6),
    readU16(address, 8),
    readU16(address, 10),
    readU16(address, 12),
    readU16(address, 14),
  );
}

/** Distance of two addresses, 128 bits unsigned. */
export function distance(a: Ip6, b: Ip6): bigint {
  return ((readU64(a, 8) ^ readU64(b, 8)) << 64n) | (readU64(a, 0) ^ readU64(b, 0));
}

/** Order by distance to `target`: negative if `a` is closer, positive if `b` is, 0 if equal. For sorting. */
export function compareDistance(target: Ip6, a: Ip6, b: Ip6): number {
  for (let i = 0; i < ADDRESS_BYTES; i++) {
    const at = (i + 8) % ADDRESS_BYTES;
    const difference = ((a[at] ?? 0) ^ (target[at] ?? 0)) - ((b[at] ?? 0) ^ (target[at] ?? 0));
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Is `a` closer to `target` than `b`? False when equal. */
export function closerTo(target: Ip6, a: Ip6, b: Ip6): boolean {
  return compareDistance(target, a, b) < 0;
}

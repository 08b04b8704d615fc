/**
 * The announcement with which a node tells a supernode its links. Source: protocol 09 §3.
 *
 *   0  signature (64)      Ed25519, over everything behind it
 *  64  signing key (32)
 *  96  supernode (16)      its address
 * 112  timestamp (8)       ms since 1970 << 4 | reset << 3 | version, which is 1
 * 120  items
 */
import { concat, copy, readU64, writeU64 } from '../base/index.ts';
import { asIp6, type Ip6 } from '../crypto/index.ts';
import { type AnnouncementItem, emitItem, parseAll } from './announcement-item.ts';

/** Byte offsets. */
export const OFFSET = { signature: 0, signingKey: 64, supernode: 96, timestamp: 112, items: 120 } as const;
/** The version of the format. */
export const VERSION = 1;

/** What is signed. */
export type AnnouncementBody = {
  /** Ed25519 public key, 32 bytes. */
  readonly signingKey: Uint8Array;
  readonly supernode: Ip6;
  /** By the supernode's clock; at most 2^53. */
  readonly timestampMs: number;
  /** Everything announced before is void. */
  readonly reset: boolean;
  /** In the order in which they stand. */
  readonly items: readonly AnnouncementItem[];
};

/** A whole announcement; whether the signature is right is not known here. */
export type Announcement = AnnouncementBody & { readonly signature: Uint8Array };

/** Reads one; null if it is malformed, of another version, or from beyond the year 200000. */
export function parse(bytes: Uint8Array): Announcement | null {
  if (bytes.length < OFFSET.items) return null;
  const stamp = readU64(bytes, OFFSET.timestamp);
  const supernode = asIp6(bytes.subarray(OFFSET.supernode, OFFSET.timestamp));
  const items = parseAll(bytes.subarray(OFFSET.items));
  if (supernode === null || items === null || (stamp & 7n) !== BigInt(VERSION)) return null;
  if (stamp >> 4n > BigInt(Number.MAX_SAFE_INTEGER)) return null;
  return {
    signature: copy(bytes, OFFSET.signature, OFFSET.signingKey),
    signingKey: copy(bytes, OFFSET.signingKey, OFFSET.supernode),
    supernode,
    timestampMs: Number(stamp >> 4n),
    reset: (stamp & 8n) !== 0n,
    items,
  };
}

/** Writes what is to be signed: everything behind the signature. */
export function emitBody(body: AnnouncementBody): Uint8Array {
  const head = new Uint8Array(OFFSET.items - OFFSET.signingKey);
  head.set(body.signingKey, 0);
  head.set(body.supernode, OFFSET.supernode - OFFSET.signingKey);
  const stamp = (BigInt(body.timestampMs) << 4n) | (body.reset ? 8n : 0n) | BigInt(VERSION);
  writeU64(head, OFFSET.timestamp - OFFSET.signingKey, stamp);
  return concat(head, ...body.items.map(emitItem));
}

/** Writes the whole. */
export function emit(announcement: Announcement): Uint8Array {
  return concat(announcement.signature, emitBody(announcement));
}

/** Replies as plain values, and their way into bencode. Source: protocol 10 §1. */
import { type Bencode, emitBencode, utf8 } from '../base/index.ts';

/** What a function may answer with; null and undefined are left out, numbers are rounded (bencode has no fractions). */
export type ReplyValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | undefined
  | Uint8Array
  | readonly ReplyValue[]
  | { readonly [key: string]: ReplyValue };

/** A reply without its txid. */
export type Reply = { readonly [key: string]: ReplyValue };

/** The datagram of a reply. @param txid as the request carried it, null if it carried none */
export function emitReply(reply: Reply, txid: Bencode | null): Uint8Array {
  const map = new Map(mapOf(reply));
  if (txid !== null) map.set('txid', txid);
  return emitBencode(map);
}

function mapOf(fields: Reply): ReadonlyMap<string, Bencode> {
  const map = new Map<string, Bencode>();
  for (const [key, value] of Object.entries(fields)) {
    const encoded = toValue(value);
    if (encoded !== null) map.set(key, encoded);
  }
  return map;
}

function toValue(value: ReplyValue): Bencode | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return utf8(value);
  if (typeof value === 'bigint' || value instanceof Uint8Array) return value;
  if (typeof value === 'boolean') return value ? 1n : 0n;
  if (typeof value === 'number') return Number.isFinite(value) ? BigInt(Math.round(value)) : null;
  if (isList(value)) return value.map(toValue).filter((item) => item !== null);
  return mapOf(value);
}

function isList(value: readonly ReplyValue[] | Reply): value is readonly ReplyValue[] {
  return Array.isArray(value);
}

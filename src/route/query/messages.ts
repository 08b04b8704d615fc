/** Queries and replies of ours as bytes, and the checks on those of others that need schemes. Source: protocol 08 §2, §7. */
import { concat, type Rng } from '../../base/index.ts';
import { type EncodingScheme, formNumber, parseScheme, SELF_LABEL, V358, V358_BYTES } from '../../switch/index.ts';
import { type DhtMessage, dhtMessage, type Label, type ListedNode } from '../../wire/index.ts';
import { MIN_PROTOCOL, TXID_FIRST_BYTE, TXID_RANDOM_BYTES } from '../spec.ts';

/** `3:tar` and a length of three digits before it. */
const TAR_OVERHEAD_BYTES = 9;

/** The queries we send. */
export type QueryName = 'pn' | 'fn' | 'gp' | 'nh';

/** A fresh txid: `0` and 12 random bytes (protocol 08 §2.2). */
export function newTxid(rng: Rng): Uint8Array {
  return concat(Uint8Array.of(TXID_FIRST_BYTE), rng.bytes(TXID_RANDOM_BYTES));
}

/** A query that goes along `label`. @param target 8 or 16 bytes as the query wants, null for `pn` */
export function emitQuery(
  protocol: number,
  txid: Uint8Array,
  query: QueryName,
  target: Uint8Array | null,
  label: Label,
): Uint8Array {
  return dhtMessage.emit({ kind: 'query', query, target, txid, ...ours(protocol, label) });
}

/**
 * Ballast that makes a `pn` as long as this, or a byte longer; null where it is as long without. Nobody reads the `tar` of a ping
 * (protocol 08 §2).
 */
export function padding(protocol: number, bytes: number): Uint8Array | null {
  const bare = emitQuery(protocol, new Uint8Array(1 + TXID_RANDOM_BYTES), 'pn', null, SELF_LABEL).length;
  const missing = bytes - bare - TAR_OVERHEAD_BYTES;
  return missing > 0 ? new Uint8Array(missing) : null;
}

/** A reply that goes along `label`. */
export function emitReply(protocol: number, txid: Uint8Array, nodes: readonly ListedNode[], label: Label): Uint8Array {
  return dhtMessage.emit({ kind: 'reply', nodes, dnd: false, txid, ...ours(protocol, label) });
}

function ours(protocol: number, label: Label): { protocol: number; scheme: Uint8Array; formNumber: number } {
  return { protocol, scheme: V358_BYTES, formNumber: formNumber(label) ?? 0 };
}

/** A message of another node that may be used. */
export type Received = { readonly message: DhtMessage; readonly scheme: EncodingScheme };

/** Reads a message; null if it has to be discarded: form, version, or an `ei` that is no form of `es`. */
export function readMessage(content: Uint8Array): Received | null {
  const message = dhtMessage.parse(content);
  if (message === null || message.protocol < MIN_PROTOCOL) return null;
  const scheme = message.scheme === null ? V358 : schemeOf(message.scheme);
  return scheme === null || message.formNumber >= scheme.length ? null : { message, scheme };
}

/** The shared object for v358, so that schemes of stock nodes compare by identity. */
function schemeOf(bytes: Uint8Array): EncodingScheme | null {
  if (bytes.length === V358_BYTES.length && bytes.every((byte, index) => byte === V358_BYTES[index])) return V358;
  return parseScheme(bytes);
}

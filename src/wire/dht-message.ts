/**
 * Router messages (CJDHT): one bencoded dictionary after the data header. Source: protocol 08 §2.
 *
 *   txid  string   all      returned byte for byte
 *   p     int      all      sender's protocol version
 *   es    string   all      sender's encoding scheme; missing = v358
 *   ei    int      all      form of the first director of the label this message is sent on
 *   q     string   query    pn, fn, gp, nh
 *   sq    string   query to a supernode
 *   tar   string   query    address (fn, nh) or label (gp)
 *   n, np string   reply    nodes
 *   dnd   int      reply    1 = do not list me for others
 *
 * Checked here: form and presence. Left to `route/`: compatible `p`, `ei` a form of `es`, keys in fc00::/8.
 * Unknown keys and bytes after the dictionary are ignored.
 */
import { asMap, emitBencode, fromLatin1, getBytes, getInt, latin1, parseBencode } from '../base/index.ts';
import { type Common, readCommon, readNodes, startMessage, writeNodes } from './dht-common.ts';
import { DHT_LIMITS } from './limits.ts';
import type { ListedNode } from './node-list.ts';

/** `pn`, `fn`, `gp`, `nh`, or something that we do not know (one character a byte). */
export type DhtQuery = Common & {
  readonly kind: 'query';
  readonly query: string;
  /** An address (16 bytes) or a label (8), any length on receipt; null = missing. */
  readonly target: Uint8Array | null;
};

/** A query for a supernode (see `supernode-message.ts`); who is none must not answer. */
export type DhtSupernodeQuery = Common & { readonly kind: 'supernodeQuery'; readonly query: string };

/** An answer; without nodes it is the answer to a ping. */
export type DhtReply = Common & {
  readonly kind: 'reply';
  readonly nodes: readonly ListedNode[];
  /** True = do not list the sender for others. */
  readonly dnd: boolean;
};

/** Any router message. */
export type DhtMessage = DhtQuery | DhtSupernodeQuery | DhtReply;

/** Reads the content of a packet of type CJDHT; null if it must be discarded. */
export function parse(bytes: Uint8Array): DhtMessage | null {
  const map = asMap(parseBencode(bytes, DHT_LIMITS)?.value);
  if (map === null) return null;
  const common = readCommon(map);
  if (common === null) return null;
  const supernodeQuery = getBytes(map, 'sq');
  if (supernodeQuery !== null) return { kind: 'supernodeQuery', query: latin1(supernodeQuery), ...common };
  const query = getBytes(map, 'q');
  if (query !== null) return { kind: 'query', query: latin1(query), target: getBytes(map, 'tar'), ...common };
  return { kind: 'reply', nodes: readNodes(map), dnd: getInt(map, 'dnd') === 1n, ...common };
}

/** Writes the content of a packet of type CJDHT. */
export function emit(message: DhtMessage): Uint8Array {
  const map = startMessage(message);
  if (message.kind === 'query') {
    map.set('q', fromLatin1(message.query));
    if (message.target !== null) map.set('tar', message.target);
  } else if (message.kind === 'supernodeQuery') {
    map.set('sq', fromLatin1(message.query));
  } else {
    if (message.dnd) map.set('dnd', 1n);
    writeNodes(map, message.nodes);
  }
  return emitBencode(map);
}

/** One line for people: kind, query, number of nodes. */
export function format(message: DhtMessage): string {
  if (message.kind === 'reply') return `reply ${message.nodes.length} nodes v${message.protocol}`;
  return `${message.kind} ${JSON.stringify(message.query.slice(0, 8))} v${message.protocol}`;
}

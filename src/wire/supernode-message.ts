/**
 * Queries to a supernode and its replies: router messages with `sq` in the place of `q`. Source: protocol 09 §2.
 *
 *   sq        string   query      pn is there anybody, gr get route, ann announce
 *   src, tar  string   gr         addresses: from where to where
 *   ann       string   ann        the announcement (announcement.ts)
 *   recvTime  int      reply      when the query arrived, ms since 1970 by the supernode's clock
 *   stateHash string   reply      to ann: hash over all that the supernode keeps of us
 *   n, np     string   reply      to gr: the target, with the complete label from `src`: not to be spliced
 *
 * Checked here: form and presence. What a query or reply must have to be of use is for `supernode/` to say.
 */
import { asMap, emitBencode, fromLatin1, getBytes, getNumber, latin1, parseBencode } from '../base/index.ts';
import { type Common, readCommon, readNodes, startMessage, writeNodes } from './dht-common.ts';
import { DHT_LIMITS } from './limits.ts';
import type { ListedNode } from './node-list.ts';

/** A query; what it has not is null. */
export type SupernodeQuery = Common & {
  readonly kind: 'query';
  /** `pn`, `gr`, `ann`, or something that we do not know (one character a byte). */
  readonly query: string;
  readonly source: Uint8Array | null;
  readonly target: Uint8Array | null;
  readonly announcement: Uint8Array | null;
};

/** A reply; what it has not is null. */
export type SupernodeReply = Common & {
  readonly kind: 'reply';
  /** Up to 2^53: the clock of somebody else, whatever it says. */
  readonly receivedMs: number | null;
  readonly stateHash: Uint8Array | null;
  readonly nodes: readonly ListedNode[];
};

/** Reads either; null if it must be discarded, and for a query with `q` alone. */
export function parse(bytes: Uint8Array): SupernodeQuery | SupernodeReply | null {
  const map = asMap(parseBencode(bytes, DHT_LIMITS)?.value);
  const common = map === null ? null : readCommon(map);
  if (map === null || common === null) return null;
  const query = getBytes(map, 'sq');
  if (query !== null) {
    const [source, target, announcement] = [getBytes(map, 'src'), getBytes(map, 'tar'), getBytes(map, 'ann')];
    return { kind: 'query', query: latin1(query), source, target, announcement, ...common };
  }
  if (map.has('q')) return null;
  const receivedMs = getNumber(map, 'recvTime', 0, Number.MAX_SAFE_INTEGER);
  return { kind: 'reply', receivedMs, stateHash: getBytes(map, 'stateHash'), nodes: readNodes(map), ...common };
}

/** Writes the content of a packet of type CJDHT. */
export function emit(message: SupernodeQuery | SupernodeReply): Uint8Array {
  const map = startMessage(message);
  if (message.kind === 'query') {
    map.set('sq', fromLatin1(message.query));
    if (message.source !== null) map.set('src', message.source);
    if (message.target !== null) map.set('tar', message.target);
    if (message.announcement !== null) map.set('ann', message.announcement);
  } else {
    if (message.receivedMs !== null) map.set('recvTime', BigInt(message.receivedMs));
    if (message.stateHash !== null) map.set('stateHash', message.stateHash);
    writeNodes(map, message.nodes);
  }
  return emitBencode(map);
}

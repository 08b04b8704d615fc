/**
 * The same key from two addresses. A node that moved (another NAT mapping, another network) keeps its link and so its
 * interface number, which labels of others lead through; a copy of a node that is alive elsewhere is turned away. Which of
 * the two it is shows when the address known so far is asked. Source: protocol 04 §4.5.
 */
import { formatSender } from '../underlay/index.ts';
import { MAX_ENDPOINTS, REFUSE_RIVAL_MS, RIVAL_MS } from './limits.ts';
import type { Peer } from './peer.ts';
import type { SocketEndpoint } from './types.ts';

/** What becomes of a peer whose key is another link's, too. */
export type RivalVerdict = 'wait' | 'inherit' | 'refuse';

/**
 * The link that has the key of `peer` already: one that somebody else began over the same socket and that has carried
 * data. Links that we dial ourselves, those over another socket, and a few from the same run of a node are second ways to
 * the same node: two machines with one key are two runs.
 */
export function holderOf(peer: Peer, sameKey: readonly Peer[]): Peer | null {
  if (peer.direction !== 'in') return null;
  const holds = (other: Peer): boolean =>
    other !== peer &&
    other.direction === 'in' &&
    other.provenMs !== null &&
    other.rivalOf === null &&
    other.endpoint.socket === peer.endpoint.socket;
  const holders = sameKey.filter(holds);
  const isOneNode = holders.length < MAX_ENDPOINTS && holders.every(({ run }) => run !== null && run === peer.run);
  return isOneNode ? null : (holders[0] ?? null);
}

/**
 * Looks at a rival again.
 * @param heardMs when the holder was heard last
 */
export function judge(holder: Peer, rival: Peer, sinceMs: number, heardMs: number, nowMs: number): RivalVerdict {
  // The holder itself was heard from there: one node, which moved and began a handshake as well.
  const isOneNode = holder.slot === rival.slot || holder.away?.slot === rival.slot;
  if (isOneNode || holder.liveness.phase !== 'alive') return 'inherit';
  if (heardMs >= sinceMs) return 'refuse';
  return nowMs - sinceMs >= RIVAL_MS ? 'inherit' : 'wait';
}

/** The holder answered: its rival is not listened to for a while. */
export function noteRefused(holder: Peer, rival: Peer, nowMs: number): void {
  holder.refusedRival = { endpoint: formatSender(rival.endpoint), untilMs: nowMs + REFUSE_RIVAL_MS };
}

/** Was this address of the holder's key turned away just now, and is the holder still there? */
export function isRefused(holder: Peer, endpoint: SocketEndpoint, nowMs: number): boolean {
  const { refusedRival, liveness } = holder;
  return (
    refusedRival !== null &&
    liveness.phase === 'alive' &&
    nowMs < refusedRival.untilMs &&
    refusedRival.endpoint === formatSender(endpoint)
  );
}

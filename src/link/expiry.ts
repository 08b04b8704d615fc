/**
 * When a peer that nobody configured is forgotten: one that dialled us, or that a beacon told of. Whom the configuration names is
 * dialled for ever. Source: protocol 04 §7; ARCHITECTURE.md, "Link timers".
 */
import { DOUBTED_PINGS, FORGET_MS, FORGET_UNUSED_MS, UNFINISHED_MS } from './limits.ts';
import { isNeighbour, type Peer } from './peer.ts';

/** What else is known of it. */
export type Usage = {
  readonly lastInMs: number;
  /** It carried more than pings. */
  readonly isUsed: boolean;
  /** All links of its key, this one among them. */
  readonly sameKey: () => readonly Peer[];
};

/** Has its time come? A handshake that was never finished, and a link that nobody used, go earlier. */
export function isExpired(peer: Peer, { lastInMs, isUsed, sameKey }: Usage, nowMs: number): boolean {
  if (peer.direction === 'out') return false;
  if (peer.liveness.phase === 'dialling') return peer.provenMs === null && nowMs - peer.createdMs > UNFINISHED_MS;
  // Found again over another device or address: what kept to the way that is gone moves over at once.
  if (isNeighbour(peer) && isDoubted(peer) && sameKey().some((one) => isAnother(one, peer))) return true;
  // Both found the other at the same moment, one by IP and one by Ethernet: of two links the one by IP stays.
  if (peer.direction === 'lan' && !isByIp(peer) && sameKey().some((one) => isAnother(one, peer) && isByIp(one)))
    return true;
  if (nowMs - lastInMs <= FORGET_UNUSED_MS) return false;
  return (
    !isUsed || nowMs - lastInMs > FORGET_MS || sameKey().some((one) => isAnother(one, peer) && isSameRun(one, peer))
  );
}

function isDoubted({ liveness }: Peer): boolean {
  return liveness.phase === 'dead' || liveness.unanswered >= DOUBTED_PINGS;
}

/** Another link of the node, which is used and answers. */
function isAnother(one: Peer, peer: Peer): boolean {
  return one !== peer && one.announced && one.liveness.unanswered === 0;
}

/** Ethernet has no ports. */
function isByIp({ endpoint }: Peer): boolean {
  return endpoint.port !== 0;
}

/** The same run of the peer's node answers there: it has given this way up. */
function isSameRun({ run }: Peer, peer: Peer): boolean {
  return run !== null && run === peer.run;
}

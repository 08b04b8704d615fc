/**
 * Who gives way to a newcomer who proved a password: handshakes that were never finished, then links that are dead. Whoever
 * answers keeps its place. Source: SECURITY.md, P9; protocol 04 §4.2.
 */
import { MAX_PEERS, MAX_PER_LOGIN, MAX_UNFINISHED } from './limits.ts';
import { isDeadGuest, isUnfinished, isUnprovenNeighbour, type Peer } from './peer.ts';
import type { RefusalReason } from './refused.ts';

/** Who has to go, or why the newcomer is not let in. */
export type Room =
  | { readonly ok: true; readonly evicted: readonly Peer[] }
  | { readonly ok: false; readonly reason: RefusalReason };

/**
 * Decides about one newcomer.
 * @param peers all peers, oldest first
 * @param login of the newcomer
 */
export function makeRoom(peers: readonly Peer[], login: string | null): Room {
  const evicted = new Set<Peer>();
  const left = (candidates: readonly Peer[]): readonly Peer[] => candidates.filter((peer) => !evicted.has(peer));
  const evictOne = (candidates: readonly Peer[]): boolean => {
    const [first] = left(candidates);
    if (first !== undefined) evicted.add(first);
    return first !== undefined;
  };
  const unfinished = peers.filter(isUnfinished);
  if (left(unfinished).length >= MAX_UNFINISHED) evictOne(unfinished);

  const ofLogin = peers.filter((peer) => peer.direction === 'in' && (peer.channel.user?.login ?? null) === login);
  if (left(ofLogin).length >= MAX_PER_LOGIN && !evictOne(ofLogin.filter(isUnfinished))) {
    if (!evictOne(longestDeadFirst(ofLogin))) return { ok: false, reason: 'too many links of this login' };
  }
  const unproven = [...unfinished, ...peers.filter(isUnprovenNeighbour)];
  if (left(peers).length >= MAX_PEERS && !evictOne(unproven) && !evictOne(longestDeadFirst(peers))) {
    return { ok: false, reason: 'no place left' };
  }
  return { ok: true, evicted: [...evicted] };
}

function longestDeadFirst(peers: readonly Peer[]): readonly Peer[] {
  return peers.filter(isDeadGuest).sort((a, b) => a.liveness.sinceMs - b.liveness.sinceMs);
}

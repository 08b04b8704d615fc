/**
 * Neighbours that a beacon told of. A beacon proves nothing, so what follows from it is little: a handshake with the key that it
 * names, at the place that it names, with the password in it. Links that are configured or that work are never touched; how many
 * begin, and how many wait for proof, is bounded. Source: protocol 04 §9.2 with its "abuse to guard against".
 */
import { createTokenBucket, equal, type TokenBucket } from '../base/index.ts';
import type { Credentials } from '../channel/index.ts';
import { addressOf, type PublicKey } from '../crypto/index.ts';
import { helloBudget } from './admission.ts';
import {
  ASK_BURST,
  ASKS_PER_SECOND,
  DISCOVERIES_PER_SECOND,
  DISCOVERY_BURST,
  DOUBTED_PINGS,
  MAX_AT_ONE_PLACE,
  MAX_PEERS,
  MAX_UNPROVEN_NEIGHBOURS,
  SAME_NEIGHBOUR_MS,
} from './limits.ts';
import { hurry, isHurried } from './liveness.ts';
import { isNeighbour, isUnprovenNeighbour, type Peer } from './peer.ts';
import type { Peers } from './peers.ts';
import { isSameEndpoint, type SocketEndpoint } from './types.ts';

/** What a beacon says, and where its sender takes links. */
export type Neighbour = {
  readonly endpoint: SocketEndpoint;
  readonly key: PublicKey;
  readonly credentials: Credentials;
};

/** What became of it: a handshake began, there is a link already, or why not. */
export type Discovery =
  | 'begun'
  | 'known'
  | 'own key'
  | 'no key of a node'
  | 'no such address'
  | 'too many at this address'
  | 'too many unproven'
  | 'no place left'
  | 'too many at once';

/** Takes in what beacons say. */
export class Discoveries {
  readonly #peers: Peers;
  readonly #budget: TokenBucket;
  readonly #asks: TokenBucket;

  constructor(peers: Peers) {
    this.#peers = peers;
    const limit = { ratePerSecond: DISCOVERIES_PER_SECOND, burst: DISCOVERY_BURST };
    this.#budget = createTokenBucket(limit, peers.options.nowMs);
    const asks = { ratePerSecond: ASKS_PER_SECOND, burst: ASK_BURST };
    this.#asks = createTokenBucket(asks, peers.options.nowMs);
  }

  /** A beacon was heard. */
  discover({ endpoint, key, credentials }: Neighbour, nowMs: number): Discovery {
    const { identity, crypto, handshake, engine } = this.#peers.options;
    const { places } = this.#peers;
    if (equal(key, identity.publicKey)) return 'own key';
    const links = places.sameKey(key);
    const isElsewhere = links.some(
      (peer) => peer.endpoint.socket === endpoint.socket && !isSameEndpoint(peer.endpoint, endpoint),
    );
    if (links.some((peer) => works(peer, isElsewhere, nowMs) || isUnderWay(peer, nowMs))) {
      this.#ask(links, endpoint, credentials, nowMs);
      return 'known';
    }
    const address = addressOf(crypto, key);
    if (address === null) return 'no key of a node';
    const slot = engine.endpoint(endpoint.socket, endpoint);
    if (slot === null) return 'no such address';
    const present = places.withKey(slot, key);
    if (present !== null) return this.#again(present, credentials, nowMs);
    const refusal = this.#refusal(slot, nowMs);
    if (refusal !== null) {
      places.giveBack(slot);
      return refusal;
    }
    const fixed = { peerKey: key, credentials, requireAuth: false, helloBudget: helloBudget(nowMs) };
    const channel = handshake.channel(fixed, nowMs);
    const peer = places.take({ key, address, endpoint, slot, channel, direction: 'lan' }, nowMs);
    if (peer === null) {
      channel.close();
      places.giveBack(slot);
      return 'no place left';
    }
    this.#peers.sync(peer, nowMs);
    return 'begun';
  }

  /**
   * A node tells of itself when it starts: what works may be with the run before. So the link is asked at once, and begun anew
   * beside its keys when no answer comes (`hurry`), also one that the neighbour began, which has forgotten it. One that is asked
   * already keeps its timers, and its next ping goes in a new handshake as well: whoever forges beacons must not keep a dead link
   * alive.
   */
  #ask(links: readonly Peer[], endpoint: SocketEndpoint, credentials: Credentials, nowMs: number): void {
    const peer = links.find((one) => isSameEndpoint(one.endpoint, endpoint));
    if (peer === undefined || peer.direction === 'out' || !works(peer, false, nowMs) || !this.#asks.take(nowMs)) return;
    if (peer.direction === 'in' && isNeighbour(peer)) this.#dial(peer, credentials);
    const isAsked = peer.liveness.unanswered > 0 || isHurried(peer.liveness, nowMs);
    if (isAsked) peer.keysDoubtedMs = nowMs;
    else peer.liveness = hurry(peer.liveness, nowMs);
    peer.dueMs = nowMs;
  }

  /** Its link is there, and does not work: the other side may have begun anew, with another password. */
  #again(peer: Peer, credentials: Credentials, nowMs: number): Discovery {
    const { phase } = peer.liveness;
    if (peer.direction === 'out' || (peer.direction === 'in' && phase === 'dialling')) return 'known';
    if (!isNeighbour(peer) && phase !== 'dead') return 'known';
    if (!this.#budget.take(nowMs)) return 'too many at once';
    this.#dial(peer, credentials);
    peer.keysDoubtedMs = nowMs;
    peer.dueMs = Math.min(peer.dueMs, nowMs);
    return 'begun';
  }

  /** From now on it is ours to dial, with what its beacon carries. */
  #dial(peer: Peer, credentials: Credentials): void {
    this.#peers.places.setDirection(peer, 'lan');
    peer.channel.dialWith(credentials);
  }

  #refusal(slot: number, nowMs: number): Discovery | null {
    const all = this.#peers.all();
    if (this.#peers.places.at(slot).length >= MAX_AT_ONE_PLACE) return 'too many at this address';
    if (all.filter(isUnprovenNeighbour).length >= MAX_UNPROVEN_NEIGHBOURS) return 'too many unproven';
    if (all.length >= MAX_PEERS) return 'no place left';
    return this.#budget.take(nowMs) ? null : 'too many at once';
  }
}

/** It was told of by another medium a moment ago: the same node by IPv4 and raw Ethernet is one neighbour. */
function isUnderWay({ direction, createdMs, establishedMs }: Peer, nowMs: number): boolean {
  return direction !== 'out' && establishedMs === null && nowMs - createdMs < SAME_NEIGHBOUR_MS;
}

/**
 * There is a link to the node that is used, and nothing speaks against it.
 * @param isElsewhere the node says so from another address: after a change of network one open ping is enough to believe it
 */
function works({ announced, liveness }: Peer, isElsewhere: boolean, nowMs: number): boolean {
  const most = isElsewhere && isHurried(liveness, nowMs) ? 1 : DOUBTED_PINGS;
  return announced && liveness.phase === 'alive' && liveness.unanswered < most;
}

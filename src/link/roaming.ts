/**
 * A peer moves: its packets come from another address, sealed with the keys of its link and newer than all before. Once it
 * has answered a challenge sent there, the link goes on there under its number and its keys, without a new handshake. Who
 * only copies packets can make us ask, and gets nothing. Source: RFC 9000 §9 (the idea), SECURITY.md.
 */
import { createTokenBucket, type TokenBucket } from '../base/index.ts';
import type { Opened, Row } from '../channel/index.ts';
import { descriptor } from '../packet/index.ts';
import type { HostPort } from '../underlay/index.ts';
import {
  type AwayPlace,
  foundAway,
  heardAway,
  lastSeen,
  leftBehind,
  mayGiveWay,
  mayMove,
  takeChallenge,
} from './away.ts';
import type { LinkEffect } from './effects.ts';
import { ROAM_AHEAD, ROAM_MOST_BYTES, ROAM_QUIET_MS, ROAM_TRIES_BURST, ROAM_TRIES_PER_SECOND } from './limits.ts';
import { forgetWay } from './measure.ts';
import { isUnfinished, type Peer } from './peer.ts';
import type { Peers } from './peers.ts';
import { isSameEndpoint, type SocketEndpoint } from './types.ts';

const { SOCKET_NUMBER } = descriptor;

/** A packet that opened with the keys of a peer. */
export type Found = { readonly peer: Peer; readonly opened: Opened & { readonly ok: true } };

/** Which links move, and where to. */
export class Roaming {
  readonly #peers: Peers;
  readonly #tries: TokenBucket;
  #lastId = 0;

  constructor(peers: Peers) {
    this.#peers = peers;
    const limit = { ratePerSecond: ROAM_TRIES_PER_SECOND, burst: ROAM_TRIES_BURST };
    this.#tries = createTokenBucket(limit, peers.options.nowMs);
  }

  /**
   * May a data packet from an address that is no peer's endpoint be tried? Decided by its length and counter where it lies,
   * without copies; refusals are counted.
   * @param isKnown a peer was heard from there lately
   */
  mayTry(bytes: Uint8Array, offset: number, length: number, isKnown: boolean, nowMs: number): boolean {
    const { counters } = this.#peers.options;
    if (!isKnown && (length > ROAM_MOST_BYTES || length < 4 || !this.#fitsAny(counterAt(bytes, offset), nowMs))) {
      counters.add('link.stranger');
      return false;
    }
    if (this.#tries.available(nowMs) >= 1) return true;
    counters.add('link.roam_limit');
    return false;
  }

  /** Whose packet is this? Those whose next counter it may bear are tried while the budget lasts. */
  find(packet: Uint8Array, nowMs: number): Found | null {
    const counter = counterAt(packet, 0);
    for (const peer of this.#peers.places.peers.values()) {
      if (!this.#fits(peer, counter, nowMs)) continue;
      const opened = this.open(peer, packet, nowMs);
      if (opened === null) return null;
      if (opened.ok) return { peer, opened };
    }
    return null;
  }

  /** Opens a packet that did not come from the endpoint of the peer. @returns null when the budget is used up */
  open(peer: Peer, packet: Uint8Array, nowMs: number): Opened | null {
    const { counters } = this.#peers.options;
    if (!this.#tries.take(nowMs)) {
      counters.add('link.roam_limit');
      return null;
    }
    counters.add('link.roam_try');
    peer.hereInMs = this.#hereInMs(peer);
    peer.channel.checkTimeouts(nowMs);
    const opened = peer.channel.open(packet, nowMs);
    this.#peers.sync(peer, nowMs);
    if (opened.ok) peer.awayInMs = nowMs;
    return opened;
  }

  /**
   * A packet of the peer, opened and not a repetition, came from there.
   * @param slot -1 when the address has none yet
   */
  heard(peer: Peer, from: SocketEndpoint, slot: number, packet: Uint8Array, arrival: number, nowMs: number): void {
    // What is older than the newest may have been kept back by somebody.
    if (counterAt(packet, 0) !== this.#peers.options.data.newest(peer.channel.openRow)) return;
    if (peer.away !== null && peer.away.slot === slot) heardAway(peer.away, arrival, nowMs);
    else if (mayGiveWay(peer.away, nowMs)) {
      const made = slot >= 0 ? slot : this.#peers.options.engine.endpoint(from.socket, from);
      if (made === null) return;
      const away = foundAway({ endpoint: from, slot: made, arrival }, ++this.#lastId, nowMs);
      this.#peers.places.setAway(peer, away);
    }
    peer.dueMs = nowMs;
  }

  /** Sends the challenges that are due, forgets addresses from which nothing comes any more. */
  tick(peer: Peer, nowMs: number): readonly LinkEffect[] {
    const { away } = peer;
    if (away === null) return [];
    if (nowMs >= away.untilMs) this.#peers.places.setAway(peer, null);
    else if (takeChallenge(away, this.#settled(peer), nowMs)) {
      const ownAddress = away.arrival & (this.#peers.table.keepsAddress[peer.number] ?? 0);
      return [{ type: 'challenge', peer, id: away.id, way: { slot: away.slot, ownAddress } }];
    }
    return [];
  }

  /** A challenge was answered. @param id which; one of an address that is forgotten moves nothing */
  confirmed(peer: Peer, id: number, sentMs: number, nowMs: number): readonly LinkEffect[] {
    const { away } = peer;
    if (away === null || away.id !== id || !mayMove(this.#settled(peer), sentMs, nowMs)) return [];
    return this.#move(peer, away, leftBehind, nowMs);
  }

  /** A link that we dialled is down: it begins again where we dialled it. */
  goBack(peer: Peer, nowMs: number): readonly LinkEffect[] {
    const { dialledAt: at } = peer;
    if (at === null || isSameEndpoint(at, peer.endpoint)) return [];
    const slot = this.#peers.options.engine.endpoint(at.socket, at);
    return slot === null ? [] : this.#move(peer, { endpoint: at, slot, arrival: 0 }, lastSeen, nowMs);
  }

  /** @param behind what is made of the address that it had */
  #move(peer: Peer, to: AwayPlace, behind: typeof leftBehind, nowMs: number): readonly LinkEffect[] {
    const from = peer.endpoint;
    const left = { endpoint: from, slot: peer.slot, arrival: this.#peers.table.ownAddress[peer.number] ?? 0 };
    this.#peers.places.move(peer, to, behind(left, ++this.#lastId, nowMs));
    peer.hereInMs = nowMs;
    peer.awayInMs = Number.NEGATIVE_INFINITY;
    peer.movedMs = nowMs;
    // What was lost, and how long it took, was another way.
    peer.steadySinceMs = nowMs;
    forgetWay(peer.measure);
    this.#peers.sync(peer, nowMs);
    this.#peers.options.counters.add('link.moved');
    return [{ type: 'moved', peer, from }];
  }

  #settled(peer: Peer) {
    return { movedMs: peer.movedMs, hereInMs: this.#hereInMs(peer) };
  }

  /** When the peer was heard last from its own endpoint: the fast path notes no addresses, but what came from elsewhere is known. */
  #hereInMs(peer: Peer): number {
    const row = peer.channel.openRow;
    const lastInMs = row < 0 ? peer.hereInMs : (this.#peers.options.data.lastInMs[row] ?? 0);
    return lastInMs === peer.awayInMs ? peer.hereInMs : lastInMs;
  }

  #fitsAny(counter: number, nowMs: number): boolean {
    for (const peer of this.#peers.places.peers.values()) if (this.#fits(peer, counter, nowMs)) return true;
    return false;
  }

  /** May the next packet of this peer bear this counter? Who was heard just now has not moved. */
  #fits(peer: Peer, counter: number, nowMs: number): boolean {
    const { data } = this.#peers.options;
    if (peer.incompatible || peer.rivalOf !== null) return false;
    const row: Row = peer.channel.openRow;
    const isFirst = counter < ROAM_AHEAD;
    if (row < 0) return isFirst && (peer.sendRow >= 0 || isUnfinished(peer));
    if (nowMs - (data.lastInMs[row] ?? 0) < ROAM_QUIET_MS) return false;
    const ahead = counter - data.newest(row);
    return (ahead > 0 && ahead < ROAM_AHEAD) || (isFirst && peer.channel.pending);
  }
}

/** Where a packet came from, as an endpoint of a peer. @param arrival SOCKET of its descriptor */
export function endpointOf(sender: HostPort, arrival: number): SocketEndpoint {
  return { ...sender, socket: arrival & SOCKET_NUMBER };
}

/** The first word of a data packet (protocol 02 §2.2). */
function counterAt(bytes: Uint8Array, offset: number): number {
  const high = ((bytes[offset] ?? 0) << 8) | (bytes[offset + 1] ?? 0);
  return high * 0x10000 + (((bytes[offset + 2] ?? 0) << 8) | (bytes[offset + 3] ?? 0));
}

/**
 * Datagrams that the fast path did not take: of strangers who may be let in, of handshakes, of links that are not up. Who owns
 * an endpoint or a link is decided by data that opens, never by who came first. Source: protocol 04 §4, §6.
 */

import type { FirstPacket, Via } from '../channel/index.ts';
import { formatSender, type HostPort } from '../underlay/index.ts';
import { switchHeader } from '../wire/index.ts';
import { Admission } from './admission.ts';
import type { LinkEffect } from './effects.ts';
import { CONFIRM_PING_MS } from './limits.ts';
import { heard } from './liveness.ts';
import { unmeasured } from './measure.ts';
import { isUnfinished, type Peer } from './peer.ts';
import type { Peers } from './peers.ts';
import { holderOf, isRefused, judge, noteRefused } from './rivals.ts';
import { endpointOf, type Found, type Roaming } from './roaming.ts';
import { makeRoom } from './room.ts';
import type { SocketEndpoint } from './types.ts';

/** The last byte of a label, and what it is when the label ends at the switch that reads it (protocol 05 §2). */
const LABEL_END = switchHeader.OFFSET.label + 7;
const SELF_DIRECTOR = 1;

/** What comes in by the slow path of the links. */
export class Arrivals {
  readonly #peers: Peers;
  readonly #roaming: Roaming;
  readonly #admission: Admission;

  constructor(peers: Peers, roaming: Roaming) {
    this.#peers = peers;
    this.#roaming = roaming;
    this.#admission = new Admission(peers.options, peers.refusals);
  }

  /**
   * May a datagram that the fast path did not take cost more than this look? Copies nothing; refusals are counted.
   * @param slot endpoint slot of the sender, -1 when it is unknown
   */
  mayEnter(bytes: Uint8Array, offset: number, length: number, slot: number, nowMs: number): boolean {
    const { places, options } = this.#peers;
    const { handshake } = options;
    const peers = slot < 0 ? [] : places.at(slot);
    const away = slot < 0 ? [] : places.awayAt(slot);
    if (!handshake.isHandshakeAt(bytes, offset, length))
      return peers.length > 0 || this.#roaming.mayTry(bytes, offset, length, away.length > 0, nowMs);
    const isFrom = (peer: Peer): boolean => handshake.isFromAt(bytes, offset, peer.key);
    return peers.some(isFrom) || away.some(isFrom) || this.#admission.mayEnter(bytes, offset, length, nowMs);
  }

  /**
   * A datagram that the fast path did not take.
   * @param slot endpoint slot of the sender, -1 when it was unknown as the packet was read
   * @param arrival SOCKET of its descriptor
   * @param sender where it came from, used when the slot is not a peer's
   */
  receive(packet: Uint8Array, slot: number, arrival: number, sender: HostPort, nowMs: number): readonly LinkEffect[] {
    // Packets that were read together with the first of their sender know nothing of the slot that it was given.
    const { places } = this.#peers;
    const unknown = endpointOf(sender, arrival);
    const known = slot >= 0 ? slot : places.slotOf(unknown.socket, sender);
    const [owner] = places.at(known);
    const [guest] = places.awayAt(known);
    const from = owner?.endpoint ?? guest?.away?.endpoint ?? (slot < 0 ? unknown : null);
    const { handshake } = this.#peers.options;
    if (!handshake.isHandshakeAt(packet, 0, packet.length)) return this.#data(packet, from, known, arrival, nowMs);
    const peek = handshake.peek(packet);
    if (peek === null) return this.#peers.drop('link.stranger');
    const peer = places.heardWithKey(known, peek.publicKey);
    if (peer !== null) return this.#handshake(peer, packet, peek, known, arrival, nowMs);
    return from === null ? this.#peers.drop('link.stranger') : this.#fromStranger(packet, from, arrival, nowMs);
  }

  #fromStranger(packet: Uint8Array, from: SocketEndpoint, arrival: number, nowMs: number): readonly LinkEffect[] {
    const { engine } = this.#peers.options;
    const admitted = this.#admission.admit(packet, from, nowMs);
    if (typeof admitted === 'string') return this.#peers.drop(admitted);
    const { key, address, channel, opened } = admitted;
    const refuse = (counter: string): readonly LinkEffect[] => {
      channel.close();
      return this.#peers.drop(counter);
    };
    if (this.#peers.places.sameKey(key).some((holder) => isRefused(holder, from, nowMs)))
      return refuse('link.same_key');
    const room = makeRoom(this.#peers.all(), channel.user?.login ?? null);
    if (!room.ok) {
      this.#peers.refusals.note(formatSender(from), key, room.reason, nowMs);
      return refuse('link.full');
    }
    const effects = room.evicted.flatMap((peer) => this.#evict(peer));
    const slot = engine.endpoint(from.socket, from);
    const fixed = { key, address, endpoint: from, channel, direction: 'in' } as const;
    const peer = slot === null ? null : this.#peers.places.take({ ...fixed, slot }, nowMs);
    if (peer === null) return refuse('link.full');
    peer.name = channel.user?.name ?? null;
    peer.mayAnswerBytes = packet.length;
    this.#peers.places.answerFrom(peer, arrival);
    return [...effects, ...this.#delivered(peer, opened.payload, opened.kind, opened.via, nowMs)];
  }

  #evict(peer: Peer): readonly LinkEffect[] {
    this.#peers.options.counters.add(isUnfinished(peer) ? 'link.unfinished_evicted' : 'link.dead_evicted');
    return this.#peers.remove(peer);
  }

  /** A handshake packet of a peer that stands at this endpoint, or was heard from there. */
  #handshake(
    peer: Peer,
    packet: Uint8Array,
    peek: FirstPacket,
    slot: number,
    arrival: number,
    nowMs: number,
  ): readonly LinkEffect[] {
    peer.channel.checkTimeouts(nowMs);
    const opened = peer.channel.open(packet, nowMs);
    this.#peers.sync(peer, nowMs);
    if (!opened.ok) {
      this.#admission.note(peer.endpoint, peek, opened.error, nowMs);
      return this.#peers.drop(`link.cryptoauth_${opened.error}`);
    }
    peer.mayAnswerBytes = packet.length;
    // Only the answer: this may be a repetition by somebody else, so data goes on as it did.
    this.#peers.places.askAt(peer, slot, arrival);
    // A node that begins anew may be another version than before: its next pong tells.
    if (peer.incompatible) peer.protocol = null;
    peer.incompatible = false;
    return this.#delivered(peer, opened.payload, opened.kind, opened.via, nowMs);
  }

  /** A data packet: whoever's key opens it has sent it. @param from null when nobody knows any more where `slot` is */
  #data(
    packet: Uint8Array,
    from: SocketEndpoint | null,
    slot: number,
    arrival: number,
    nowMs: number,
  ): readonly LinkEffect[] {
    let error: number | null = null;
    for (const peer of this.#peers.places.at(slot)) {
      peer.channel.checkTimeouts(nowMs);
      const opened = peer.channel.open(packet, nowMs);
      this.#peers.sync(peer, nowMs);
      if (!opened.ok) {
        error ??= opened.error;
        continue;
      }
      if (peer.incompatible) return this.#peers.drop('link.incompatible');
      this.#peers.places.answerFrom(peer, arrival);
      return this.#delivered(peer, opened.payload, opened.kind, opened.via, nowMs);
    }
    const found = from === null ? null : this.#elsewhere(slot, packet, nowMs);
    if (from !== null && found !== null) return this.#fromElsewhere(found, packet, from, slot, arrival, nowMs);
    return this.#peers.drop(error === null ? 'link.stranger' : `link.cryptoauth_${error}`);
  }

  /** Whose packet is it that is nobody's who stands at `slot`? Whoever was heard from there lately, or has just moved. */
  #elsewhere(slot: number, packet: Uint8Array, nowMs: number): Found | null {
    const guests = this.#peers.places.awayAt(slot);
    for (const peer of guests) {
      const opened = this.#roaming.open(peer, packet, nowMs);
      if (opened?.ok === true) return { peer, opened };
    }
    return guests.length > 0 ? null : this.#roaming.find(packet, nowMs);
  }

  /** A packet of a peer from another address than it has. */
  #fromElsewhere(
    { peer, opened }: Found,
    packet: Uint8Array,
    from: SocketEndpoint,
    slot: number,
    arrival: number,
    nowMs: number,
  ): readonly LinkEffect[] {
    if (peer.incompatible) return this.#peers.drop('link.incompatible');
    this.#roaming.heard(peer, from, slot, packet, arrival, nowMs);
    const effects = this.#delivered(peer, opened.payload, opened.kind, opened.via, nowMs, false);
    return this.#peers.has(peer) ? [...effects, ...this.#roaming.tick(peer, nowMs)] : effects;
  }

  /** A packet of the peer was opened; what it may do depends on how far the handshake is (protocol 04 §6). */
  #delivered(
    peer: Peer,
    packet: Uint8Array,
    kind: 'hello' | 'key' | 'data',
    via: Via,
    nowMs: number,
    isHere = true,
  ): readonly LinkEffect[] {
    this.#peers.table.rxBytes[peer.number] = (this.#peers.table.rxBytes[peer.number] ?? 0) + packet.length;
    this.#peers.sync(peer, nowMs);
    peer.dueMs = Math.min(peer.dueMs, nowMs + 100);
    const effects: LinkEffect[] = [];
    // A copy that was turned away: it was told, and gets no answer from which it would believe to be connected.
    if (peer.rivalOf?.isRefused === true) return effects;
    if (kind === 'data') {
      if (peer.provenMs === null) effects.push(...this.#proven(peer, isHere, nowMs));
      // Settled already: the link goes on under the number that it had.
      if (!this.#peers.has(peer)) return effects;
      effects.push(...this.#peers.heard(peer, nowMs));
      if (peer.rivalOf !== null) return effects;
    } else if (packet.length < switchHeader.SIZE || packet[LABEL_END] !== SELF_DIRECTOR) {
      // A replayed hello must not make us forward anything: only packets for our own router pass.
      return this.#peers.drop('link.unfinished');
    }
    effects.push({ type: 'packet', peer, packet, via });
    // Our ping finishes the handshake. Who said hello gets one answer, and that is to its own ping (SECURITY.md, P8).
    const isAnswer = kind === 'hello' && peer.direction === 'in';
    if (kind !== 'data' && !isAnswer) effects.push({ type: 'ping', peer, via });
    return effects;
  }

  /**
   * The first data of a link: the endpoint is the peer's now, whoever came first, and so may be the link it had before.
   * @param isHere it came from there
   */
  #proven(peer: Peer, isHere: boolean, nowMs: number): readonly LinkEffect[] {
    peer.provenMs = nowMs;
    const effects = isHere ? [...this.#takeEndpoint(peer)] : [];
    const holder = holderOf(peer, this.#peers.places.sameKey(peer.key));
    if (holder === null) return effects;
    // One rival at a time: a key that comes from a hundred addresses has one place beside its link.
    for (const other of this.#peers.places.sameKey(peer.key))
      if (other.rivalOf?.holder === holder) effects.push(...this.#peers.remove(other));
    peer.rivalOf = { holder, sinceMs: nowMs };
    this.#peers.sync(peer, nowMs);
    return [...effects, ...this.settleRival(peer, holder, nowMs, nowMs), { type: 'ping', peer: holder, via: null }];
  }

  #takeEndpoint(peer: Peer): readonly LinkEffect[] {
    const [owner] = this.#peers.places.at(peer.slot);
    this.#peers.places.own(peer);
    const displaced =
      owner !== undefined && owner !== peer && owner.direction !== 'out' && owner.liveness.phase !== 'alive';
    return displaced ? this.#peers.remove(owner) : [];
  }

  /** One key at two addresses: whichever is alive keeps the link, and its number. */
  settleRival(peer: Peer, holder: Peer, sinceMs: number, nowMs: number): readonly LinkEffect[] {
    if (peer.rivalOf?.isRefused === true) return this.#peers.remove(peer);
    if (!this.#peers.has(holder)) {
      peer.rivalOf = null;
      this.#peers.sync(peer, nowMs);
      return [];
    }
    const verdict = judge(holder, peer, sinceMs, this.#peers.lastInMs(holder), nowMs);
    peer.dueMs = nowMs + CONFIRM_PING_MS;
    if (verdict === 'wait') return [];
    if (verdict === 'refuse') {
      noteRefused(holder, peer, nowMs);
      this.#peers.refusals.note(formatSender(peer.endpoint), peer.key, 'key in use at another address', nowMs);
      this.#peers.options.counters.add('link.same_key');
      // It goes at the next look: both are told first, for neither can know it otherwise.
      peer.rivalOf = { holder, sinceMs, isRefused: true };
      return [
        { type: 'ping', peer, via: null, sameKeyAt: formatSender(holder.endpoint) },
        { type: 'ping', peer: holder, via: null, sameKeyAt: formatSender(peer.endpoint) },
      ];
    }
    holder.channel.close();
    this.#peers.places.inherit(holder, peer);
    holder.liveness = heard(holder.liveness, nowMs).next;
    holder.measure = unmeasured(nowMs);
    holder.name = peer.name;
    holder.run = peer.run;
    holder.incompatible = false;
    holder.answered = false;
    holder.sendableMs = peer.sendableMs;
    holder.dueMs = nowMs;
    this.#peers.sync(holder, nowMs);
    return [...this.#peers.updateState(holder, nowMs), { type: 'ping', peer: holder, via: null }];
  }
}

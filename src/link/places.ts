/**
 * Which peer has which interface number and which endpoint slot. Several peers may stand at one endpoint, each with
 * another key: who comes first owns nothing, data that opens decides (`own`). Source: protocol 04 §2, §4.
 */

import { equal } from '../base/index.ts';
import type { PublicKey } from '../crypto/index.ts';
import { descriptor, type Engine } from '../packet/index.ts';
import { allocate, type InterfaceTable, release } from '../switch/index.ts';
import type { HostPort } from '../underlay/index.ts';
import type { Away, AwayPlace } from './away.ts';
import { unknownPathMtu } from './path-mtu.ts';
import { type NewPeer, newPeer, type Peer } from './peer.ts';
import { bindEndpoint, clearLink, type LinkTable } from './table.ts';

const { OWN_ADDRESS } = descriptor;

/** Peers by number, by endpoint slot and by address. */
export class Places {
  readonly #table: LinkTable;
  readonly #engine: Engine;
  readonly #interfaces: InterfaceTable;
  readonly #byNumber = new Map<number, Peer>();
  /** Peers at an endpoint slot, its owner first. */
  readonly #bySlot = new Map<number, readonly Peer[]>();
  /** Peers that are heard from a slot, but stand elsewhere (`away.ts`). */
  readonly #awayBySlot = new Map<number, readonly Peer[]>();
  /** Slots by address, for packets that were read before the slot was made. */
  readonly #slots = new Map<string, number>();

  constructor(table: LinkTable, engine: Engine, interfaces: InterfaceTable) {
    this.#table = table;
    this.#engine = engine;
    this.#interfaces = interfaces;
  }

  /** All peers by number, oldest first. */
  get peers(): ReadonlyMap<number, Peer> {
    return this.#byNumber;
  }

  /** Peers at an endpoint slot, its owner first. */
  at(slot: number): readonly Peer[] {
    return this.#bySlot.get(slot) ?? [];
  }

  /** Peers that stand elsewhere, and were heard from a slot lately. */
  awayAt(slot: number): readonly Peer[] {
    return this.#awayBySlot.get(slot) ?? [];
  }

  /** May packets from a slot be those of more than one peer? */
  isShared(slot: number): boolean {
    return this.at(slot).length + this.awayAt(slot).length > 1;
  }

  /** The peer with a key at an endpoint slot, null if there is none. */
  withKey(slot: number, key: Uint8Array): Peer | null {
    return this.at(slot).find((peer) => equal(peer.key, key)) ?? null;
  }

  /** The same, or one that was heard from there lately. */
  heardWithKey(slot: number, key: Uint8Array): Peer | null {
    return this.withKey(slot, key) ?? this.awayAt(slot).find((peer) => equal(peer.key, key)) ?? null;
  }

  /** The slot of an address that is a peer's, -1 if there is none. */
  slotOf(socket: number, sender: HostPort): number {
    return this.#slots.get(nameOf(socket, sender)) ?? -1;
  }

  /** Other peers with a key, over whichever link. */
  sameKey(key: PublicKey): readonly Peer[] {
    return [...this.#byNumber.values()].filter((peer) => equal(peer.key, key));
  }

  /** Takes a number for a peer at `slot`. @returns null when none is free */
  take(fixed: Omit<NewPeer, 'number'>, nowMs: number): Peer | null {
    const number = allocate(this.#interfaces.state);
    if (number === null) return null;
    const peer = newPeer({ ...fixed, number }, nowMs);
    this.#byNumber.set(number, peer);
    this.setDirection(peer, peer.direction);
    this.#stand(peer);
    return peer;
  }

  /** The endpoint belongs to this peer from now on: its data is what the fast path tries. */
  own(peer: Peer): void {
    this.#setSlot(peer.slot, [peer, ...this.at(peer.slot).filter((other) => other !== peer)]);
  }

  /**
   * Who dialled us is answered from the address it dialled. Whom we dial is sent to as the kernel likes: it knows where
   * the way there begins, when that changes as well.
   */
  setDirection(peer: Peer, direction: Peer['direction']): void {
    peer.direction = direction;
    this.#table.keepsAddress[peer.number] = direction === 'in' ? OWN_ADDRESS : 0;
    if (direction !== 'in') this.answerFrom(peer, 0);
  }

  /** What surely is the peer's came to this address of ours. @param arrival SOCKET of the descriptor */
  answerFrom(peer: Peer, arrival: number): void {
    this.askAt(peer, peer.slot, arrival);
    this.#table.ownAddress[peer.number] = peer.askedAt;
  }

  /** A handshake packet of the peer came from this slot to this address of ours. @param arrival SOCKET of the descriptor */
  askAt(peer: Peer, slot: number, arrival: number): void {
    peer.askedAt = arrival & (this.#table.keepsAddress[peer.number] ?? 0);
    peer.askedSlot = peer.direction === 'in' ? slot : peer.slot;
  }

  /** Gives back the number and, when nobody else stands there, the endpoint. */
  leave(peer: Peer): void {
    this.setAway(peer, null);
    this.#byNumber.delete(peer.number);
    release(this.#interfaces, peer.number);
    clearLink(this.#table, peer.number);
    this.#step(peer);
  }

  /** `heir` gets the endpoint and the keys of `from`, whose number is free afterwards; those it had are the caller's to close. */
  inherit(heir: Peer, from: Peer): void {
    this.setAway(heir, null);
    this.#step(heir);
    heir.endpoint = from.endpoint;
    heir.slot = from.slot;
    heir.channel = from.channel;
    this.#forgetPath(heir);
    this.#table.keepsAddress[heir.number] = this.#table.keepsAddress[from.number] ?? 0;
    this.answerFrom(heir, this.#table.ownAddress[from.number] ?? 0);
    this.#stand(heir);
    this.leave(from);
    this.own(heir);
  }

  /** From now on the peer is heard from there, too; null: from its endpoint only. */
  setAway(peer: Peer, away: Away | null): void {
    const before = peer.away;
    peer.away = away;
    if (away !== null) {
      this.#slots.set(nameOf(away.endpoint.socket, away.endpoint), away.slot);
      this.#setAwayAt(away.slot, [...this.awayAt(away.slot), peer]);
    }
    if (before === null) return;
    if (peer.askedSlot === before.slot) peer.askedSlot = peer.slot;
    const others = this.awayAt(before.slot).filter((other) => other !== peer);
    this.#setAwayAt(before.slot, away?.slot === before.slot ? [...others, peer] : others);
    this.#release(before);
  }

  /** The peer stands there from now on, and the slot is its own; for a while it is heard from where it was. */
  move(peer: Peer, to: AwayPlace, left: Away): void {
    const stays = this.at(peer.slot).filter((other) => other !== peer);
    this.#setSlot(peer.slot, stays);
    peer.endpoint = to.endpoint;
    this.#forgetPath(peer);
    peer.slot = to.slot;
    this.#stand(peer);
    this.own(peer);
    this.answerFrom(peer, to.arrival);
    // Last, for it gives back the slots where nobody is any more.
    this.setAway(peer, left);
  }

  /** What was known of the way to the old place says nothing of the new one. */
  #forgetPath(peer: Peer): void {
    peer.pathMtu = unknownPathMtu();
    this.#table.longestFrame[peer.number] = 0;
  }

  #stand(peer: Peer): void {
    this.#table.endpoint[peer.number] = peer.slot;
    this.#slots.set(nameOf(peer.endpoint.socket, peer.endpoint), peer.slot);
    this.#setSlot(peer.slot, [...this.at(peer.slot), peer]);
  }

  #setAwayAt(slot: number, peers: readonly Peer[]): void {
    if (peers.length === 0) this.#awayBySlot.delete(slot);
    else this.#awayBySlot.set(slot, peers);
    this.#setSlot(slot, this.at(slot));
  }

  #step(peer: Peer): void {
    const left = this.at(peer.slot).filter((other) => other !== peer);
    this.#setSlot(peer.slot, left);
    this.#release(peer);
  }

  /** Gives back a slot that was made for somebody who did not come to stand there. */
  giveBack(slot: number): void {
    if (this.at(slot).length + this.awayAt(slot).length === 0) this.#engine.forgetEndpoint(slot);
  }

  /** An endpoint that nobody needs any more. */
  #release({ slot, endpoint }: Pick<AwayPlace, 'slot' | 'endpoint'>): void {
    if (this.at(slot).length + this.awayAt(slot).length > 0) return;
    this.#slots.delete(nameOf(endpoint.socket, endpoint));
    this.#engine.forgetEndpoint(slot);
  }

  #setSlot(slot: number, peers: readonly Peer[]): void {
    if (peers.length === 0) this.#bySlot.delete(slot);
    else this.#bySlot.set(slot, peers);
    bindEndpoint(this.#table, slot, peers[0]?.number ?? -1);
    // What the owner's key does not open may be for another who stands there.
    for (const peer of peers) this.#table.pending[peer.number] = this.isShared(slot) || peer.channel.pending ? 1 : 0;
  }
}

function nameOf(socket: number, { host: address, port }: HostPort): string {
  return `${socket} ${address} ${port}`;
}

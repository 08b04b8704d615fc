/**
 * Which peer has which interface number and which endpoint slot. Several peers may stand at one endpoint, each with
 * another key: who comes first owns nothing, data that opens decides (`own`). Source: protocol 04 §2, §4.
 */

import { equal } from '../base/index.ts';
import type { PublicKey } from '../crypto/index.ts';
import { descriptor, type Engine } from '../packet/index.ts';
import { allocate, type InterfaceTable, release } from '../switch/index.ts';
import type { HostPort } from '../underlay/index.ts';
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

  /** The peer with a key at an endpoint slot, null if there is none. */
  withKey(slot: number, key: Uint8Array): Peer | null {
    return this.at(slot).find((peer) => equal(peer.key, key)) ?? null;
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
    this.askAt(peer, arrival);
    this.#table.ownAddress[peer.number] = peer.askedAt;
  }

  /** A handshake packet of the peer came to this address of ours. @param arrival SOCKET of the descriptor */
  askAt(peer: Peer, arrival: number): void {
    peer.askedAt = arrival & (this.#table.keepsAddress[peer.number] ?? 0);
  }

  /** Gives back the number and, when nobody else stands there, the endpoint. */
  leave(peer: Peer): void {
    this.#byNumber.delete(peer.number);
    release(this.#interfaces, peer.number);
    clearLink(this.#table, peer.number);
    this.#step(peer);
  }

  /** `heir` gets the endpoint and the keys of `from`, whose number is free afterwards; those it had are the caller's to close. */
  inherit(heir: Peer, from: Peer): void {
    this.#step(heir);
    heir.endpoint = from.endpoint;
    heir.slot = from.slot;
    heir.channel = from.channel;
    // What was known of the way to the old place says nothing of this one.
    heir.pathMtu = unknownPathMtu();
    this.#table.longestFrame[heir.number] = 0;
    this.#table.keepsAddress[heir.number] = this.#table.keepsAddress[from.number] ?? 0;
    this.answerFrom(heir, this.#table.ownAddress[from.number] ?? 0);
    this.#stand(heir);
    this.leave(from);
    this.own(heir);
  }

  #stand(peer: Peer): void {
    this.#table.endpoint[peer.number] = peer.slot;
    this.#slots.set(nameOf(peer.endpoint.socket, peer.endpoint), peer.slot);
    this.#setSlot(peer.slot, [...this.at(peer.slot), peer]);
  }

  #step(peer: Peer): void {
    const left = this.at(peer.slot).filter((other) => other !== peer);
    this.#setSlot(peer.slot, left);
    if (left.length > 0) return;
    this.#slots.delete(nameOf(peer.endpoint.socket, peer.endpoint));
    this.#engine.forgetEndpoint(peer.slot);
  }

  #setSlot(slot: number, peers: readonly Peer[]): void {
    if (peers.length === 0) this.#bySlot.delete(slot);
    else this.#bySlot.set(slot, peers);
    bindEndpoint(this.#table, slot, peers[0]?.number ?? -1);
    // What the owner's key does not open may be for another who stands there.
    for (const peer of peers) this.#table.pending[peer.number] = peers.length > 1 || peer.channel.pending ? 1 : 0;
  }
}

function nameOf(socket: number, { host: address, port }: HostPort): string {
  return `${socket} ${address} ${port}`;
}

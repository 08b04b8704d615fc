/**
 * All peers: who is let in, who is dialled, whose packets are opened, who is pinged and who is given up.
 * Handshakes and everything unusual go through here; plain data packets through `stages.ts`.
 * What is to be done comes back as effects for `node/` to perform. Source: protocol 04.
 */
import { type Counters, equal, jittered, MeshError } from '../base/index.ts';
import { addressOf, asPublicKey, type Identity, type PublicKey } from '../crypto/index.ts';
import {
  Association,
  type Credentials,
  type DataTable,
  type Environment,
  firstPacketPeek,
} from '../cryptoauth/index.ts';
import type { Engine, UnderlayAddress } from '../packet/index.ts';
import { allocate, DOWN, type InterfaceTable, release, UP } from '../switch/index.ts';
import { OLDEST_COMPATIBLE } from '../wire/index.ts';
import { Admission } from './admission.ts';
import type { LinkEffect, Via } from './effects.ts';
import { FORGET_MS, LOSS_CHANGE, MAX_UNFINISHED, UNFINISHED_MS, WATCH_FAST_FOR_MS } from './limits.ts';
import { dialling, heard, type LivenessEffect, tick, watch } from './liveness.ts';
import { loss, notePing, noteTraffic, seemsToHeal } from './measure.ts';
import { type NewPeer, newPeer, type Peer } from './peer.ts';
import { Refusals, refusalReason } from './refused.ts';
import { bindEndpoint, createLinkTable, type LinkTable } from './table.ts';
import { formatEndpoint, type UnderlayEndpoint } from './types.ts';

/** What the links are made from. */
export type LinksOptions = {
  readonly identity: Identity;
  readonly environment: Environment;
  readonly data: DataTable;
  readonly engine: Engine;
  readonly interfaces: InterfaceTable;
  readonly counters: Counters;
  readonly nowMs: number;
};

/** A peer to dial. */
export type DialOptions = {
  readonly endpoint: UnderlayEndpoint;
  readonly key: PublicKey;
  readonly credentials: Credentials | null;
  readonly name: string | null;
};

/** The table of peers with everything that happens seldom. */
export class Links {
  readonly table: LinkTable = createLinkTable();
  readonly refusals = new Refusals();
  readonly #options: LinksOptions;
  readonly #peers = new Map<number, Peer>();
  readonly #admission: Admission;

  constructor(options: LinksOptions) {
    this.#options = options;
    this.#admission = new Admission(options, this.refusals);
  }

  /** All peers, by interface number. */
  get peers(): ReadonlyMap<number, Peer> {
    return this.#peers;
  }

  /**
   * Begins to dial a peer; an incoming link from the same address with the same key is taken over.
   * @throws MeshError ERR_PEER for our own key, an invalid key or address, a duplicate, or when no number is free
   */
  dial(options: DialOptions, nowMs: number): void {
    const { identity, environment, engine } = this.#options;
    const address = addressOf(environment.crypto, options.key);
    if (address === null) throw new MeshError('ERR_PEER', 'the key of the peer is not a valid mesh key');
    if (equal(options.key, identity.publicKey)) throw new MeshError('ERR_PEER', 'the key of the peer is our own');
    const slot = engine.endpoint(options.endpoint.socket, options.endpoint);
    if (slot === null)
      throw new MeshError('ERR_PEER', `${formatEndpoint(options.endpoint)} cannot be reached from this socket`);
    const present = this.#bySlot(slot);
    if (present !== null) {
      if (!equal(present.key, options.key) || present.direction === 'out') {
        throw new MeshError('ERR_PEER', `${formatEndpoint(options.endpoint)} is already a peer`);
      }
      present.direction = 'out';
      present.name = options.name ?? present.name;
      present.association.setCredentials(options.credentials);
      return;
    }
    const { key, credentials, endpoint } = options;
    const fixed = { peerKey: key, credentials, requireAuth: false };
    const association = new Association(environment, this.#options.data, fixed, nowMs);
    const peer = this.#create({ key, address, endpoint, slot, association, direction: 'out' }, nowMs);
    if (peer === null) {
      association.close();
      engine.forgetEndpoint(slot);
      throw new MeshError('ERR_PEER', 'no interface number is free: 256 peers at most');
    }
    peer.name = options.name;
  }

  /** Forgets a peer at once; effects tell routing. */
  remove(peer: Peer): readonly LinkEffect[] {
    const effects: readonly LinkEffect[] = peer.announced ? [{ type: 'down', peer }] : [];
    peer.announced = false;
    this.#forget(peer);
    return effects;
  }

  /** Forgets the keys of a link and begins its handshake anew; who was dialled waits for the other side. */
  reset(peer: Peer, nowMs: number): readonly LinkEffect[] {
    peer.association.resetHandshake(nowMs);
    this.#sync(peer);
    peer.liveness = dialling(nowMs);
    peer.dueMs = nowMs;
    return this.#review(peer, nowMs);
  }

  /**
   * A datagram that the fast path did not take.
   * @param slot endpoint slot of the sender, -1 when it is unknown
   * @param sender where it came from, used when the slot is not a peer's
   */
  receive(
    packet: Uint8Array,
    slot: number,
    socket: number,
    sender: UnderlayAddress,
    nowMs: number,
  ): readonly LinkEffect[] {
    const peer = slot < 0 ? null : this.#bySlot(slot);
    return peer === null ? this.#fromStranger(packet, socket, sender, nowMs) : this.#fromPeer(peer, packet, nowMs);
  }

  /** Packets were opened on the fast path from a peer whose interface is not up: it is back. */
  revive(number: number, nowMs: number): readonly LinkEffect[] {
    const peer = this.#peers.get(number);
    if (peer === undefined) return [];
    peer.liveness = heard(peer.liveness, nowMs).next;
    peer.dueMs = Math.min(peer.dueMs, nowMs);
    return this.#review(peer, nowMs);
  }

  /** A PING of ours came back over the peer's one-hop label. */
  pong(number: number, rttMs: number, protocol: number, nowMs: number): readonly LinkEffect[] {
    const peer = this.#peers.get(number);
    if (peer === undefined) return [];
    notePing(peer.measure, rttMs);
    const { watchedSinceMs } = peer.liveness;
    if (watchedSinceMs !== null && nowMs - watchedSinceMs > WATCH_FAST_FOR_MS && seemsToHeal(peer.measure))
      peer.liveness = watch(peer.liveness, nowMs);
    peer.protocol = protocol;
    peer.incompatible = protocol < OLDEST_COMPATIBLE;
    this.#sync(peer);
    return this.#review(peer, nowMs);
  }

  /** A PING of ours was not answered in time. */
  pingLost(number: number, nowMs: number): readonly LinkEffect[] {
    const peer = this.#peers.get(number);
    if (peer === undefined || peer.liveness.phase !== 'alive') return [];
    const before = loss(peer.measure) ?? 0;
    notePing(peer.measure, null);
    return this.#measured(peer, before, nowMs);
  }

  /** When `tick` is wanted next; Infinity without peers. */
  nextDueMs(): number {
    let due = Number.POSITIVE_INFINITY;
    for (const peer of this.#peers.values()) due = Math.min(due, peer.dueMs);
    return due;
  }

  /** Traffic began: whoever was sent data has to be looked at within the busy time. */
  expectTraffic(number: number, atMs: number): void {
    const peer = this.#peers.get(number);
    if (peer !== undefined && peer.dueMs > atMs) peer.dueMs = atMs;
  }

  /** Does what is due: pings, gives up, forgets, closes measuring windows. */
  tick(nowMs: number): readonly LinkEffect[] {
    const effects: LinkEffect[] = [];
    for (const peer of [...this.#peers.values()]) {
      if (peer.dueMs <= nowMs) effects.push(...this.#tickPeer(peer, nowMs));
    }
    return effects;
  }

  /** Seals a switch packet for a peer on the slow path: any state, the handshake included. */
  seal(number: number, packet: Uint8Array, nowMs: number, via: Via | null): Uint8Array | null {
    const peer = this.#peers.get(number);
    if (peer === undefined || peer.incompatible) return null;
    const sealed = via === null ? peer.association.seal(packet, nowMs) : peer.association.seal(packet, nowMs, via);
    this.table.txBytes[number] = (this.table.txBytes[number] ?? 0) + packet.length;
    this.#sync(peer);
    return sealed;
  }

  /** Ends all peers. */
  close(): void {
    for (const peer of [...this.#peers.values()]) this.#forget(peer);
  }

  #bySlot(slot: number): Peer | null {
    const number = this.table.byEndpoint[slot] ?? -1;
    return this.#peers.get(number) ?? null;
  }

  #create(fixed: Omit<NewPeer, 'number'>, nowMs: number): Peer | null {
    const number = allocate(this.#options.interfaces.state);
    if (number === null) return null;
    const peer = newPeer({ ...fixed, number }, nowMs);
    this.#peers.set(number, peer);
    this.table.endpoint[number] = peer.slot;
    this.table.rxBytes[number] = 0;
    this.table.txBytes[number] = 0;
    this.table.lastDataOutMs[number] = Number.NEGATIVE_INFINITY;
    bindEndpoint(this.table, peer.slot, number);
    this.#sync(peer);
    return peer;
  }

  #forget(peer: Peer): void {
    peer.association.close();
    this.#peers.delete(peer.number);
    release(this.#options.interfaces.state, peer.number);
    this.table.endpoint[peer.number] = -1;
    this.table.sendRow[peer.number] = -1;
    this.table.openRow[peer.number] = -1;
    bindEndpoint(this.table, peer.slot, -1);
    this.#options.engine.forgetEndpoint(peer.slot);
  }

  /** Copies what the association decided into the hot table. */
  #sync(peer: Peer): void {
    // Nothing is sent to an incompatible peer, and what it sends is dropped (protocol 04 §4.4): no rows, no fast path.
    this.table.sendRow[peer.number] = peer.incompatible ? -1 : peer.association.sendRow;
    this.table.openRow[peer.number] = peer.incompatible ? -1 : peer.association.openRow;
    this.table.pending[peer.number] = peer.association.pending ? 1 : 0;
  }

  #fromStranger(packet: Uint8Array, socket: number, sender: UnderlayAddress, nowMs: number): readonly LinkEffect[] {
    const admitted = this.#admission.admit(packet, sender, nowMs);
    if (typeof admitted === 'string') return this.#drop(admitted);
    const { engine } = this.#options;
    const { key, address, association, opened } = admitted;
    this.#makeRoom();
    const slot = engine.endpoint(socket, sender);
    const endpoint = { ...sender, socket };
    const peer =
      slot === null ? null : this.#create({ key, address, endpoint, slot, association, direction: 'in' }, nowMs);
    if (peer === null) {
      association.close();
      if (slot !== null) engine.forgetEndpoint(slot);
      return this.#drop('link.full');
    }
    peer.name = association.user?.name ?? null;
    return this.#delivered(peer, opened.payload, opened.kind, opened.via, nowMs);
  }

  /** The oldest unfinished incoming handshake gives way when there are too many. */
  #makeRoom(): void {
    const unfinished = [...this.#peers.values()].filter(
      ({ direction, liveness }) => direction === 'in' && liveness.phase === 'dialling',
    );
    const [oldest] = unfinished;
    if (oldest === undefined || unfinished.length < MAX_UNFINISHED) return;
    this.#forget(oldest);
    this.#options.counters.add('link.unfinished_evicted');
  }

  #fromPeer(peer: Peer, packet: Uint8Array, nowMs: number): readonly LinkEffect[] {
    if (peer.incompatible) return this.#drop('link.incompatible');
    const handshake =
      (packet[0] ?? 0) === 0 && (packet[1] ?? 0) === 0 && (packet[2] ?? 0) === 0 && (packet[3] ?? 0) < 4;
    if (handshake && !peer.handshakes.take(nowMs)) return this.#drop('link.handshake_limit');
    peer.association.checkTimeouts(nowMs);
    const opened = peer.association.open(packet, nowMs);
    this.#sync(peer);
    if (!opened.ok) {
      const peek = handshake ? firstPacketPeek(packet) : null;
      const reason = peek === null ? null : refusalReason(opened.error, peek.authType);
      if (peek !== null && reason !== null)
        this.refusals.note(formatEndpoint(peer.endpoint), asPublicKey(peek.publicKey), reason);
      return this.#drop(`link.cryptoauth_${opened.error}`);
    }
    return this.#delivered(peer, opened.payload, opened.kind, opened.via, nowMs);
  }

  /** A packet of the peer was opened; what it may do depends on how far the handshake is (protocol 04 §6). */
  #delivered(
    peer: Peer,
    packet: Uint8Array,
    kind: 'hello' | 'key' | 'data',
    via: Via,
    nowMs: number,
  ): readonly LinkEffect[] {
    this.table.rxBytes[peer.number] = (this.table.rxBytes[peer.number] ?? 0) + packet.length;
    this.#sync(peer);
    const effects: LinkEffect[] = [];
    if (kind === 'data') {
      peer.liveness = heard(peer.liveness, nowMs).next;
      effects.push(...this.#review(peer, nowMs));
    } else if (packet.length < 12 || packet[7] !== 1) {
      // A replayed hello must not make us forward anything: only packets for our own router pass.
      return this.#drop('link.unfinished');
    }
    effects.push({ type: 'packet', peer, packet, via });
    // Our ping rides in the next handshake packet, so that its answer finishes the handshake.
    if (kind !== 'data') effects.push({ type: 'ping', peer, via });
    peer.dueMs = Math.min(peer.dueMs, nowMs + 100);
    return effects;
  }

  #drop(counter: string): readonly LinkEffect[] {
    this.#options.counters.add(counter);
    return [];
  }

  /** Tells routing when a peer became usable or stopped being so, and sets the state of its switch interface. */
  #review(peer: Peer, nowMs: number): readonly LinkEffect[] {
    const alive = peer.liveness.phase === 'alive' && peer.association.openRow >= 0 && !peer.incompatible;
    this.#options.interfaces.state[peer.number] = alive ? UP : DOWN;
    const usable = alive && peer.protocol !== null;
    if (usable === peer.announced) return [];
    peer.announced = usable;
    if (usable) {
      peer.establishedMs ??= nowMs;
      return [{ type: 'up', peer }, ...this.#dropStaleTwins(peer)];
    }
    return [{ type: 'down', peer }];
  }

  /** The same node came from another address: its old incoming links that no longer answer go (protocol 04 §4.5). */
  #dropStaleTwins(peer: Peer): readonly LinkEffect[] {
    const effects: LinkEffect[] = [];
    for (const other of [...this.#peers.values()]) {
      const stale = other !== peer && other.direction === 'in' && other.liveness.phase === 'dead';
      if (stale && equal(other.key, peer.key)) effects.push(...this.remove(other));
    }
    return effects;
  }

  #tickPeer(peer: Peer, nowMs: number): readonly LinkEffect[] {
    const { data, environment } = this.#options;
    const row = peer.association.openRow;
    const lastInMs = row < 0 ? peer.createdMs : (data.lastInMs[row] ?? peer.createdMs);
    if (peer.direction !== 'out' && this.#expired(peer, lastInMs, nowMs)) return this.remove(peer);
    if (peer.incompatible) {
      peer.dueMs = nowMs + FORGET_MS;
      return [];
    }
    const effects: LinkEffect[] = [];
    if (row >= 0) {
      const stats = data.stats(row);
      const before = loss(peer.measure) ?? 0;
      if (noteTraffic(peer.measure, stats.received, stats.lost, nowMs))
        effects.push(...this.#measured(peer, before, nowMs));
    }
    const lastDataOutMs = this.table.lastDataOutMs[peer.number] ?? Number.NEGATIVE_INFINITY;
    const step = tick(peer.liveness, { lastInMs, lastDataOutMs }, jittered(environment.rng, 1), nowMs);
    peer.liveness = step.next;
    peer.dueMs = Math.max(step.dueMs, nowMs + 10);
    for (const effect of step.effects) effects.push(...this.#perform(peer, effect, nowMs));
    return effects;
  }

  /** Loss was measured anew; a link whose loss changed is watched closely, so that its round trip is known too. */
  #measured(peer: Peer, before: number, nowMs: number): readonly LinkEffect[] {
    const changed = Math.abs((loss(peer.measure) ?? 0) - before) >= LOSS_CHANGE;
    if (changed && peer.liveness.watchedSinceMs === null) {
      peer.liveness = watch(peer.liveness, nowMs);
      peer.dueMs = nowMs;
    }
    return [{ type: 'measured', peer }];
  }

  /** An incoming peer goes after long silence; one whose handshake was never finished much earlier. */
  #expired(peer: Peer, lastInMs: number, nowMs: number): boolean {
    if (peer.liveness.phase === 'dialling')
      return peer.establishedMs === null && nowMs - peer.createdMs > UNFINISHED_MS;
    return nowMs - lastInMs > FORGET_MS;
  }

  #perform(peer: Peer, effect: LivenessEffect, nowMs: number): readonly LinkEffect[] {
    if (effect === 'down') return this.#review(peer, nowMs);
    // Who was dialled has to speak first: an unfinished incoming handshake is not pursued by us.
    if (peer.direction === 'in' && peer.liveness.phase === 'dialling') return [];
    if (peer.liveness.phase === 'dead' && peer.direction === 'out') {
      // The other end may have restarted and lost the keys; a fresh hello works in either case.
      if (peer.association.stateNumber === 100) peer.association.resetHandshake(nowMs);
      this.#sync(peer);
    }
    return [{ type: 'ping', peer, via: null }];
  }
}

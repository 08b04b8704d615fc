/**
 * All peers: who is let in, who is dialled, whose packets are opened, who is pinged and who is given up.
 * Handshakes and everything unusual go through here; plain data packets through `stages.ts`.
 * What is to be done comes back as effects for `node/` to perform. Source: protocol 04.
 */

import { equal, jittered, MeshError } from '../base/index.ts';
import type { Credentials, Via } from '../channel/index.ts';
import { addressOf, type PublicKey } from '../crypto/index.ts';
import type { PeerNumber } from '../switch/index.ts';
import { formatSender, type HostPort } from '../underlay/index.ts';
import { OLDEST_COMPATIBLE } from '../wire/index.ts';
import { helloBudget } from './admission.ts';
import { Arrivals } from './arrivals.ts';
import { Discoveries, type Discovery, type Neighbour } from './discovered.ts';
import type { LinkEffect } from './effects.ts';
import { isExpired } from './expiry.ts';
import { FrameSizes } from './frame-sizes.ts';
import {
  BUSY_MEMORY_MS,
  FORGET_MS,
  HURRY_DOUBT_MS,
  KEY_DOUBT_MS,
  LOSS_CHANGE,
  SAME_KEY_MS,
  SILENT_PING_MS,
  STREAM_PACKETS,
  WATCH_AGAIN_MS,
  WOKE_SILENT_MS,
} from './limits.ts';
import { dialling, hurry, isHurried, type LivenessEffect, tick, watch } from './liveness.ts';
import { loss, notePing, noteTraffic, rttMs, seemsToHeal } from './measure.ts';
import type { Peer } from './peer.ts';
import { type LinksOptions, Peers } from './peers.ts';
import type { Refusals } from './refused.ts';
import { Roaming } from './roaming.ts';
import type { LinkTable } from './table.ts';
import type { PeerToDial, SocketEndpoint } from './types.ts';

/** A peer to dial from one of our sockets, its password prepared. */
export type DialOptions = Pick<PeerToDial, 'key' | 'name'> & {
  readonly endpoint: SocketEndpoint;
  readonly credentials: Credentials | null;
  /** The same node is dialled at other places, too. */
  readonly hasSeveralWays?: boolean;
};

/** The table of peers with everything that happens seldom. */
export class Links {
  readonly #peers: Peers;
  readonly #roaming: Roaming;
  readonly #arrivals: Arrivals;
  readonly #frames: FrameSizes;
  readonly #discoveries: Discoveries;

  constructor(options: LinksOptions) {
    this.#peers = new Peers(options);
    this.#frames = new FrameSizes(this.#peers);
    this.#discoveries = new Discoveries(this.#peers);
    this.#roaming = new Roaming(this.#peers);
    this.#arrivals = new Arrivals(this.#peers, this.#roaming);
  }

  /** The hot fields of all peers. */
  get table(): LinkTable {
    return this.#peers.table;
  }

  /** Who was turned away. */
  get refusals(): Refusals {
    return this.#peers.refusals;
  }

  /** All peers, by interface number. */
  get peers(): ReadonlyMap<number, Peer> {
    return this.#peers.places.peers;
  }

  /** The peers with a key. @param endpoint only the one there, or dialled there before it moved (`192.0.2.7:21000`) */
  with(key: PublicKey, endpoint?: string): readonly Peer[] {
    const isThere = ({ endpoint: at, dialledAt }: Peer): boolean =>
      formatSender(at) === endpoint || (dialledAt !== null && formatSender(dialledAt) === endpoint);
    return this.#peers.places.sameKey(key).filter((peer) => endpoint === undefined || isThere(peer));
  }

  /**
   * Begins to dial a peer; an incoming link from the same address with the same key is taken over.
   * @throws MeshError ERR_PEER for our own key, an invalid key or address, a duplicate, or when no number is free
   */
  dial(options: DialOptions, nowMs: number): void {
    const { identity, crypto, handshake, engine } = this.#peers.options;
    const { key, credentials, endpoint, name } = options;
    const address = addressOf(crypto, key);
    const isDialled = this.with(key, formatSender(endpoint)).some(({ direction }) => direction === 'out');
    if (isDialled) throw new MeshError('ERR_PEER', `${formatSender(endpoint)} is already a peer`);
    if (address === null) throw new MeshError('ERR_PEER', 'the key of the peer is not a valid mesh key');
    if (equal(key, identity.publicKey)) throw new MeshError('ERR_PEER', 'the key of the peer is our own');
    const slot = engine.endpoint(endpoint.socket, endpoint);
    if (slot === null) throw new MeshError('ERR_PEER', `${formatSender(endpoint)} cannot be reached from this socket`);
    if (this.#peers.places.at(slot).some(({ direction }) => direction === 'out'))
      throw new MeshError('ERR_PEER', `${formatSender(endpoint)} is already a peer`);
    const present = this.#peers.places.withKey(slot, key);
    if (present !== null) {
      this.#peers.places.setDirection(present, 'out');
      present.name = name ?? present.name;
      noteDialled(present, options);
      present.channel.dialWith(credentials);
      return;
    }
    const fixed = { peerKey: key, credentials, requireAuth: false, helloBudget: helloBudget(nowMs) };
    const channel = handshake.channel(fixed, nowMs);
    const peer = this.#peers.places.take({ key, address, endpoint, slot, channel, direction: 'out' }, nowMs);
    if (peer === null) {
      channel.close();
      this.#peers.places.giveBack(slot);
      throw new MeshError('ERR_PEER', 'no interface number is free: 256 peers at most');
    }
    peer.name = name;
    noteDialled(peer, options);
    this.#peers.sync(peer, nowMs);
  }

  /** A beacon told of a neighbour. See `Discoveries.discover`. */
  discover(neighbour: Neighbour, nowMs: number): Discovery {
    return this.#discoveries.discover(neighbour, nowMs);
  }

  /** Forgets a peer at once; effects tell routing. */
  remove(peer: Peer): readonly LinkEffect[] {
    return this.#peers.remove(peer);
  }

  /** Forgets the keys of a link and begins its handshake anew; who was dialled waits for the other side. */
  reset(peer: Peer, nowMs: number): readonly LinkEffect[] {
    peer.channel.resetHandshake(nowMs);
    this.#peers.sync(peer, nowMs);
    peer.liveness = dialling(nowMs);
    peer.answered = false;
    peer.dueMs = nowMs;
    return this.#peers.updateState(peer, nowMs);
  }

  /** May a datagram that the fast path did not take cost more than this look? See `Arrivals.mayEnter`. */
  mayEnter(bytes: Uint8Array, offset: number, length: number, slot: number, nowMs: number): boolean {
    return this.#arrivals.mayEnter(bytes, offset, length, slot, nowMs);
  }

  /** A datagram that the fast path did not take. See `Arrivals.receive`. */
  receive(packet: Uint8Array, slot: number, arrival: number, sender: HostPort, nowMs: number): readonly LinkEffect[] {
    return this.#arrivals.receive(packet, slot, arrival, sender, nowMs);
  }

  /** Packets were opened on the fast path from a peer whose interface is not up: it is back. */
  markAlive(number: PeerNumber, nowMs: number): readonly LinkEffect[] {
    const peer = this.peers.get(number);
    if (peer === undefined) return [];
    peer.dueMs = Math.min(peer.dueMs, nowMs);
    return this.#peers.heard(peer, nowMs);
  }

  /** A PING of ours came back over the peer's one-hop label. */
  pong(number: PeerNumber, tookMs: number, protocol: number, nowMs: number): readonly LinkEffect[] {
    const peer = this.peers.get(number);
    if (peer === undefined) return [];
    notePing(peer.measure, tookMs);
    // Sent a moment after the tick that asked for it.
    peer.openPings = 0;
    peer.answeredPingMs = Math.max(peer.answeredPingMs, nowMs - tookMs + 0.5);
    const { watchedSinceMs } = peer.liveness;
    if (watchedSinceMs !== null && nowMs - watchedSinceMs > WATCH_AGAIN_MS && seemsToHeal(peer.measure))
      peer.liveness = watch(peer.liveness, nowMs);
    peer.protocol = protocol;
    peer.incompatible = protocol < OLDEST_COMPATIBLE;
    // A ping that left when data could be sent left as data: it has been there, and the answer is here.
    if (peer.sendableMs !== null && nowMs - tookMs >= peer.sendableMs) peer.answered = true;
    this.#peers.sync(peer, nowMs);
    return this.#peers.updateState(peer, nowMs);
  }

  /**
   * A PING of ours was not answered, and a later one was. It counts if it left over the link that is up now: what an
   * outage swallowed says nothing of how good the line is.
   */
  pingLost(number: PeerNumber, sentMs: number, nowMs: number): readonly LinkEffect[] {
    const peer = this.peers.get(number);
    if (peer === undefined || !peer.announced || sentMs < peer.steadySinceMs) return [];
    const before = loss(peer.measure) ?? 0;
    notePing(peer.measure, null);
    return this.#measured(peer, before, nowMs);
  }

  /** A long PING of ours came back. @param frameBytes of the frame it went in @param leftMs when */
  longPong(number: PeerNumber, frameBytes: number, leftMs: number, nowMs: number): void {
    const peer = this.peers.get(number);
    if (peer !== undefined) this.#frames.answered(peer, frameBytes, leftMs, nowMs);
  }

  /** A long PING of the peer came: it may be in doubt about what passes. */
  longAsked(number: PeerNumber, nowMs: number): void {
    const peer = this.peers.get(number);
    if (peer !== undefined) this.#frames.asked(peer, nowMs);
  }

  /** When `tick` is wanted next; Infinity without peers. */
  nextDueMs(): number {
    let due = Number.POSITIVE_INFINITY;
    for (const peer of this.peers.values()) due = Math.min(due, peer.dueMs);
    return due;
  }

  /** Traffic began: whoever was sent data has to be looked at within the busy time. */
  expectTraffic(number: PeerNumber, atMs: number): void {
    const peer = this.peers.get(number);
    if (peer !== undefined && peer.dueMs > atMs) peer.dueMs = atMs;
  }

  /** Does what is due: pings, gives up, forgets, closes measuring windows. */
  tick(nowMs: number): readonly LinkEffect[] {
    const effects: LinkEffect[] = [];
    for (const peer of this.#peers.all()) {
      if (peer.dueMs <= nowMs && this.#peers.has(peer)) effects.push(...this.#tickPeer(peer, nowMs));
    }
    return effects;
  }

  /**
   * Seals a switch packet for a peer on the slow path: any state, the handshake included.
   * @returns null for a peer that is gone or incompatible, and for an answer that its handshake packets have not earned
   */
  seal(number: PeerNumber, packet: Uint8Array, nowMs: number, via: Via | null): Uint8Array | null {
    const peer = this.peers.get(number);
    if (peer === undefined || peer.incompatible) return null;
    const { channel } = peer;
    const sealed = via === null ? channel.seal(packet, nowMs) : channel.seal(packet, nowMs, via);
    this.#peers.sync(peer, nowMs);
    if (peer.direction === 'in' && this.#peers.options.handshake.isHandshakeAt(sealed, 0, sealed.length)) {
      // Whoever repeats a recorded hello from an address that is not its own must get nothing more out of us.
      if (sealed.length > peer.mayAnswerBytes) {
        this.#peers.options.counters.add('link.unearned');
        return null;
      }
      peer.mayAnswerBytes = 0;
    }
    this.table.txBytes[number] = (this.table.txBytes[number] ?? 0) + packet.length;
    return sealed;
  }

  /** A neighbour says that it sees our key at another address, too. */
  noteOwnKeyAt(number: PeerNumber, endpoint: string, nowMs: number): void {
    const peer = this.peers.get(number);
    if (peer !== undefined) peer.ownKeyAt = { endpoint, untilMs: nowMs + SAME_KEY_MS };
  }

  /**
   * The network of this machine changed, or it slept: every peer is asked at once whether it is there.
   * @param sleptMs for how long the clock stood; links that were silent for longer are begun anew at once
   */
  networkChanged(what: 'changed' | 'woke', sleptMs: number, nowMs: number): readonly LinkEffect[] {
    for (const peer of this.peers.values()) {
      const silentMs = nowMs - this.#peers.lastInMs(peer) + sleptMs;
      if (what === 'woke' && silentMs > WOKE_SILENT_MS) peer.keysDoubtedMs = nowMs;
      peer.liveness = hurry(peer.liveness, nowMs);
      peer.dueMs = nowMs;
    }
    return this.tick(nowMs);
  }

  /** A challenge to another address of a peer was answered: perhaps the link moves there. @param tookMs the round trip */
  confirmed(number: PeerNumber, id: number, tookMs: number, protocol: number, nowMs: number): readonly LinkEffect[] {
    const peer = this.peers.get(number);
    const moved = peer === undefined ? [] : this.#roaming.confirmed(peer, id, nowMs - tookMs, nowMs);
    return moved.length === 0 ? [] : [...moved, ...this.pong(number, tookMs, protocol, nowMs)];
  }

  /** A neighbour says which run of its node it is. */
  noteRun(number: PeerNumber, run: string): void {
    const peer = this.peers.get(number);
    if (peer !== undefined) peer.run = run;
  }

  /** Ends all peers. */
  close(): void {
    for (const peer of this.#peers.all()) this.remove(peer);
  }

  #tickPeer(peer: Peer, nowMs: number): readonly LinkEffect[] {
    const { data, rng } = this.#peers.options;
    const lastInMs = this.#peers.lastInMs(peer);
    const isUsed = (this.table.lastDataOutMs[peer.number] ?? 0) > Number.NEGATIVE_INFINITY;
    if (isExpired(peer, { lastInMs, isUsed, sameKey: () => this.with(peer.key) }, nowMs)) return this.remove(peer);
    if (peer.incompatible) {
      peer.dueMs = nowMs + FORGET_MS;
      return [];
    }
    if (peer.rivalOf !== null)
      return this.#arrivals.settleRival(peer, peer.rivalOf.holder, peer.rivalOf.sinceMs, nowMs);
    const effects: LinkEffect[] = [...this.#roaming.tick(peer, nowMs)];
    const row = peer.channel.openRow;
    if (row >= 0) {
      const stats = data.stats(row);
      const before = loss(peer.measure) ?? 0;
      if (noteTraffic(peer.measure, stats, row, nowMs)) effects.push(...this.#measured(peer, before, nowMs));
    }
    const lastDataOutMs = this.table.lastDataOutMs[peer.number] ?? Number.NEGATIVE_INFINITY;
    const quietForMs = this.#quietForMs(peer, nowMs);
    const openPingMs = peer.answeredPingMs < peer.liveness.lastPingMs ? openPingMsOf(peer) : null;
    const isStream = noteStream(peer, row < 0 ? 0 : (data.received[row] ?? 0), lastInMs);
    const traffic = { lastInMs, lastDataOutMs, isStream, unconfirmed: !peer.announced, quietForMs, openPingMs };
    const step = tick(peer.liveness, traffic, jittered(rng, 1), nowMs);
    peer.liveness = step.next;
    const awayMs = peer.away === null ? Number.POSITIVE_INFINITY : Math.min(peer.away.nextMs, peer.away.untilMs);
    peer.dueMs = Math.max(Math.min(step.dueMs, awayMs), nowMs + 10);
    for (const effect of step.effects) effects.push(...this.#perform(peer, effect, lastInMs, nowMs));
    if (peer.announced) effects.push(...this.#frames.tick(peer, nowMs));
    return effects;
  }

  /** For how long nothing happened on the link; 0 while it loses or a path of ours leads over it. */
  #quietForMs({ number, measure, steadySinceMs }: Peer, nowMs: number): number {
    if (this.table.carries[number] !== 0 || (loss(measure) ?? 0) > 0) return 0;
    return nowMs - Math.max(steadySinceMs, measure.busyMs);
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

  #perform(peer: Peer, effect: LivenessEffect, lastInMs: number, nowMs: number): readonly LinkEffect[] {
    if (effect === 'down') {
      peer.answered = false;
      const moved = this.#roaming.goBack(peer, nowMs);
      return [...this.#peers.updateState(peer, nowMs), ...moved];
    }
    peer.channel.checkTimeouts(nowMs);
    this.#peers.sync(peer, nowMs);
    // Who was dialled has to speak first: without keys an incoming link waits for the other side.
    if (peer.direction === 'in' && peer.channel.sendRow < 0) return [];
    peer.openPings++;
    const live: LinkEffect = { type: 'ping', peer, via: null };
    if (!this.#doubtsKeys(peer, lastInMs, nowMs)) return [live];
    // While the peer may be there, both ways are asked: which is answered tells a lost packet from lost keys.
    const hello: LinkEffect = { type: 'ping', peer, via: 'pending' };
    return peer.liveness.phase === 'alive' ? [live, hello] : [hello];
  }

  /**
   * The other end may have restarted, or never have got what would have finished the handshake: then it does not understand
   * our data. Each other ping goes in a new handshake beside the keys, which are still good if it was only busy.
   */
  #doubtsKeys(peer: Peer, lastInMs: number, nowMs: number): boolean {
    if (peer.direction === 'in' || peer.sendableMs === null) return false;
    const { attempts, unanswered, phase, hurriedMs } = peer.liveness;
    if (peer.keysDoubtedMs > lastInMs && phase === 'alive') return true;
    const silentMs = nowMs - Math.max(lastInMs, peer.sendableMs);
    const isHurt = isHurried(peer.liveness, nowMs) && Math.min(silentMs, nowMs - hurriedMs) >= HURRY_DOUBT_MS;
    return (isHurt || silentMs >= KEY_DOUBT_MS) && (phase === 'alive' ? unanswered : attempts) % 2 === 0;
  }
}

function noteDialled(peer: Peer, { endpoint, hasSeveralWays = false }: DialOptions): void {
  peer.dialledAt = endpoint;
  peer.hasSeveralWays = hasSeveralWays;
}

/** Notes how many packets came since the last look. @returns whether the last of them belonged to a stream */
function noteStream(peer: Peer, received: number, lastInMs: number): boolean {
  if (received - peer.receivedThen >= STREAM_PACKETS) peer.streamInMs = lastInMs;
  peer.receivedThen = received;
  return lastInMs - peer.streamInMs < BUSY_MEMORY_MS;
}

/** A ping is followed by another one when its answer should have been here for long. */
function openPingMsOf(peer: Peer): number {
  return Math.max(SILENT_PING_MS, 2 * (rttMs(peer.measure) ?? 0));
}

/**
 * All peers, and what every part of the layer does with one: copies its keys into the hot table, sees that it is heard,
 * tells routing when it comes and goes. Source: protocol 04 §2, §4.4.
 */
import type { Counters, Rng } from '../base/index.ts';
import type { DataTable, Handshake } from '../channel/index.ts';
import type { CryptoBackend, Identity } from '../crypto/index.ts';
import type { Engine } from '../packet/index.ts';
import { DOWN, type InterfaceTable, UP } from '../switch/index.ts';
import type { LinkEffect } from './effects.ts';
import { heard } from './liveness.ts';
import { forgetLosses } from './measure.ts';
import { unknownPathMtu } from './path-mtu.ts';
import type { Peer } from './peer.ts';
import { Places } from './places.ts';
import { Refusals } from './refused.ts';
import { createLinkTable, type LinkTable } from './table.ts';

/** What the links are made from. */
export type LinksOptions = {
  readonly identity: Identity;
  readonly crypto: CryptoBackend;
  readonly rng: Rng;
  readonly handshake: Handshake;
  readonly data: DataTable;
  readonly engine: Engine;
  readonly interfaces: InterfaceTable;
  readonly counters: Counters;
  readonly nowMs: number;
};

/** The peers of one node. */
export class Peers {
  readonly options: LinksOptions;
  readonly table: LinkTable = createLinkTable();
  readonly places: Places;
  readonly refusals: Refusals;

  constructor(options: LinksOptions) {
    this.options = options;
    this.refusals = new Refusals(options.nowMs);
    this.places = new Places(this.table, options.engine, options.interfaces);
  }

  /** Is this peer still one, and not only its number given to another? */
  has(peer: Peer): boolean {
    return this.places.peers.get(peer.number) === peer;
  }

  /** All peers, oldest first: a copy, so that they may go while one walks through them. */
  all(): readonly Peer[] {
    return [...this.places.peers.values()];
  }

  /** Forgets a peer at once; effects tell routing. */
  remove(peer: Peer): readonly LinkEffect[] {
    const effects: readonly LinkEffect[] = peer.announced ? [{ type: 'down', peer }] : [];
    peer.announced = false;
    peer.channel.close();
    this.places.leave(peer);
    return effects;
  }

  /** Copies what the channel decided into the hot table. */
  sync(peer: Peer, nowMs: number): void {
    const { channel, number } = peer;
    // Nothing is sent to an incompatible peer, and what it sends is dropped (protocol 04 §4.4): no rows, no fast path.
    const { sendRow, openRow } = channel;
    if (sendRow !== peer.sendRow) {
      peer.steadySinceMs = nowMs;
      // What left under other keys, or beside them in a hello, was no data under these.
      peer.sendableMs = null;
    }
    peer.sendRow = sendRow;
    this.table.sendRow[number] = peer.incompatible ? -1 : sendRow;
    // A key that is alive at another address, too, says nothing here before that is settled.
    this.table.openRow[number] = peer.incompatible || peer.rivalOf !== null ? -1 : openRow;
    this.table.pending[number] = channel.pending || this.places.isShared(peer.slot) ? 1 : 0;
    peer.sendableMs = sendRow < 0 ? null : (peer.sendableMs ?? nowMs);
  }

  /** Valid data came in from the peer. */
  heard(peer: Peer, nowMs: number): readonly LinkEffect[] {
    const { next, cameUp } = heard(peer.liveness, nowMs);
    peer.liveness = next;
    const effects = this.updateState(peer, nowMs);
    return cameUp && !peer.announced && peer.rivalOf === null
      ? [...effects, { type: 'ping', peer, via: null }]
      : effects;
  }

  /** When the peer was heard last; keys that are given up do not take it with them. */
  lastInMs(peer: Peer): number {
    const row = peer.channel.openRow;
    peer.lastInMs = Math.max(peer.lastInMs, row < 0 ? 0 : (this.options.data.lastInMs[row] ?? 0));
    return peer.lastInMs;
  }

  /** Tells routing when a peer became usable or stopped being so, and sets the state of its switch interface. */
  updateState(peer: Peer, nowMs: number): readonly LinkEffect[] {
    const alive =
      peer.liveness.phase === 'alive' && peer.channel.openRow >= 0 && !peer.incompatible && peer.rivalOf === null;
    this.options.interfaces.state[peer.number] = alive ? UP : DOWN;
    // A link that was up stays so through a change of keys or address, as long as it is alive.
    const usable = alive && peer.protocol !== null && (peer.answered || peer.announced);
    if (usable === peer.announced) return [];
    peer.announced = usable;
    if (!usable) return [{ type: 'down', peer }];
    peer.establishedMs ??= nowMs;
    // What was lost before the link went down says nothing of the link that came back.
    peer.steadySinceMs = nowMs;
    forgetLosses(peer.measure);
    peer.pathMtu = unknownPathMtu(peer.pathMtu.toldMs);
    this.table.longestFrame[peer.number] = 0;
    return [{ type: 'up', peer }];
  }

  /** A packet is refused; its counter says why. */
  drop(counter: string): readonly LinkEffect[] {
    this.options.counters.add(counter);
    return [];
  }
}

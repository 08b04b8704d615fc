/**
 * The network below the mesh: hosts joined by links that delay, lose, reorder and throttle datagrams, all of it seeded.
 * There is no routing here: two hosts without a link cannot reach each other, as neighbours out of radio range.
 */

import { BUFFER_CLASSES, MAX_DATAGRAM_BYTES, RATE_QUEUE_MS, REORDER_DELAY } from './limits.ts';
import type { SeededRng } from './seeded-rng.ts';
import type { Scheduled, VirtualClock } from './virtual-clock.ts';

/** How a link treats datagrams, in both directions alike. */
export type LinkConditions = {
  /** One way. */
  latencyMs: number;
  /** Added to each datagram, uniform from 0; order is kept. */
  jitterMs: number;
  /** Share of datagrams lost, 0 to 1. */
  loss: number;
  /** Share of datagrams that are overtaken by later ones, 0 to 1. */
  reorder: number;
  /** Bytes per second in each direction; Infinity = no limit. */
  bytesPerSecond: number;
  /** Longer datagrams are lost without a word: a hole in the path's MTU, or somebody who drops by size. */
  maxBytes: number;
  up: boolean;
};

/** A good link of this latency. */
export function goodLink(latencyMs: number): LinkConditions {
  const unlimited = Number.POSITIVE_INFINITY;
  return { latencyMs, jitterMs: 0, loss: 0, reorder: 0, bytesPerSecond: unlimited, maxBytes: unlimited, up: true };
}

/** What takes datagrams at a host: true = kept, to be given back by `Underlay.release`; false = refused. */
export type Receiver = (datagram: Datagram) => boolean;

/** A datagram under way. Its bytes are `buffer[0 .. length]`. */
export type Datagram = {
  readonly buffer: Uint8Array;
  readonly length: number;
  readonly fromHost: number;
  readonly fromPort: number;
  readonly toHost: number;
  readonly toPort: number;
};

/** Sees every datagram before its fate is decided. */
export type Observer = (fromHost: number, toHost: number, bytes: Uint8Array, offset: number, length: number) => void;

/** A box on the way that looks at each datagram: true lets it pass. */
export type Filter = (
  fromHost: number,
  toHost: number,
  datagram: Uint8Array,
  fromPort: number,
  toPort: number,
) => boolean;

/** One direction of a link. */
type Channel = { readonly conditions: LinkConditions; busyUntilMs: number; lastArrivalMs: number };

class Flight implements Scheduled, Datagram {
  atMs = 0;
  sequence = 0;
  place = -1;
  length = 0;
  fromHost = 0;
  fromPort = 0;
  toHost = 0;
  toPort = 0;
  readonly buffer: Uint8Array;
  readonly #land: (flight: Flight) => void;

  constructor(sizeBytes: number, land: (flight: Flight) => void) {
    this.buffer = new Uint8Array(sizeBytes);
    this.#land = land;
  }

  fire(): void {
    this.#land(this);
  }
}

/** Hosts by number, links, and the datagrams between them. */
export class Underlay {
  /** Counts of datagrams, for reports. */
  readonly counts = { sent: 0, delivered: 0, lost: 0, unlinked: 0, congested: 0 };
  observer: Observer | null = null;
  /** Loses what it does not let pass: data in one direction, large packets. */
  filter: Filter | null = null;
  readonly #clock: VirtualClock;
  readonly #rng: SeededRng;
  readonly #channels: Map<number, Channel>[] = [];
  readonly #receivers: (Receiver | null)[] = [];
  /** Side of the partition each host is on; datagrams do not pass between sides. */
  readonly #sides: number[] = [];
  readonly #free: readonly Flight[][] = BUFFER_CLASSES.map(() => []);
  readonly #land = (flight: Flight): void => this.#arrive(flight);

  constructor(clock: VirtualClock, rng: SeededRng) {
    this.#clock = clock;
    this.#rng = rng;
  }

  /** Attaches or, with null, switches off a host. */
  attach(host: number, receiver: Receiver | null): void {
    while (this.#receivers.length <= host) {
      this.#receivers.push(null);
      this.#channels.push(new Map());
      this.#sides.push(0);
    }
    this.#receivers[host] = receiver;
  }

  /**
   * Lays a link; the returned conditions may be changed at any time.
   * @param back conditions of the direction from `b` to `a`, where they are others
   */
  connect(a: number, b: number, conditions: LinkConditions, back = conditions): LinkConditions {
    this.#channels[a]?.set(b, { conditions, busyUntilMs: 0, lastArrivalMs: 0 });
    this.#channels[b]?.set(a, { conditions: back, busyUntilMs: 0, lastArrivalMs: 0 });
    return conditions;
  }

  /** Conditions of a link, null if there is none. */
  link(a: number, b: number): LinkConditions | null {
    return this.#channels[a]?.get(b)?.conditions ?? null;
  }

  /** Divides the hosts: those that `sideOf` gives different numbers cannot reach each other. Heal with `() => 0`. */
  partition(sideOf: (host: number) => number): void {
    for (let host = 0; host < this.#sides.length; host++) this.#sides[host] = sideOf(host);
  }

  /** Can a datagram pass from `a` to `b` now? */
  passable(a: number, b: number): boolean {
    return (
      this.link(a, b)?.up === true &&
      this.#sides[a] === this.#sides[b] &&
      (this.#receivers[a] ?? null) !== null &&
      (this.#receivers[b] ?? null) !== null
    );
  }

  /** Sends a copy of `bytes[offset .. offset + length]`. */
  send(
    fromHost: number,
    fromPort: number,
    toHost: number,
    toPort: number,
    bytes: Uint8Array,
    offset: number,
    length: number,
  ): void {
    this.counts.sent++;
    this.observer?.(fromHost, toHost, bytes, offset, length);
    const channel = this.#channels[fromHost]?.get(toHost);
    if (channel === undefined || length > MAX_DATAGRAM_BYTES) {
      this.counts.unlinked++;
      return;
    }
    const passes =
      this.filter === null || this.filter(fromHost, toHost, bytes.subarray(offset, offset + length), fromPort, toPort);
    const arrivalMs = passes ? this.#fate(channel, fromHost, toHost, length) : -1;
    if (arrivalMs < 0) {
      this.counts.lost++;
      return;
    }
    const flight = this.#take(length);
    const { buffer } = flight;
    if (length > 128) buffer.set(bytes.subarray(offset, offset + length));
    else for (let i = 0; i < length; i++) buffer[i] = bytes[offset + i] as number;
    flight.length = length;
    flight.fromHost = fromHost;
    flight.fromPort = fromPort;
    flight.toHost = toHost;
    flight.toPort = toPort;
    this.#clock.schedule(flight, arrivalMs);
  }

  /** Takes back a datagram that a receiver kept. */
  release(datagram: Datagram): void {
    if (datagram instanceof Flight) this.#free[classOf(datagram.buffer.length)]?.push(datagram);
  }

  /** When a datagram arrives, -1 = never. */
  #fate(channel: Channel, fromHost: number, toHost: number, length: number): number {
    const { conditions } = channel;
    if (!conditions.up || length > conditions.maxBytes || this.#sides[fromHost] !== this.#sides[toHost]) return -1;
    if (conditions.loss > 0 && this.#rng.fraction() < conditions.loss) return -1;
    let atMs = this.#clock.nowMs();
    if (conditions.bytesPerSecond !== Number.POSITIVE_INFINITY) {
      const beginMs = Math.max(atMs, channel.busyUntilMs);
      if (beginMs - atMs > RATE_QUEUE_MS) {
        this.counts.congested++;
        return -1;
      }
      atMs = beginMs + (length * 1000) / conditions.bytesPerSecond;
      channel.busyUntilMs = atMs;
    }
    atMs += conditions.latencyMs;
    if (conditions.jitterMs > 0) atMs += conditions.jitterMs * this.#rng.fraction();
    if (conditions.reorder > 0 && this.#rng.fraction() < conditions.reorder) {
      return atMs + conditions.latencyMs * REORDER_DELAY * this.#rng.fraction();
    }
    if (atMs < channel.lastArrivalMs) atMs = channel.lastArrivalMs;
    channel.lastArrivalMs = atMs;
    return atMs;
  }

  #arrive(flight: Flight): void {
    const receiver = this.#receivers[flight.toHost] ?? null;
    // What is under way when a partition comes is lost as well.
    if (receiver !== null && this.#sides[flight.fromHost] === this.#sides[flight.toHost] && receiver(flight)) {
      this.counts.delivered++;
    } else {
      this.counts.lost++;
      this.release(flight);
    }
  }

  #take(length: number): Flight {
    const sizeClass = classOf(length);
    const size = BUFFER_CLASSES[sizeClass] ?? MAX_DATAGRAM_BYTES;
    return this.#free[sizeClass]?.pop() ?? new Flight(size, this.#land);
  }
}

function classOf(length: number): number {
  let sizeClass = 0;
  while (length > (BUFFER_CLASSES[sizeClass] ?? MAX_DATAGRAM_BYTES)) sizeClass++;
  return sizeClass;
}

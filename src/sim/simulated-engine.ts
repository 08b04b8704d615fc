/**
 * The `Engine` of a simulated host: sockets of the `Underlay`, a TUN made of two queues, an arena that all hosts share.
 * Everything runs to completion, so nobody's packets are in the arena when another node wakes up.
 */

import type { CryptoBackend } from '../crypto/index.ts';
import { type Arena, descriptor, type Engine, HEADROOM_BYTES, SLOT_BYTES, type Source } from '../packet/index.ts';
import type { HostPort } from '../underlay/index.ts';
import { createKeyTable, type KeyTable } from './key-table.ts';
import { TUN_QUEUE } from './limits.ts';
import { hostAddress, hostOf, SimulatedSockets } from './simulated-sockets.ts';
import type { Datagram, Underlay } from './underlay.ts';
import type { VirtualClock } from './virtual-clock.ts';

const { STRIDE, OFFSET, LENGTH, KEY, NONCE, ENDPOINT, SOCKET, RESULT, FRAME_OVERHEAD } = descriptor;

/** Results of seal and open. */
const BAD_BOUNDS = -1;
const BAD_SLOT = -2;
const BAD_TAG = -3;

const NO_SENDER: HostPort = { host: '0.0.0.0', port: 0 };

type ReadyCallback = (readable: boolean, writable: boolean) => void;

/** What a simulated engine is made of. */
export type SimulatedEngineOptions = {
  readonly host: number;
  readonly clock: VirtualClock;
  readonly underlay: Underlay;
  readonly arena: Arena;
  readonly backend: CryptoBackend;
  /** A packet the node wrote to its TUN; a copy, given when the node's call has ended, so that it may be answered. */
  readonly onUserPacket: (packet: Uint8Array) => void;
};

/** One host's engine. */
export class SimulatedEngine implements Engine {
  readonly kind = 'simulated';
  readonly arena: Arena;
  readonly #options: SimulatedEngineOptions;
  readonly #keys: KeyTable;
  readonly #sockets = new SimulatedSockets();
  readonly #watchers = new Map<Source, ReadyCallback>();
  readonly #tunIn: Uint8Array[] = [];
  readonly #senders: (HostPort | null)[] = [];
  #stalledUntilMs = 0;
  #tunPaused = false;
  #tunOpen = false;
  #closed = false;

  constructor(options: SimulatedEngineOptions) {
    this.arena = options.arena;
    this.#options = options;
    this.#keys = createKeyTable(options.backend);
    options.underlay.attach(options.host, (datagram) => this.#receive(datagram));
  }

  setKey = (slot: number, key: Uint8Array, nonceOffset: 0 | 4): void => this.#keys.set(slot, key, nonceOffset);
  clearKey = (slot: number): void => this.#keys.clear(slot);

  seal = (first: number, count: number): void => {
    const { descriptors, bytes } = this.arena;
    for (let at = first * STRIDE; at < (first + count) * STRIDE; at += STRIDE) {
      if (!this.#check(at)) continue;
      const offset = descriptors[at + OFFSET] as number;
      const counter = descriptors[at + NONCE] as number;
      bytes[offset] = counter >>> 24;
      bytes[offset + 1] = counter >>> 16;
      bytes[offset + 2] = counter >>> 8;
      bytes[offset + 3] = counter;
      const end = offset + (descriptors[at + LENGTH] as number);
      this.#keys.seal(descriptors[at + KEY] as number, counter, bytes, offset + 4, end);
    }
  };

  open = (first: number, count: number): void => {
    const { descriptors, bytes } = this.arena;
    for (let at = first * STRIDE; at < (first + count) * STRIDE; at += STRIDE) {
      if (!this.#check(at)) continue;
      const offset = descriptors[at + OFFSET] as number;
      const counter =
        ((bytes[offset] as number) << 24) |
        ((bytes[offset + 1] as number) << 16) |
        ((bytes[offset + 2] as number) << 8) |
        (bytes[offset + 3] as number);
      const end = offset + (descriptors[at + LENGTH] as number);
      descriptors[at + NONCE] = counter;
      if (!this.#keys.open(descriptors[at + KEY] as number, counter, bytes, offset + 4, end)) {
        descriptors[at + RESULT] = BAD_TAG;
      }
    }
  };

  /** Sets RESULT; false when the frame must not be touched. */
  #check(at: number): boolean {
    const { descriptors, bytes } = this.arena;
    const length = descriptors[at + LENGTH] as number;
    if (length === 0) return false;
    const offset = descriptors[at + OFFSET] as number;
    let result = 0;
    if (length < FRAME_OVERHEAD || offset < 0 || offset + length > bytes.length) result = BAD_BOUNDS;
    else if (!this.#keys.has(descriptors[at + KEY] as number)) result = BAD_SLOT;
    descriptors[at + RESULT] = result;
    return result === 0;
  }

  openUdp = async (at: HostPort): Promise<number> => this.openSocket(at.port);
  /** The same without a promise, so that a world can start nodes within one instant. */
  openSocket = (port: number): number => this.#sockets.open(port);
  /** Another address, as the others see it; nobody here is told. */
  moveSocket = (socket: number, port: number): void => this.#sockets.move(socket, port);
  readonly ethernet = null;
  boundPort = (socket: number): number => this.#sockets.get(socket)?.port ?? 0;

  endpoint = (socket: number, to: HostPort): number | null => {
    const host = hostOf(to.host);
    return host === null ? null : this.#sockets.slotFor(socket, host, to.port);
  };
  forgetEndpoint = (slot: number): void => this.#sockets.forget(slot);
  // Datagrams are not cut up here: what is too long for a link is lost.
  tellPathMtu = (): boolean => false;
  sender = (index: number): HostPort => this.#senders[index] ?? NO_SENDER;

  recv = (number: number, first: number, count: number): number => {
    const socket = this.#sockets.get(number);
    if (socket === null) return 0;
    const { arena } = this;
    const places = (arena.outputStart - arena.receiveStart) / SLOT_BYTES;
    const done = Math.min(count, places, socket.queue.length);
    for (let i = 0; i < done; i++) {
      const datagram = socket.queue[i] as Datagram;
      const { length, buffer, fromHost, fromPort } = datagram;
      const offset = arena.receiveStart + i * SLOT_BYTES;
      if (length > 128) arena.bytes.set(buffer.subarray(0, length), offset);
      else for (let byte = 0; byte < length; byte++) arena.bytes[offset + byte] = buffer[byte] as number;
      const at = (first + i) * STRIDE;
      const slot = this.#sockets.slotOf(number, fromHost, fromPort);
      arena.descriptors[at + OFFSET] = offset;
      arena.descriptors[at + LENGTH] = length;
      arena.descriptors[at + ENDPOINT] = slot;
      arena.descriptors[at + SOCKET] = number;
      arena.descriptors[at + RESULT] = 0;
      this.#senders[first + i] = slot < 0 ? hostAddress(fromHost, fromPort) : null;
      this.#options.underlay.release(datagram);
    }
    socket.queue.splice(0, done);
    return done;
  };

  send = (first: number, count: number): number => {
    const { descriptors, bytes } = this.arena;
    for (let at = first * STRIDE; at < (first + count) * STRIDE; at += STRIDE) {
      const length = descriptors[at + LENGTH] as number;
      if (length <= 0 || this.#closed) continue;
      const to = this.#sockets.destination(descriptors[at + ENDPOINT] as number);
      const port = to === null ? 0 : this.boundPort(to.socket);
      if (to === null || port === 0) continue;
      const { host, underlay } = this.#options;
      underlay.send(host, port, to.host, to.port, bytes, descriptors[at + OFFSET] as number, length);
    }
    return count;
  };

  openTun = (): string => {
    this.#tunOpen = true;
    return `sim${this.#options.host}`;
  };

  readTun = (first: number, count: number): number => {
    const { arena } = this;
    const done = Math.min(count, arena.tunSlots, this.#tunIn.length);
    for (let i = 0; i < done; i++) {
      const packet = this.#tunIn[i] as Uint8Array;
      const offset = arena.tunStart + i * SLOT_BYTES + HEADROOM_BYTES;
      arena.bytes.set(packet, offset);
      arena.descriptors[(first + i) * STRIDE + OFFSET] = offset;
      arena.descriptors[(first + i) * STRIDE + LENGTH] = packet.length;
    }
    this.#tunIn.splice(0, done);
    return done;
  };

  writeTun = (first: number, count: number): number => {
    const { descriptors, bytes } = this.arena;
    for (let at = first * STRIDE; at < (first + count) * STRIDE; at += STRIDE) {
      const length = descriptors[at + LENGTH] as number;
      if (length === 0) continue;
      const offset = descriptors[at + OFFSET] as number;
      descriptors[at + RESULT] = 0;
      const packet = bytes.slice(offset, offset + length);
      this.#options.clock.after(0, () => this.#options.onUserPacket(packet));
    }
    return count;
  };

  /** A program on this host sends an IPv6 packet. @returns false when the device is missing or full */
  injectTun(packet: Uint8Array): boolean {
    if (!this.#tunOpen || this.#closed || this.#tunIn.length >= TUN_QUEUE) return false;
    this.#tunIn.push(packet);
    this.#wake('tun');
    return true;
  }

  /**
   * The process gets no processor for a while: what arrives waits in the sockets. Then it is read at once, but after the
   * timers that are late, as Node.js does it.
   */
  stall(forMs: number): void {
    const { clock } = this.#options;
    this.#stalledUntilMs = Math.max(this.#stalledUntilMs, clock.nowMs() + forMs);
    const read = (): void => {
      for (const source of this.#watchers.keys()) this.#wake(source);
    };
    clock.after(forMs, () => clock.after(0, read));
  }

  /** Milliseconds until the process runs again, 0 while it does. */
  get stalledForMs(): number {
    return Math.max(0, this.#stalledUntilMs - this.#options.clock.nowMs());
  }

  watch = (source: Source, onReady: ReadyCallback): void => void this.#watchers.set(source, onReady);

  pause = (source: Source, paused: boolean): void => {
    const socket = source === 'tun' ? null : this.#sockets.get(source);
    if (source === 'tun') this.#tunPaused = paused;
    else if (socket !== null) socket.paused = paused;
    if (!paused) this.#options.clock.after(0, () => this.#wake(source));
  };

  readonly network = null;
  describe = (): Readonly<Record<string, string | number | boolean>> => ({
    engine: 'simulated',
    host: this.#options.host,
  });

  close = (): void => {
    if (this.#closed) return;
    this.#closed = true;
    this.#options.underlay.attach(this.#options.host, null);
    this.#watchers.clear();
  };

  #receive(datagram: Datagram): boolean {
    const socket = this.#closed ? -1 : this.#sockets.deliver(datagram);
    if (socket < 0) return false;
    this.#wake(socket);
    return true;
  }

  /** Calls the watcher; what it leaves wakes it again after all else that is due now, unless it read nothing at all. */
  #wake(source: Source): void {
    const before = this.#waitingAt(source);
    if (before === 0 || this.stalledForMs > 0) return;
    this.#watchers.get(source)?.(true, false);
    const left = this.#waitingAt(source);
    if (left > 0 && left < before) this.#options.clock.after(0, () => this.#wake(source));
  }

  /** Packets that may be read from a source; 0 while it is paused. */
  #waitingAt(source: Source): number {
    if (source === 'tun') return this.#tunPaused ? 0 : this.#tunIn.length;
    const socket = this.#sockets.get(source);
    return socket === null || socket.paused ? 0 : socket.queue.length;
  }
}

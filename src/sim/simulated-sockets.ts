/**
 * The sockets of one simulated host: a queue of datagrams each, and endpoint slots for the addresses they talk to.
 * Host n has the address 10.x.y.z, where x.y.z is n.
 */

import { MeshError } from '../base/index.ts';
import type { HostPort } from '../underlay/index.ts';
import { SOCKET_QUEUE, UNDERLAY_PORT } from './limits.ts';
import type { Datagram } from './underlay.ts';

/** Hosts at most, as many as there are addresses. */
const MAX_HOSTS = 2 ** 24;

/** One open socket and the datagrams that wait to be read. */
export type SimulatedSocket = { port: number; readonly queue: Datagram[]; dropped: number; paused: boolean };

/** Where an endpoint slot leads. */
export type Respondent = { readonly socket: number; readonly host: number; readonly port: number };

/** The underlay address of a host. */
export function hostAddress(host: number, port = UNDERLAY_PORT): HostPort {
  return { host: `10.${(host >> 16) & 255}.${(host >> 8) & 255}.${host & 255}`, port };
}

/** The host with an underlay address, null if it is none of ours. */
export function hostOf(address: string): number | null {
  const parts = address.split('.').map(Number);
  if (parts.length !== 4 || parts[0] !== 10) return null;
  let host = 0;
  for (const part of parts.slice(1)) {
    if (!Number.isInteger(part) || part < 0 || part > 255) return null;
    host = host * 256 + part;
  }
  return host;
}

/** Sockets and endpoint slots of one host. */
export class SimulatedSockets {
  readonly #sockets: SimulatedSocket[] = [];
  readonly #destinations: (Respondent | null)[] = [];
  readonly #slots = new Map<number, number>();
  readonly #freeSlots: number[] = [];

  /** Opens a socket; port 0 gives a free one. @throws MeshError ERR_PORT_IN_USE */
  open(port: number): number {
    const chosen = port === 0 ? UNDERLAY_PORT + this.#sockets.length : port;
    if (this.#sockets.some((socket) => socket.port === chosen)) {
      throw new MeshError('ERR_PORT_IN_USE', `port ${chosen} is in use`);
    }
    return this.#sockets.push({ port: chosen, queue: [], dropped: 0, paused: false }) - 1;
  }

  /** From now on the socket has another port, as behind a new NAT mapping: what is sent to the old one reaches nobody. */
  move(socket: number, port: number): void {
    const moved = this.get(socket);
    if (moved !== null) moved.port = port;
  }

  get(socket: number): SimulatedSocket | null {
    return this.#sockets[socket] ?? null;
  }

  /** Puts a datagram into the queue of its socket; -1 if nobody listens or it is full, otherwise the socket number. */
  deliver(datagram: Datagram): number {
    const number = this.#sockets.findIndex((socket) => socket.port === datagram.toPort);
    const socket = this.#sockets[number];
    if (socket === undefined) return -1;
    if (socket.queue.length >= SOCKET_QUEUE) {
      socket.dropped++;
      return -1;
    }
    socket.queue.push(datagram);
    return number;
  }

  /** The slot for a host and port as seen from a socket, made when there is none. */
  slotFor(socket: number, host: number, port: number): number {
    const key = keyOf(socket, host, port);
    const present = this.#slots.get(key);
    if (present !== undefined) return present;
    const slot = this.#freeSlots.pop() ?? this.#destinations.length;
    this.#destinations[slot] = { socket, host, port };
    this.#slots.set(key, slot);
    return slot;
  }

  /** The slot of a sender, -1 if it has none. */
  slotOf(socket: number, host: number, port: number): number {
    return this.#slots.get(keyOf(socket, host, port)) ?? -1;
  }

  destination(slot: number): Respondent | null {
    return this.#destinations[slot] ?? null;
  }

  forget(slot: number): void {
    const destination = this.destination(slot);
    if (destination === null) return;
    this.#slots.delete(keyOf(destination.socket, destination.host, destination.port));
    this.#destinations[slot] = null;
    this.#freeSlots.push(slot);
  }
}

function keyOf(socket: number, host: number, port: number): number {
  return (socket * 65536 + port) * MAX_HOSTS + host;
}

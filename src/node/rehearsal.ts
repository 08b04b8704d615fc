/**
 * The rehearsal of the packet path: after the start, while nothing else is to do, packets go all the way through it, from
 * the TUN into a session, a link, the switch, back out of them and to the TUN again; with keys of their own, and without a
 * socket or a device. It proves the path with the engine and the tables that are in use, and V8 compiles it: a node that
 * carries ten packets a second would otherwise run it interpreted for ever, and answer a ping in twice the time.
 *
 * Each slice is one synchronous piece of work: what it borrows from the tables is given back before it ends.
 */
import type { Clock, Logger, Rng, Timer } from '../base/index.ts';
import { ADDRESS_BYTES, type Identity, type Ip6, MESH_PREFIX } from '../crypto/index.ts';
import { mirrorLink } from '../link/index.ts';
import { descriptor, type Engine, HEADROOM_BYTES, SLOT_BYTES } from '../packet/index.ts';
import { mirrorSession } from '../session/index.ts';
import type { InterfaceTable } from '../switch/index.ts';
import { ipv6Header } from '../wire/index.ts';
import type { Layers } from './layers.ts';
import { REHEARSAL_EVERY_MS, REHEARSAL_PACKETS, REHEARSAL_SLICE_MS, REHEARSAL_VECTOR } from './limits.ts';
import type { RehearsalStatus } from './snapshots.ts';

const { STRIDE, OFFSET, LENGTH, ENDPOINT, SOCKET } = descriptor;
const IPV6_HEADER = ipv6Header.SIZE;
/** ICMPv6 and UDP; a connection of TCP would stay in the firewall for hours, and warms up by itself. */
const PROTOCOLS = [ipv6Header.NEXT_HEADER.icmpv6, ipv6Header.NEXT_HEADER.udp];
/** First byte of all payloads, as a type of ICMPv6: an echo reply, which every firewall lets in. */
const ECHO_REPLY = 129;
const PACKET_BYTES = 128;

/** What it plays with. */
export type RehearsalOptions = Pick<Layers, 'links' | 'sessions' | 'data' | 'path'> & {
  readonly identity: Identity;
  readonly interfaces: InterfaceTable;
  readonly engine: Engine;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly log: Logger;
};

/** The rehearsal of one node. */
export class Rehearsal {
  readonly #o: RehearsalOptions;
  #state: RehearsalStatus['state'] = 'off';
  #packets = 0;
  #timer: Timer | null = null;
  /** One for all slices, so that the firewall sees one flow. */
  readonly #far: Ip6;

  constructor(options: RehearsalOptions) {
    this.#o = options;
    this.#far = farAddress(options.rng);
  }

  get status(): RehearsalStatus {
    return { state: this.#state, packets: this.#packets };
  }

  /** Begins, in slices; nothing happens where the arena has no room for it. */
  begin(): void {
    if (this.#state !== 'off' || this.#o.engine.arena.outputSlots < 2) return;
    this.#state = 'running';
    this.#plan();
  }

  /** Ends it where it is. */
  close(): void {
    this.#timer?.cancel();
  }

  #plan(): void {
    this.#timer = this.#o.clock.after(REHEARSAL_EVERY_MS, () => this.#slice());
  }

  #slice(): void {
    const { clock, path, log } = this.#o;
    // Real packets come first, and do the same.
    if (!path.isBlocked) this.#play(clock.nowMs() + REHEARSAL_SLICE_MS);
    if (this.#state === 'failed') log.error('rehearsal.failed', { packets: this.#packets });
    if (this.#state !== 'running') return;
    if (this.#packets < REHEARSAL_PACKETS) return this.#plan();
    this.#state = 'passed';
    log.debug('rehearsal.passed', { packets: this.#packets });
  }

  /** Borrows a link and a session for one slice. A node without room for them has compiled its path long ago. */
  #play(untilMs: number): void {
    const { clock, links, sessions, data, interfaces, rng } = this.#o;
    const nowMs = clock.nowMs();
    const link = mirrorLink({ table: links.table, interfaces, data, rng }, nowMs);
    const place = { address: this.#far, over: link?.number ?? 0 };
    const session = link === null ? null : mirrorSession(sessions, data, rng, place, nowMs);
    try {
      if (link === null || session === null) this.#state = 'off';
      else this.#playOver(link.slot, untilMs);
    } finally {
      session?.end();
      link?.end();
    }
  }

  /** One packet and whole vectors in turn, since they come both ways. */
  #playOver(slot: number, untilMs: number): void {
    const { clock, path, engine, identity } = this.#o;
    const stage = new Stage(engine, identity.address, this.#far, slot);
    for (let turn = 0; clock.nowMs() < untilMs && this.#state === 'running'; turn++) {
      const count = turn % 4 === 3 ? Math.min(REHEARSAL_VECTOR, engine.arena.outputSlots - 1) : 1;
      stage.raise(count, PROTOCOLS[turn % PROTOCOLS.length] as number);
      path.through(stage.engine, () => {
        path.onTun();
        path.onSocket(0, true, false);
      });
      this.#packets += count;
      if (stage.returned !== count) this.#state = 'failed';
    }
  }
}

/** The engine with its doors closed: packets are handed in, and what would leave is handed back in. */
class Stage {
  readonly engine: Engine;
  /** Packets that came out as they went in. */
  returned = 0;
  readonly #arena: Engine['arena'];
  readonly #own: Ip6;
  readonly #far: Ip6;
  #waiting = 0;
  #frames: { readonly offset: number; readonly length: number }[] = [];

  constructor(engine: Engine, own: Ip6, far: Ip6, slot: number) {
    this.#arena = engine.arena;
    this.#own = own;
    this.#far = far;
    this.engine = {
      ...engine,
      readTun: (first) => this.#readTun(first),
      send: (first, count) => this.#send(first, count),
      recv: (_socket, first) => this.#recv(first, slot),
      writeTun: (first, count) => this.#writeTun(first, count),
    };
  }

  /** Puts packets of this machine where the TUN would have put them. */
  raise(count: number, protocol: number): void {
    const { bytes, view } = this.#arena;
    for (let i = 0; i < count; i++) {
      const at = this.#at(i);
      ipv6Header.write(view, at, PACKET_BYTES - IPV6_HEADER, protocol);
      bytes.set(this.#own, at + ipv6Header.OFFSET.source);
      bytes.set(this.#far, at + ipv6Header.OFFSET.destination);
      for (let byte = IPV6_HEADER; byte < PACKET_BYTES; byte++) bytes[at + byte] = payloadByte(byte);
    }
    this.#waiting = count;
    this.#frames = [];
    this.returned = 0;
  }

  #at(index: number): number {
    return this.#arena.outputStart + (index + 1) * SLOT_BYTES + HEADROOM_BYTES;
  }

  #readTun(first: number): number {
    const { descriptors } = this.#arena;
    const count = this.#waiting;
    this.#waiting = 0;
    for (let i = 0; i < count; i++) {
      descriptors[(first + i) * STRIDE + OFFSET] = this.#at(i);
      descriptors[(first + i) * STRIDE + LENGTH] = PACKET_BYTES;
    }
    return count;
  }

  #send(first: number, count: number): number {
    const { descriptors } = this.#arena;
    for (let index = first; index < first + count; index++) {
      const length = descriptors[index * STRIDE + LENGTH] as number;
      if (length > 0) this.#frames.push({ offset: descriptors[index * STRIDE + OFFSET] as number, length });
    }
    return count;
  }

  #recv(first: number, slot: number): number {
    const { descriptors } = this.#arena;
    const frames = this.#frames.splice(0);
    for (const [i, { offset, length }] of frames.entries()) {
      const at = (first + i) * STRIDE;
      descriptors[at + OFFSET] = offset;
      descriptors[at + LENGTH] = length;
      descriptors[at + ENDPOINT] = slot;
      descriptors[at + SOCKET] = 0;
    }
    return frames.length;
  }

  #writeTun(first: number, count: number): number {
    const { bytes, descriptors } = this.#arena;
    for (let index = first; index < first + count; index++) {
      const length = descriptors[index * STRIDE + LENGTH] as number;
      const at = descriptors[index * STRIDE + OFFSET] as number;
      if (length === 0) continue;
      let isSame = length === PACKET_BYTES;
      for (let byte = IPV6_HEADER; byte < PACKET_BYTES; byte++) isSame &&= bytes[at + byte] === payloadByte(byte);
      if (isSame) this.returned++;
    }
    return count;
  }
}

/** Ports of both ends are the same, so that the firewall takes what comes back for the answer to what went out. */
function payloadByte(byte: number): number {
  return byte < IPV6_HEADER + 4 ? ((byte & 1) === 0 ? ECHO_REPLY : 0) : byte & 0x7f;
}

/** An address that nobody has: no key gives it but by a chance of one in 2^120. */
function farAddress(rng: Rng): Ip6 {
  const address = rng.bytes(ADDRESS_BYTES);
  address[0] = MESH_PREFIX;
  return address as Ip6;
}

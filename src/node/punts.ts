/** What the fast path does not handle: copied out of the arena, and done by the work queue when the vector is through. */

import { type DescriptorIndex, descriptor, type Engine } from '../packet/index.ts';
import { lastInLabel, type SessionNumber, type SessionTable } from '../session/index.ts';
import type { PeerNumber, SwitchErrorCode } from '../switch/index.ts';
import type { HostPort } from '../underlay/index.ts';
import type { WorkQueue } from './work.ts';

const { STRIDE, OFFSET, LENGTH, ENDPOINT, SOCKET, SPARE, FRAME_OVERHEAD } = descriptor;

/** Stands for a sender whose endpoint slot is known. */
const NOBODY: HostPort = { host: '', port: 0 };

/** Copies for the work queue of one node. In all calls `index` is that of a descriptor, which is free again afterwards. */
export class Punts {
  readonly #engine: Engine;
  readonly #sessions: SessionTable;
  readonly #queue: WorkQueue;

  constructor(engine: Engine, sessions: SessionTable, queue: WorkQueue) {
    this.#engine = engine;
    this.#sessions = sessions;
    this.#queue = queue;
  }

  /** A datagram as it came. */
  datagram(index: DescriptorIndex): void {
    const { arena, sender } = this.#engine;
    const at = index * STRIDE;
    const slot = arena.descriptors[at + ENDPOINT] as number;
    const arrival = arena.descriptors[at + SOCKET] as number;
    const bytes = this.#copy(index, 0);
    const from = slot < 0 ? sender(index) : NOBODY;
    this.#queue.arrive({ type: 'datagram', bytes, slot, arrival, sender: from });
  }

  /** The packet in an opened link frame, for this node. */
  local(index: DescriptorIndex): void {
    const packet = this.#copy(index, FRAME_OVERHEAD);
    const from = this.#engine.arena.descriptors[index * STRIDE + SPARE] as PeerNumber;
    this.#queue.arrive({ type: 'local', packet, from, via: null });
  }

  /** The packet in an opened link frame, which the switch refused. */
  undeliverable(index: DescriptorIndex, code: SwitchErrorCode): void {
    const packet = this.#copy(index, FRAME_OVERHEAD);
    const from = this.#engine.arena.descriptors[index * STRIDE + SPARE] as PeerNumber;
    this.#queue.arrive({ type: 'undeliverable', packet, from, code });
  }

  /** What is behind the data header of an opened session frame. */
  content(index: DescriptorIndex, session: SessionNumber, contentType: number): void {
    const content = this.#copy(index, FRAME_OVERHEAD + 4);
    // Read now: later packets of the vector may have come by other ways, and an answer has to go back by this one.
    const label = lastInLabel(this.#sessions, session);
    this.#queue.arrive({ type: 'content', session, contentType, content, label });
  }

  /** A packet from the TUN as it came. */
  unready(index: DescriptorIndex): void {
    this.#queue.arrive({ type: 'unready', packet: this.#copy(index, 0) });
  }

  /** A packet from the TUN that will not be carried. */
  refused(index: DescriptorIndex): void {
    this.#queue.arrive({ type: 'refused', packet: this.#copy(index, 0) });
  }

  /** A packet from the TUN that is too long for its path. */
  tooBig(index: DescriptorIndex, session: SessionNumber): void {
    this.#queue.arrive({ type: 'tooBig', packet: this.#copy(index, 0), session });
  }

  heard(peer: PeerNumber): void {
    this.#queue.arrive({ type: 'heard', peer });
  }

  traffic(peer: PeerNumber): void {
    this.#queue.arrive({ type: 'traffic', peer });
  }

  ownTraffic(): void {
    this.#queue.arrive({ type: 'ownTraffic' });
  }

  #copy(index: DescriptorIndex, skipBytes: number): Uint8Array {
    const { arena } = this.#engine;
    const offset = arena.descriptors[index * STRIDE + OFFSET] as number;
    return arena.bytes.slice(offset + skipBytes, offset + (arena.descriptors[index * STRIDE + LENGTH] as number));
  }
}

/** What the fast path does not handle: copied out of the arena, and handed to the slow path when the vector is through. */

import { descriptor, type Engine } from '../packet/index.ts';
import { lastInLabel, type SessionTable } from '../session/index.ts';
import type { SwitchErrorCode } from '../switch/index.ts';
import type { HostPort } from '../underlay/index.ts';
import type { Label } from '../wire/index.ts';

const { STRIDE, OFFSET, LENGTH, ENDPOINT, SOCKET, SPARE, FRAME_OVERHEAD } = descriptor;

/** Receives copies of what the fast path does not handle; called after the vector is done, in order of arrival. */
export type SlowPath = {
  /** A datagram of no established link, or one that its key did not open. @param arrival SOCKET of its descriptor */
  readonly datagram: (bytes: Uint8Array, endpointSlot: number, arrival: number, sender: HostPort) => void;
  /** A packet for this node, switch header already rewritten, that no established session takes. */
  readonly local: (packet: Uint8Array, from: number) => void;
  /** Content of an established session that is not for the TUN. @param label label field as it arrived */
  readonly content: (session: number, contentType: number, content: Uint8Array, label: Label) => void;
  /** A packet that the switch cannot pass on. */
  readonly undeliverable: (packet: Uint8Array, from: number, code: SwitchErrorCode) => void;
  /** An IPv6 packet of this machine whose session is not ready. */
  readonly unready: (packet: Uint8Array) => void;
  /** An IPv6 packet of this machine that is longer than its path carries. */
  readonly tooBig: (packet: Uint8Array) => void;
  /** A packet of the TUN that is not for the mesh, or not from this node. */
  readonly refused: (packet: Uint8Array) => void;
  /** A peer whose interface was not up was heard. */
  readonly heard: (peer: number) => void;
  /** Data was sent to a peer; called at most a few times a second for each. */
  readonly traffic: (peer: number) => void;
  /** User data of this machine was sent; called at most a few times a second. */
  readonly ownTraffic: () => void;
};

/** Stands for a sender whose endpoint slot is known. */
const NOBODY: HostPort = { host: '', port: 0 };

/** Work for the slow path of one node. In all calls `index` is that of a descriptor, which is free again afterwards. */
export class Punts {
  readonly #engine: Engine;
  readonly #sessions: SessionTable;
  readonly #slow: SlowPath;
  readonly #later: (() => void)[] = [];

  constructor(engine: Engine, sessions: SessionTable, slow: SlowPath) {
    this.#engine = engine;
    this.#sessions = sessions;
    this.#slow = slow;
  }

  /** A datagram as it came. */
  datagram(index: number): void {
    const { arena, sender } = this.#engine;
    const at = index * STRIDE;
    const slot = arena.descriptors[at + ENDPOINT] as number;
    const arrival = arena.descriptors[at + SOCKET] as number;
    const bytes = this.#copy(index, 0);
    const from = slot < 0 ? sender(index) : NOBODY;
    this.#later.push(() => this.#slow.datagram(bytes, slot, arrival, from));
  }

  /** The packet in an opened link frame, for this node. */
  local(index: number): void {
    const packet = this.#copy(index, FRAME_OVERHEAD);
    const from = this.#engine.arena.descriptors[index * STRIDE + SPARE] as number;
    this.#later.push(() => this.#slow.local(packet, from));
  }

  /** The packet in an opened link frame, which the switch refused. */
  undeliverable(index: number, code: SwitchErrorCode): void {
    const packet = this.#copy(index, FRAME_OVERHEAD);
    const from = this.#engine.arena.descriptors[index * STRIDE + SPARE] as number;
    this.#later.push(() => this.#slow.undeliverable(packet, from, code));
  }

  /** What is behind the data header of an opened session frame. */
  content(index: number, session: number, contentType: number): void {
    const content = this.#copy(index, FRAME_OVERHEAD + 4);
    // Read now: later packets of the vector may have come by other ways, and an answer has to go back by this one.
    const label = lastInLabel(this.#sessions, session);
    this.#later.push(() => this.#slow.content(session, contentType, content, label));
  }

  /** A packet from the TUN as it came. */
  unready(index: number): void {
    const packet = this.#copy(index, 0);
    this.#later.push(() => this.#slow.unready(packet));
  }

  /** A packet from the TUN that will not be carried. */
  refused(index: number): void {
    const packet = this.#copy(index, 0);
    this.#later.push(() => this.#slow.refused(packet));
  }

  /** A packet from the TUN that is too long for its path. */
  tooBig(index: number): void {
    const packet = this.#copy(index, 0);
    this.#later.push(() => this.#slow.tooBig(packet));
  }

  heard(peer: number): void {
    this.#later.push(() => this.#slow.heard(peer));
  }

  traffic(peer: number): void {
    this.#later.push(() => this.#slow.traffic(peer));
  }

  ownTraffic(): void {
    this.#later.push(() => this.#slow.ownTraffic());
  }

  /** Hands everything over, in order of arrival. */
  run(): void {
    if (this.#later.length === 0) return;
    for (const work of this.#later.splice(0)) work();
  }

  #copy(index: number, skipBytes: number): Uint8Array {
    const { arena } = this.#engine;
    const offset = arena.descriptors[index * STRIDE + OFFSET] as number;
    return arena.bytes.slice(offset + skipBytes, offset + (arena.descriptors[index * STRIDE + LENGTH] as number));
  }
}

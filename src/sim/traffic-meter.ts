/**
 * Who sends what: bytes of datagrams by kind, own and relayed apart. Works because simulated frames stay readable.
 *
 * Own: sent by the node that made the packet plus received by the one it is for. Relayed: passed on, counted once per
 * relay. A packet is at its origin while the return path in its label is only the origin's own director (mirrored, a
 * top nibble 1000), and at its end when the label left is 0001 (protocol 05 §4.4). Bytes are whole datagrams (UDP payload).
 */
import { control } from '../wire/index.ts';

/** Kinds of traffic. `linkPing`: CTRL PING and PONG between neighbours. `handshake`: between neighbours. */
export const KINDS = ['linkPing', 'handshake', 'control', 'router', 'user'] as const;
export type Kind = (typeof KINDS)[number];

const LINK_PING = 0;
const HANDSHAKE = 1;
const CONTROL = 2;
const ROUTER = 3;
const USER = 4;

/** Offsets within a datagram: link frame overhead or handshake header, then the switch packet. */
const AFTER_FRAME = 20;
const AFTER_HANDSHAKE = 120;
/** Offsets within a switch packet. */
const WORD = 12;
const CONTROL_TYPE = 18;
const HANDSHAKE_CONTENT = 12 + 120 + 4 + 2;
const DATA_CONTENT = 12 + 4 + 20 + 2;
/** Content types from here on are router messages and the like; below are user packets (protocol 07 §2). */
const FIRST_ROUTER_TYPE = 256;
/** Session word of CTRL frames (protocol 07 §1). */
const CONTROL_MARK = 0xffff_ffff;

/** Totals since the last `reset`. */
export class TrafficMeter {
  readonly #own: Float64Array;
  readonly #relayed: Float64Array;
  readonly #size: number;
  /** Datagrams by kind. */
  readonly packets = new Float64Array(KINDS.length);

  constructor(size: number) {
    this.#size = size;
    this.#own = new Float64Array(size * KINDS.length);
    this.#relayed = new Float64Array(size * KINDS.length);
  }

  /** Counts a datagram; the shape of `Underlay.observer`. */
  observe(from: number, to: number, bytes: Uint8Array, offset: number, length: number): void {
    const handshake = readWord(bytes, offset) < 4;
    const at = offset + (handshake ? AFTER_HANDSHAKE : AFTER_FRAME);
    if (at + WORD + 4 > offset + length) {
      this.#add(from, to, HANDSHAKE, length, true, true);
      return;
    }
    const atOrigin = ((bytes[at] as number) & 0xf0) === 0x80;
    const atEnd = ((bytes[at + 7] as number) & 0x0f) === 1;
    const kind = handshake ? HANDSHAKE : kindOf(bytes, at, offset + length, atOrigin && atEnd);
    this.#add(from, to, kind, length, atOrigin, atEnd);
  }

  #add(from: number, to: number, kind: number, length: number, atOrigin: boolean, atEnd: boolean): void {
    this.packets[kind] = (this.packets[kind] as number) + 1;
    const fromAt = from * KINDS.length + kind;
    const toAt = to * KINDS.length + kind;
    if (atOrigin) this.#own[fromAt] = (this.#own[fromAt] as number) + length;
    else this.#relayed[fromAt] = (this.#relayed[fromAt] as number) + length;
    if (atEnd) this.#own[toAt] = (this.#own[toAt] as number) + length;
  }

  /** Bytes of one kind, summed over all nodes. */
  total(kind: Kind): { readonly own: number; readonly relayed: number } {
    const column = KINDS.indexOf(kind);
    let own = 0;
    let relayed = 0;
    for (let node = 0; node < this.#size; node++) {
      own += this.#own[node * KINDS.length + column] as number;
      relayed += this.#relayed[node * KINDS.length + column] as number;
    }
    return { own, relayed };
  }

  /** The most bytes of one kind (own and relayed) at a single node. */
  peak(kind: Kind): number {
    const column = KINDS.indexOf(kind);
    let most = 0;
    for (let at = column; at < this.#own.length; at += KINDS.length) {
      most = Math.max(most, (this.#own[at] as number) + (this.#relayed[at] as number));
    }
    return most;
  }

  reset(): void {
    this.#own.fill(0);
    this.#relayed.fill(0);
    this.packets.fill(0);
  }
}

function kindOf(bytes: Uint8Array, at: number, end: number, oneHop: boolean): number {
  const word = readWord(bytes, at + WORD);
  if (word === CONTROL_MARK) {
    const type = ((bytes[at + CONTROL_TYPE] as number) << 8) | (bytes[at + CONTROL_TYPE + 1] as number);
    return oneHop && (type === control.TYPE.ping || type === control.TYPE.pong) ? LINK_PING : CONTROL;
  }
  const content = at + (word < 4 ? HANDSHAKE_CONTENT : DATA_CONTENT);
  if (content + 2 > end) return CONTROL;
  const type = ((bytes[content] as number) << 8) | (bytes[content + 1] as number);
  return type < FIRST_ROUTER_TYPE ? USER : ROUTER;
}

function readWord(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number)) >>>
    0
  );
}

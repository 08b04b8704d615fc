/**
 * The hot fields of all sessions, one typed array per field, indexed by session number; and two hash tables over them,
 * by destination address and by receive handle. No object and no string per packet. Design: "The packet path".
 */
import type { Label } from '../wire/index.ts';

/** Hot fields; arrays are replaced when the table grows, so read them from the table each time. */
export type SessionTable = {
  /** Row of the data table to seal with; -1 = user data has to wait. */
  sendRow: Int32Array;
  /** Row to open with; -1 = not established. */
  openRow: Int32Array;
  /** 1 = a newer handshake is under way: what does not open may belong to it. */
  pending: Uint8Array;
  /** First hop: switch interface number; -1 = no label. */
  firstHop: Int32Array;
  /** Switch header as it leaves our own switch: label in two halves, and bits already shifted. */
  labelHigh: Int32Array;
  labelLow: Int32Array;
  shift: Uint8Array;
  /** Handle the other side gave us. */
  sendHandle: Int32Array;
  /** Label field of the last good packet as it arrived, in two halves: mirrored, it is a way back. */
  inLabelHigh: Int32Array;
  inLabelLow: Int32Array;
  /** Address of the other side, four words a session. */
  address: Int32Array;
  /** Bytes of plaintext. */
  rxBytes: Float64Array;
  txBytes: Float64Array;
  /** Longest user packet sent since this was last looked at, bytes of plaintext with the data header. */
  longestOut: Int32Array;
  /** Until when the longest user packets would be lost on the path, ms. */
  holeUntilMs: Float64Array;
  /** First user packet sent since the last good packet arrived, ms; Infinity = nothing unanswered. */
  unansweredSinceMs: Float64Array;
  /** Last user packet, sent or received, ms. */
  usedMs: Float64Array;
  /** Receive handle; 0 = number not in use. */
  handle: Int32Array;
  capacity: number;
  byAddress: Int32Array;
  byHandle: Int32Array;
  mask: number;
};

const FIRST_CAPACITY = 8;

/** An empty table. */
export function createSessionTable(): SessionTable {
  const capacity = FIRST_CAPACITY;
  return {
    sendRow: new Int32Array(capacity).fill(-1),
    openRow: new Int32Array(capacity).fill(-1),
    pending: new Uint8Array(capacity),
    firstHop: new Int32Array(capacity).fill(-1),
    labelHigh: new Int32Array(capacity),
    labelLow: new Int32Array(capacity),
    shift: new Uint8Array(capacity),
    sendHandle: new Int32Array(capacity),
    inLabelHigh: new Int32Array(capacity),
    inLabelLow: new Int32Array(capacity),
    address: new Int32Array(capacity * 4),
    rxBytes: new Float64Array(capacity),
    txBytes: new Float64Array(capacity),
    longestOut: new Int32Array(capacity),
    holeUntilMs: new Float64Array(capacity),
    unansweredSinceMs: new Float64Array(capacity).fill(Number.POSITIVE_INFINITY),
    usedMs: new Float64Array(capacity).fill(Number.NEGATIVE_INFINITY),
    handle: new Int32Array(capacity),
    capacity,
    byAddress: new Int32Array(capacity * 4).fill(-1),
    byHandle: new Int32Array(capacity * 4).fill(-1),
    mask: capacity * 4 - 1,
  };
}

/** Doubles the table. */
export function growSessionTable(table: SessionTable): void {
  const capacity = table.capacity * 2;
  const more = (from: Int32Array, filler: number, per = 1): Int32Array => {
    const to = new Int32Array(capacity * per).fill(filler);
    to.set(from);
    return to;
  };
  const moreFloats = (from: Float64Array, filler: number): Float64Array => {
    const to = new Float64Array(capacity).fill(filler);
    to.set(from);
    return to;
  };
  const moreBytes = (from: Uint8Array): Uint8Array => {
    const to = new Uint8Array(capacity);
    to.set(from);
    return to;
  };
  table.sendRow = more(table.sendRow, -1);
  table.openRow = more(table.openRow, -1);
  table.firstHop = more(table.firstHop, -1);
  table.labelHigh = more(table.labelHigh, 0);
  table.labelLow = more(table.labelLow, 0);
  table.shift = moreBytes(table.shift);
  table.pending = moreBytes(table.pending);
  table.sendHandle = more(table.sendHandle, 0);
  table.inLabelHigh = more(table.inLabelHigh, 0);
  table.inLabelLow = more(table.inLabelLow, 0);
  table.address = more(table.address, 0, 4);
  table.rxBytes = moreFloats(table.rxBytes, 0);
  table.txBytes = moreFloats(table.txBytes, 0);
  table.longestOut = more(table.longestOut, 0);
  table.holeUntilMs = moreFloats(table.holeUntilMs, 0);
  table.unansweredSinceMs = moreFloats(table.unansweredSinceMs, Number.POSITIVE_INFINITY);
  table.usedMs = moreFloats(table.usedMs, Number.NEGATIVE_INFINITY);
  table.handle = more(table.handle, 0);
  table.capacity = capacity;
  table.mask = capacity * 4 - 1;
  rebuild(table);
}

/** Session number for a destination given as four big-endian words; -1 = none. */
export function lookupAddress(table: SessionTable, a: number, b: number, c: number, d: number): number {
  let at = addressHash(a, b, c, d) & table.mask;
  for (;;) {
    const number = table.byAddress[at] as number;
    if (number < 0) return -1;
    const word = number * 4;
    if (
      table.address[word + 3] === d &&
      table.address[word + 2] === c &&
      table.address[word + 1] === b &&
      table.address[word] === a
    ) {
      return number;
    }
    at = (at + 1) & table.mask;
  }
}

/** Session number for a receive handle (as a signed word); -1 = none. */
export function lookupHandle(table: SessionTable, handle: number): number {
  let at = Math.imul(handle, 0x9e37_79b1) & table.mask;
  for (;;) {
    const number = table.byHandle[at] as number;
    if (number < 0) return -1;
    if (table.handle[number] === handle) return number;
    at = (at + 1) & table.mask;
  }
}

/** Enters session `number`, whose address and handle are set. */
export function enter(table: SessionTable, number: number): void {
  const word = number * 4;
  const words = table.address;
  let at =
    addressHash(
      words[word] as number,
      words[word + 1] as number,
      words[word + 2] as number,
      words[word + 3] as number,
    ) & table.mask;
  while ((table.byAddress[at] as number) >= 0) at = (at + 1) & table.mask;
  table.byAddress[at] = number;
  at = Math.imul(table.handle[number] as number, 0x9e37_79b1) & table.mask;
  while ((table.byHandle[at] as number) >= 0) at = (at + 1) & table.mask;
  table.byHandle[at] = number;
}

/** The label field of the last good packet, 0n before the first; mirrored it leads back. */
export function lastInLabel(table: SessionTable, number: number): Label {
  const high = BigInt((table.inLabelHigh[number] ?? 0) >>> 0);
  const low = BigInt((table.inLabelLow[number] ?? 0) >>> 0);
  return (high << 32n) | low;
}

/** Clears session `number` and rebuilds the hash tables; removals are rare, so no tombstones are needed. */
export function leave(table: SessionTable, number: number): void {
  table.handle[number] = 0;
  table.sendRow[number] = -1;
  table.openRow[number] = -1;
  table.firstHop[number] = -1;
  table.pending[number] = 0;
  table.rxBytes[number] = 0;
  table.txBytes[number] = 0;
  table.longestOut[number] = 0;
  table.holeUntilMs[number] = 0;
  table.unansweredSinceMs[number] = Number.POSITIVE_INFINITY;
  table.usedMs[number] = Number.NEGATIVE_INFINITY;
  table.inLabelHigh[number] = 0;
  table.inLabelLow[number] = 0;
  rebuild(table);
}

function rebuild(table: SessionTable): void {
  table.byAddress = new Int32Array(table.mask + 1).fill(-1);
  table.byHandle = new Int32Array(table.mask + 1).fill(-1);
  for (let number = 0; number < table.capacity; number++) if (table.handle[number] !== 0) enter(table, number);
}

/** Addresses are hashes already, but a stranger chooses the destination: mix all words. */
function addressHash(a: number, b: number, c: number, d: number): number {
  const mixed = a ^ Math.imul(b, 0x9e37_79b1) ^ Math.imul(c, 0x85eb_ca6b) ^ Math.imul(d, 0xc2b2_ae35);
  return Math.imul(mixed ^ (mixed >>> 15), 0x2c1b_3c6d) >>> 8;
}

/**
 * The hot fields of all sessions, one typed array per field, indexed by session number; and two hash tables over them,
 * by destination address and by receive handle. No object and no string per packet. Design: "The packet path".
 */
import {
  type Columns,
  clearRow,
  createColumns,
  type Flavor,
  growColumns,
  type Rng,
  randomBelow,
  readU32,
} from '../base/index.ts';
import type { Ip6 } from '../crypto/index.ts';
import { type Label, sessionWord } from '../wire/index.ts';

/** What a session has in the table; arrays are replaced when it grows, so read them from the table each time. */
const COLUMNS = {
  /** Row of the data table to seal with; -1 = user data has to wait. */
  sendRow: [Int32Array, -1],
  /** Row to open with; -1 = not established. */
  openRow: [Int32Array, -1],
  /** 1 = a newer handshake is under way: what does not open may belong to it. */
  pending: [Uint8Array, 0],
  /** First hop: switch interface number; -1 = no label. */
  firstHop: [Int32Array, -1],
  /** Switch header as it leaves our own switch: label in two halves, and bits already shifted. */
  labelHigh: [Int32Array, 0],
  labelLow: [Int32Array, 0],
  shift: [Uint8Array, 0],
  /** Handle the other side gave us. */
  sendHandle: [Int32Array, 0],
  /** Label field of the last good packet as it arrived, in two halves: mirrored, it is a way back. */
  inLabelHigh: [Int32Array, 0],
  inLabelLow: [Int32Array, 0],
  /** Address of the other side, four words a session. */
  address: [Int32Array, 0, 4],
  /** Bytes of plaintext. */
  rxBytes: [Float64Array, 0],
  txBytes: [Float64Array, 0],
  /** Longest user packet sent since this was last looked at, bytes of plaintext with the data header. */
  longestOut: [Int32Array, 0],
  /** Until when the longest user packets would be lost on the path, ms. */
  holeUntilMs: [Float64Array, 0],
  /** The shortest IPv6 packet of which that is known, bytes. */
  holeBytes: [Int32Array, 0],
  /** First user packet sent since the last good packet arrived, ms; Infinity = nothing unanswered. */
  unansweredSinceMs: [Float64Array, Number.POSITIVE_INFINITY],
  /** Last user packet, sent or received, ms. */
  usedMs: [Float64Array, Number.NEGATIVE_INFINITY],
  /** Receive handle; 0 = number not in use. */
  handle: [Int32Array, 0],
} as const;

/** Which row of this table. */
export type SessionNumber = Flavor<number, 'session'>;

/** The hot fields, and the two hash tables over them. */
export type SessionTable = Columns<typeof COLUMNS> & {
  capacity: number;
  byAddress: Int32Array;
  byHandle: Int32Array;
  mask: number;
};

const { MIN_HANDLE, MAX_HANDLE } = sessionWord;
const FIRST_CAPACITY = 8;
/** Places in a hash table for each session: lookups end after a step or two. */
const PLACES = 4;

/** An empty table. */
export function createSessionTable(): SessionTable {
  const places = FIRST_CAPACITY * PLACES;
  const table = createColumns(COLUMNS, FIRST_CAPACITY) as SessionTable;
  table.capacity = FIRST_CAPACITY;
  table.byAddress = new Int32Array(places).fill(-1);
  table.byHandle = new Int32Array(places).fill(-1);
  table.mask = places - 1;
  return table;
}

/** Doubles the table. */
export function growSessionTable(table: SessionTable): void {
  table.capacity *= 2;
  table.mask = table.capacity * PLACES - 1;
  growColumns(COLUMNS, table, table.capacity);
  rebuild(table);
}

/** Session number for a destination given as four big-endian words; -1 = none. */
export function lookupAddress(table: SessionTable, a: number, b: number, c: number, d: number): SessionNumber {
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
export function lookupHandle(table: SessionTable, handle: number): SessionNumber {
  let at = Math.imul(handle, 0x9e37_79b1) & table.mask;
  for (;;) {
    const number = table.byHandle[at] as number;
    if (number < 0) return -1;
    if (table.handle[number] === handle) return number;
    at = (at + 1) & table.mask;
  }
}

/** Enters session `number`, whose address and handle are set. */
export function enter(table: SessionTable, number: SessionNumber): void {
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

/** Enters one session more for an address that has none, under the least free number and a new receive handle. */
export function claim(table: SessionTable, rng: Rng, address: Ip6): SessionNumber {
  let number = table.handle.indexOf(0);
  if (number < 0) {
    number = table.capacity;
    growSessionTable(table);
  }
  for (let i = 0; i < 4; i++) table.address[number * 4 + i] = readU32(address, i * 4) | 0;
  table.handle[number] = freshHandle(table, rng);
  enter(table, number);
  return number;
}

/** Random, so that nobody can inject blindly (protocol 07 §1.2); never a nonce field or the CTRL mark. */
function freshHandle(table: SessionTable, rng: Rng): number {
  for (;;) {
    const handle = (MIN_HANDLE + randomBelow(rng, MAX_HANDLE + 1 - MIN_HANDLE)) | 0;
    if (lookupHandle(table, handle) < 0) return handle;
  }
}

/** The label field of the last good packet, 0n before the first; mirrored it leads back. */
export function lastInLabel(table: SessionTable, number: SessionNumber): Label {
  const high = BigInt((table.inLabelHigh[number] ?? 0) >>> 0);
  const low = BigInt((table.inLabelLow[number] ?? 0) >>> 0);
  return (high << 32n) | low;
}

/** Clears session `number` and rebuilds the hash tables; removals are rare, so no tombstones are needed. */
export function leave(table: SessionTable, number: SessionNumber): void {
  clearRow(COLUMNS, table, number);
  rebuild(table);
}

function rebuild(table: SessionTable): void {
  table.byAddress = new Int32Array(table.mask + 1).fill(-1);
  table.byHandle = new Int32Array(table.mask + 1).fill(-1);
  for (let number = 0; number < table.capacity; number++) if (table.handle[number] !== 0) enter(table, number);
}

/** Addresses are hashes already, but a stranger chooses the destination: mix all words. */
function addressHash(a: number, b: number, c: number, d: number): SessionNumber {
  const mixed = a ^ Math.imul(b, 0x9e37_79b1) ^ Math.imul(c, 0x85eb_ca6b) ^ Math.imul(d, 0xc2b2_ae35);
  return Math.imul(mixed ^ (mixed >>> 15), 0x2c1b_3c6d) >>> 8;
}

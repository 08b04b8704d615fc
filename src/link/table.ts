/**
 * The hot fields of all peers, one typed array per field, indexed by switch interface number (protocol 05 §2), so that
 * the data path needs no object. `links.ts` keeps them true. Design: ARCHITECTURE.md, "How a packet travels".
 */

import { type Columns, clearRow, createColumns } from '../base/index.ts';
import type { PeerNumber } from '../switch/index.ts';

/** Interface numbers run from 0 to 256; 1 is the node itself. */
export const INTERFACES = 257;

const COLUMNS = {
  /** Endpoint slot of the engine; -1 = no such peer. */
  endpoint: [Int32Array, -1],
  /** Row of the data table to seal with; -1 = not ready, use the slow path. */
  sendRow: [Int32Array, -1],
  /** Row to open with; -1 = not established. */
  openRow: [Int32Array, -1],
  /** 1 = a newer handshake is under way beside the established session: what does not open may belong to it. */
  pending: [Uint8Array, 0],
  /** Bytes of switch packets. */
  rxBytes: [Float64Array, 0],
  txBytes: [Float64Array, 0],
  /** Data frames sent that may be too long for a path (LONG_FRAME_BYTES). */
  longFrames: [Float64Array, 0],
  /** Longer frames are lost, bytes; 0 = no such limit is known. */
  longestFrame: [Int32Array, 0],
  /** Last data (not ping) sent, ms; for the liveness of the link. */
  lastDataOutMs: [Float64Array, Number.NEGATIVE_INFINITY],
  /** Which of our addresses frames leave from, as the SOCKET of a descriptor has it; 0 = the kernel chooses. */
  ownAddress: [Int32Array, 0],
  /** What of the SOCKET of a peer's packets is kept there: OWN_ADDRESS, or 0 for whom we dial (see `Places.answerFrom`). */
  keepsAddress: [Int32Array, 0],
  /** 1 = a path of ours leads over the link: kept by `node/`. */
  carries: [Uint8Array, 0],
} as const;

/** Hot fields of the links. */
export type LinkTable = Readonly<Columns<typeof COLUMNS>> & {
  /** Interface number by endpoint slot; -1 = no peer. Replaced when it grows. */
  byEndpoint: Int32Array;
};

const FIRST_ENDPOINTS = 16;

/** A table without peers. */
export function createLinkTable(): LinkTable {
  const table = createColumns(COLUMNS, INTERFACES) as LinkTable;
  table.byEndpoint = new Int32Array(FIRST_ENDPOINTS).fill(-1);
  return table;
}

/** Forgets all that the table has of an interface number. */
export function clearLink(table: LinkTable, interfaceNumber: PeerNumber): void {
  clearRow(COLUMNS, table, interfaceNumber);
}

/** Binds an endpoint slot to an interface number, -1 to unbind it. */
export function bindEndpoint(table: LinkTable, slot: number, interfaceNumber: PeerNumber): void {
  if (slot >= table.byEndpoint.length) {
    const larger = new Int32Array(Math.max(slot + 1, table.byEndpoint.length * 2)).fill(-1);
    larger.set(table.byEndpoint);
    table.byEndpoint = larger;
  }
  table.byEndpoint[slot] = interfaceNumber;
}

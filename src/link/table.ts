/**
 * The hot fields of all peers, one typed array per field, indexed by switch interface number (protocol 05 §2), so that
 * the data path needs no object. `links.ts` keeps them true. Design: ARCHITECTURE.md, "How a packet travels".
 */

/** Interface numbers run from 0 to 256; 1 is the node itself. */
export const INTERFACES = 257;

/** Hot fields of the links. */
export type LinkTable = {
  /** Endpoint slot of the engine; -1 = no such peer. */
  readonly endpoint: Int32Array;
  /** Row of the data table to seal with; -1 = not ready, use the slow path. */
  readonly sendRow: Int32Array;
  /** Row to open with; -1 = not established. */
  readonly openRow: Int32Array;
  /** 1 = a newer handshake is under way beside the established session: what does not open may belong to it. */
  readonly pending: Uint8Array;
  /** Bytes of switch packets. */
  readonly rxBytes: Float64Array;
  readonly txBytes: Float64Array;
  /** Last data (not ping) sent, ms; for the liveness of the link. */
  readonly lastDataOutMs: Float64Array;
  /** Which of our addresses frames leave from, as the SOCKET of a descriptor has it; 0 = the kernel chooses. */
  readonly ownAddress: Int32Array;
  /** What of the SOCKET of a peer's packets is kept there: OWN_ADDRESS, or 0 for whom we dial (see `Places.answerFrom`). */
  readonly keepsAddress: Int32Array;
  /** 1 = a path of ours leads over the link: kept by `node/`. */
  readonly carries: Uint8Array;
  /** Interface number by endpoint slot; -1 = no peer. Replaced when it grows. */
  byEndpoint: Int32Array;
};

/** A table without peers. */
export function createLinkTable(): LinkTable {
  return {
    endpoint: new Int32Array(INTERFACES).fill(-1),
    sendRow: new Int32Array(INTERFACES).fill(-1),
    openRow: new Int32Array(INTERFACES).fill(-1),
    pending: new Uint8Array(INTERFACES),
    rxBytes: new Float64Array(INTERFACES),
    txBytes: new Float64Array(INTERFACES),
    lastDataOutMs: new Float64Array(INTERFACES).fill(Number.NEGATIVE_INFINITY),
    ownAddress: new Int32Array(INTERFACES),
    keepsAddress: new Int32Array(INTERFACES),
    carries: new Uint8Array(INTERFACES),
    byEndpoint: new Int32Array(16).fill(-1),
  };
}

/** Binds an endpoint slot to an interface number, -1 to unbind it. */
export function bindEndpoint(table: LinkTable, slot: number, interfaceNumber: number): void {
  if (slot >= table.byEndpoint.length) {
    const larger = new Int32Array(Math.max(slot + 1, table.byEndpoint.length * 2)).fill(-1);
    larger.set(table.byEndpoint);
    table.byEndpoint = larger;
  }
  table.byEndpoint[slot] = interfaceNumber;
}

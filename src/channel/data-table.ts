/**
 * The one home of the hot state of sessions with data keys, for links and end-to-end sessions alike: send counter, replay
 * window, time of the last packet, and the key slots of the engine. One row is one session of protocol 02.
 *
 * The typed arrays are replaced when the table grows: read them from the table each time, never keep them.
 * Window: a ring of bits over the newest 2016 counters; any window that accepts all that the stock one accepts will do
 * (protocol 02 §9), and a larger one bears more reordering.
 */

import { type Columns, clearRow, createColumns, type Flavor, growColumns } from '../base/index.ts';
import { FIRST_ROWS, WINDOW_PLACES, WINDOW_WORDS } from './limits.ts';
import { acceptStock, createStockWindow, type StockWindow } from './replay-stock.ts';
import { COUNTER_LIMIT, FIRST_COUNTER, NONCE_OFFSET } from './spec.ts';

/** Which row of the table. */
export type Row = Flavor<number, 'row'>;

/** Where data keys go: the part of the engine that the table needs. */
export type KeySlots = {
  readonly setKey: (slot: number, key: Uint8Array, nonceOffset: 0 | 4) => void;
  readonly clearKey: (slot: number) => void;
};

/** What a row has seen since its first data packet. `lost` are gaps up to the newest counter; late packets fill them. */
export type RowStats = {
  readonly received: number;
  readonly lost: number;
  readonly duplicates: number;
  readonly outOfRange: number;
};

/** Which window the rows have: `wide` for us, `stock` for simulated stock nodes and tests. */
export type WindowKind = 'wide' | 'stock';

/** What a row holds. */
const COLUMNS = {
  sendCounter: [Uint32Array, COUNTER_LIMIT],
  lastInMs: [Float64Array, 0],
  established: [Uint8Array, 0],
  received: [Float64Array, 0],
  newest: [Uint32Array, 0],
  oldest: [Uint32Array, 0],
  windowBits: [Uint32Array, 0, WINDOW_WORDS],
  duplicates: [Float64Array, 0],
  outOfRange: [Float64Array, 0],
} as const;

/** The key slot that seals for `row`. */
export function sealSlot(row: Row): number {
  return 2 * row;
}

/** The key slot that opens for `row`. */
export function openSlot(row: Row): number {
  return 2 * row + 1;
}

/**
 * An empty table.
 * @param keys told of each key as rows come and go
 * @param maxRows two for each link and each session that may exist: an association has two rows while it changes keys
 */
export function createDataTable(keys: KeySlots, maxRows: number, window: WindowKind = 'wide'): DataTable {
  return new DataTable(keys, maxRows, window);
}

/** See the head of the file. Rows come from `install` and go back with `free`; fields of other rows are meaningless. */
export class DataTable {
  // Those that the packet path reads are fields, not getters: until V8 compiles them, a getter costs a call.
  /** Next counter to send. Fast path: `sendCounter[row]++`; see `isExhausted`. */
  sendCounter: Uint32Array;
  /** Time of the last good data packet, monotonic milliseconds; set by whoever called `accept`. */
  lastInMs: Float64Array;
  /** 1 = data packets were received, and take the fast way. */
  established: Uint8Array;
  /** Data packets accepted. */
  received: Float64Array;
  readonly maxRows: number;
  readonly #columns: Columns<typeof COLUMNS>;
  readonly #keys: KeySlots;
  readonly #stock: StockWindow[] | null;
  /** Given back, oldest first: a row number is reused as late as possible. */
  readonly #free: number[] = [];
  #fresh = 0;

  constructor(keys: KeySlots, maxRows: number, window: WindowKind) {
    const rows = Math.min(FIRST_ROWS, maxRows);
    this.#keys = keys;
    this.maxRows = maxRows;
    this.#stock = window === 'stock' ? [] : null;
    const columns = createColumns(COLUMNS, rows);
    this.#columns = columns;
    this.sendCounter = columns.sendCounter;
    this.lastInMs = columns.lastInMs;
    this.established = columns.established;
    this.received = columns.received;
  }

  /** Rows in use, a gauge. */
  get rowsUsed(): number {
    return this.#fresh - this.#free.length;
  }

  /** Is there no room for another row? */
  get full(): boolean {
    return this.rowsUsed >= this.maxRows;
  }

  /** Is no counter left to send with? Then only a new handshake helps (protocol 02 §5 step 2): `Association.seal`. */
  isExhausted(row: Row): boolean {
    return (this.sendCounter[row] as number) >= COUNTER_LIMIT;
  }

  /**
   * Takes a row for a session whose data key is known; not established yet.
   * @param key 32 bytes, handed on to the engine and not kept
   * @param initiator did we send the hello? Decides where the counters lie in the box nonces (protocol 02 §2.2)
   * @returns the row, or -1 if the table is full
   */
  install(key: Uint8Array, initiator: boolean, nextCounter: number, nowMs: number): Row {
    if (this.full) return -1;
    const row = this.#free.shift() ?? this.#fresh++;
    if (row >= this.sendCounter.length) this.#grow();
    const [ours, theirs] = initiator
      ? [NONCE_OFFSET.initiator, NONCE_OFFSET.responder]
      : [NONCE_OFFSET.responder, NONCE_OFFSET.initiator];
    this.#keys.setKey(sealSlot(row), key, ours);
    this.#keys.setKey(openSlot(row), key, theirs);
    this.sendCounter[row] = nextCounter;
    this.lastInMs[row] = nowMs;
    return row;
  }

  /** The first data packet arrived: from now on the row takes the fast way. That packet counts as received. */
  establish(row: Row, counter: number, nowMs: number): void {
    this.established[row] = 1;
    this.lastInMs[row] = nowMs;
    this.received[row] = 1;
    this.#columns.newest[row] = counter;
    this.#columns.oldest[row] = counter;
    this.#clearWindow(row);
    this.#mark(row, counter);
    if (this.#stock !== null) this.#stock[row] = createStockWindow(counter + 1);
  }

  /** Wipes the keys and gives the row back. */
  free(row: Row): void {
    this.#keys.clearKey(sealSlot(row));
    this.#keys.clearKey(openSlot(row));
    clearRow(COLUMNS, this.#columns, row);
    if (this.#stock !== null) this.#stock[row] = createStockWindow();
    this.#free.push(row);
  }

  /**
   * Replay check of a data packet whose tag was found good; marks its counter as seen. Never allocates.
   * @param counter unsigned: from a descriptor take `>>> 0`
   * @returns false for a repetition, a packet that is too late, or a row that is not established: drop the packet
   */
  accept(row: Row, counter: number): boolean {
    if (this.established[row] !== 1) return false;
    const good = this.#stock === null ? this.#acceptWide(row, counter) : this.#acceptStock(row, counter);
    if (good) this.received[row] = (this.received[row] as number) + 1;
    return good;
  }

  /** The newest counter accepted; 0 before the first. Not kept under `stock`. */
  newest(row: Row): number {
    return this.#columns.newest[row] ?? 0;
  }

  /** What the row has seen. Under `stock` the numbers of the stock window (protocol 04 §10). */
  stats(row: Row): RowStats {
    const received = this.received[row] ?? 0;
    const stock = this.#stock?.[row];
    if (stock !== undefined) {
      return { received, lost: stock.lost, duplicates: stock.duplicates, outOfRange: stock.outOfRange };
    }
    const span = received === 0 ? 0 : (this.#columns.newest[row] ?? 0) - (this.#columns.oldest[row] ?? 0) + 1;
    return {
      received,
      lost: span - received,
      duplicates: this.#columns.duplicates[row] ?? 0,
      outOfRange: this.#columns.outOfRange[row] ?? 0,
    };
  }

  #acceptWide(row: Row, counter: number): boolean {
    const newest = this.#columns.newest[row] as number;
    if (counter < FIRST_COUNTER || newest - counter >= WINDOW_PLACES) {
      this.#columns.outOfRange[row] = (this.#columns.outOfRange[row] as number) + 1;
      return false;
    }
    if (counter > newest) {
      this.#advance(row, newest, counter);
    } else if (((this.#columns.windowBits[wordIndex(row, counter)] as number) & (1 << (counter & 31))) !== 0) {
      this.#columns.duplicates[row] = (this.#columns.duplicates[row] as number) + 1;
      return false;
    }
    this.#mark(row, counter);
    if (counter < (this.#columns.oldest[row] as number)) this.#columns.oldest[row] = counter;
    return true;
  }

  #acceptStock(row: Row, counter: number): boolean {
    const window = this.#stock?.[row];
    return window !== undefined && acceptStock(window, counter);
  }

  /** Clears the words between the newest counter and a newer one; their old bits stood for counters a ring ago. */
  #advance(row: Row, newest: number, counter: number): void {
    const words = Math.min((counter >>> 5) - (newest >>> 5), WINDOW_WORDS);
    for (let step = 0; step < words; step++) this.#columns.windowBits[wordIndex(row, counter - 32 * step)] = 0;
    this.#columns.newest[row] = counter;
  }

  #mark(row: Row, counter: number): void {
    const index = wordIndex(row, counter);
    this.#columns.windowBits[index] = (this.#columns.windowBits[index] as number) | (1 << (counter & 31));
  }

  #clearWindow(row: Row): void {
    this.#columns.windowBits.fill(0, row * WINDOW_WORDS, (row + 1) * WINDOW_WORDS);
  }

  /** Doubles all columns, up to the limit. */
  #grow(): void {
    const columns = this.#columns;
    growColumns(COLUMNS, columns, Math.min(this.sendCounter.length * 2, this.maxRows));
    this.sendCounter = columns.sendCounter;
    this.lastInMs = columns.lastInMs;
    this.established = columns.established;
    this.received = columns.received;
  }
}

/** The word of the ring that holds the bit of `counter`. */
function wordIndex(row: Row, counter: number): number {
  return row * WINDOW_WORDS + ((counter >>> 5) & (WINDOW_WORDS - 1));
}

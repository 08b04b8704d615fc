/** Bytes per second of each peer over the last few seconds, from the byte counts of the link table. */

import { INTERFACES, type LinkTable } from '../link/index.ts';
import type { PeerNumber } from '../switch/index.ts';
import { RATES_WINDOW_MS } from './limits.ts';

/** Rates of all peers; call `update` about once a second. */
export class Rates {
  readonly #table: LinkTable;
  readonly #rxBefore = new Float64Array(INTERFACES);
  readonly #txBefore = new Float64Array(INTERFACES);
  readonly #rx = new Float64Array(INTERFACES);
  readonly #tx = new Float64Array(INTERFACES);
  #sinceMs: number;

  constructor(table: LinkTable, nowMs: number) {
    this.#table = table;
    this.#sinceMs = nowMs;
  }

  /** Closes a window when it is over. */
  update(nowMs: number): void {
    const elapsedS = (nowMs - this.#sinceMs) / 1000;
    if (elapsedS * 1000 < RATES_WINDOW_MS) return;
    for (let number = 0; number < INTERFACES; number++) {
      const rx = this.#table.rxBytes[number] as number;
      const tx = this.#table.txBytes[number] as number;
      this.#rx[number] = Math.max(0, Math.round((rx - (this.#rxBefore[number] as number)) / elapsedS));
      this.#tx[number] = Math.max(0, Math.round((tx - (this.#txBefore[number] as number)) / elapsedS));
      this.#rxBefore[number] = rx;
      this.#txBefore[number] = tx;
    }
    this.#sinceMs = nowMs;
  }

  /** A number was given back: its next peer begins with nothing. */
  forget(number: PeerNumber): void {
    for (const field of [this.#rxBefore, this.#txBefore, this.#rx, this.#tx]) field[number] = 0;
  }

  /** Received bytes per second of the last window. */
  rx(number: PeerNumber): number {
    return this.#rx[number] ?? 0;
  }

  /** Sent bytes per second of the last window. */
  tx(number: PeerNumber): number {
    return this.#tx[number] ?? 0;
  }
}

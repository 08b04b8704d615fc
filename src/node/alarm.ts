/** The one timer of a node: it rings at the earliest moment anybody wants. */
import type { Clock, Timer } from '../base/index.ts';

/** A timer that can only be moved forward until it rings. */
export class Alarm {
  readonly #clock: Clock;
  readonly #ring: () => void;
  #timer: Timer | null = null;
  #dueMs = Number.POSITIVE_INFINITY;
  #closed = false;

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /** Rings at `dueMs` at the latest; a moment in the past means at once, but not within this call. */
  at(dueMs: number): void {
    if (this.#closed || dueMs >= this.#dueMs) return;
    this.#timer?.cancel();
    this.#dueMs = dueMs;
    this.#timer = this.#clock.after(Math.max(0, dueMs - this.#clock.nowMs()), () => {
      this.#dueMs = Number.POSITIVE_INFINITY;
      this.#ring();
    });
  }

  /** Never rings again. */
  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }
}

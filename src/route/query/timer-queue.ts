/**
 * Everything that is to happen later, in one heap: the node sets one timer for the earliest (no scans per tick). What there is
 * is named in `timers.ts`.
 */

import type { TimerName } from '../timers.ts';

/** Something planned; `cancel` is idempotent. */
export type Timer = { readonly dueMs: number; readonly cancel: () => void };

type Entry = { readonly dueMs: number; readonly order: number; readonly name: TimerName; run: (() => void) | null };

/** Binary heap of timers; equal times run in the order in which they were made, so that runs repeat exactly. */
export class TimerQueue {
  readonly #heap: Entry[] = [];
  #order = 0;

  /** Runs `run` at the first tick at or after `dueMs`. */
  at(name: TimerName, dueMs: number, run: () => void): Timer {
    const entry: Entry = { dueMs, order: this.#order++, name, run };
    this.#heap.push(entry);
    this.#rise(this.#heap.length - 1);
    return {
      dueMs,
      cancel: () => {
        entry.run = null;
      },
    };
  }

  /** When the next tick is needed; Infinity if nothing is planned. */
  nextDueMs(): number {
    this.#dropCancelled();
    return this.#heap[0]?.dueMs ?? Number.POSITIVE_INFINITY;
  }

  /** Runs what is due, including what that adds for the same moment. */
  runDue(nowMs: number): void {
    for (;;) {
      const first = this.#heap[0];
      if (first === undefined || first.dueMs > nowMs) return;
      this.#removeFirst();
      const { run } = first;
      first.run = null;
      run?.();
    }
  }

  /** Entries held, cancelled ones included. */
  get size(): number {
    return this.#heap.length;
  }

  /** How many wait under each name that is in use, cancelled ones left out. */
  waiting(): Readonly<Partial<Record<TimerName, number>>> {
    const counts: Partial<Record<TimerName, number>> = {};
    for (const { name, run } of this.#heap) if (run !== null) counts[name] = (counts[name] ?? 0) + 1;
    return counts;
  }

  #dropCancelled(): void {
    while (this.#heap[0]?.run === null) this.#removeFirst();
  }

  #removeFirst(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#sink(0);
  }

  #rise(from: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#swapIfBefore(at, parent)) return;
      at = parent;
    }
  }

  #sink(from: number): void {
    let at = from;
    for (;;) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) if (this.#isBefore(child, least)) least = child;
      if (least === at) return;
      this.#swapIfBefore(least, at);
      at = least;
    }
  }

  #isBefore(a: number, b: number): boolean {
    const first = this.#heap[a];
    const second = this.#heap[b];
    if (first === undefined || second === undefined) return false;
    return first.dueMs < second.dueMs || (first.dueMs === second.dueMs && first.order < second.order);
  }

  #swapIfBefore(a: number, b: number): boolean {
    const first = this.#heap[a];
    const second = this.#heap[b];
    if (first === undefined || second === undefined || !this.#isBefore(a, b)) return false;
    this.#heap[a] = second;
    this.#heap[b] = first;
    return true;
  }
}

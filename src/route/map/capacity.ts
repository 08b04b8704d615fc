/** What trains of pings (packet-train probes, `path/train.ts`) said of the room on a path. */
import { NARROW_MS, PASSED_MS } from '../limits.ts';

/** The last verdicts. Times are milliseconds of the node's clock. */
export type Capacity = {
  /** When a train last passed unhindered; -Infinity = never. */
  passedMs: number;
  /** Until this time no further train: the last ones, so many, met a queue. */
  pausedUntilMs: number;
  failures: number;
};

/** No train went there yet. */
export function newCapacity(): Capacity {
  return { passedMs: Number.NEGATIVE_INFINITY, pausedUntilMs: Number.NEGATIVE_INFINITY, failures: 0 };
}

/** Did a train pass lately? */
export function hasRoom({ passedMs }: Capacity, nowMs: number): boolean {
  return nowMs - passedMs <= PASSED_MS;
}

/** A train passed. */
export function notePassed(capacity: Capacity, nowMs: number): void {
  capacity.passedMs = nowMs;
  capacity.failures = 0;
}

/** A train met a queue: the next one waits, longer each time. */
export function noteNarrow(capacity: Capacity, nowMs: number): void {
  const pauseMs = NARROW_MS[Math.min(capacity.failures, NARROW_MS.length - 1)] ?? 0;
  capacity.pausedUntilMs = nowMs + pauseMs;
  capacity.failures++;
}

/** The round trips measured on a path. Source: docs/routing.md, "Quality and failover". */
import { QUEUE_MS, RTT_MEMORY_MS, RTT_SAMPLES } from '../limits.ts';

/** What was measured. */
export type RoundTrips = {
  /** The smallest of the newest three: a queue raises them all, a scheduler only one. Null before the first. */
  ms: number | null;
  /** The newest three, newest last. */
  readonly recentMs: number[];
  /** The smallest ever: what the path is like without a queue. */
  baseMs: number | null;
  /** When the newest was measured. */
  measuredMs: number;
};

/** Nothing is measured yet. */
export function newRoundTrips(): RoundTrips {
  return { ms: null, recentMs: [], baseMs: null, measuredMs: Number.NEGATIVE_INFINITY };
}

/** Takes a measured round trip. */
export function addRtt(trips: RoundTrips, rttMs: number, nowMs: number): void {
  // What was measured long ago says nothing beside what is measured now.
  if (nowMs - trips.measuredMs > RTT_MEMORY_MS) trips.recentMs.length = 0;
  trips.measuredMs = nowMs;
  trips.recentMs.push(rttMs);
  if (trips.recentMs.length > RTT_SAMPLES) trips.recentMs.shift();
  trips.ms = Math.min(...trips.recentMs);
  trips.baseMs = Math.min(trips.baseMs ?? rttMs, rttMs);
}

/** Is there a full set of measurements of today? */
export function isMeasured({ recentMs, measuredMs }: RoundTrips, nowMs: number): boolean {
  return recentMs.length === RTT_SAMPLES && nowMs - measuredMs < RTT_MEMORY_MS;
}

/** Whether a round trip shows a queue in front of some link of the path. */
export function isQueued({ baseMs }: RoundTrips, rttMs: number): boolean {
  return baseMs !== null && rttMs > 2 * baseMs + QUEUE_MS;
}

/** Most of the newest round trips show a queue: one alone may be a scheduler's. */
export function isUnderLoad(trips: RoundTrips): boolean {
  return trips.recentMs.filter((rttMs) => isQueued(trips, rttMs)).length >= 2;
}

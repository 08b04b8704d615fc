/** When a device is told of us: early and often when it is new, then calmly. Pure. Source: protocol 04 §9.3. */
import { BEACON_EVERY_MS, BEACON_JITTER, EARLY_BEACONS_MS } from './limits.ts';

/** One device. */
export type Beat = { readonly beganMs: number; readonly sent: number; readonly dueMs: number };

/** A device that came just now. */
export function beginBeat(nowMs: number): Beat {
  return { beganMs: nowMs, sent: 0, dueMs: nowMs + EARLY_BEACONS_MS[0] };
}

/**
 * A beacon was sent.
 * @param random 0 to 1: neighbours that were switched on together do not stay in step
 */
export function afterBeacon(beat: Beat, random: number, nowMs: number): Beat {
  const sent = beat.sent + 1;
  const early = EARLY_BEACONS_MS[sent];
  const everyMs = BEACON_EVERY_MS * (1 + BEACON_JITTER * (2 * random - 1));
  return { ...beat, sent, dueMs: early === undefined ? nowMs + everyMs : Math.max(nowMs, beat.beganMs + early) };
}

/**
 * How good is a link? Round trips of the last pings, loss of the last pings or of the traffic itself, and from both a
 * cost for routing and a figure from 0 to 100 for people. Source: docs/manual.md, "Link quality".
 */
import {
  HEALED_PINGS,
  HEALING_PINGS,
  LOSS_MIN_PACKETS,
  LOSS_PINGS,
  LOSS_WINDOW_MS,
  RTT_SAMPLES,
  SETTLE_MS,
} from './limits.ts';

/** Measurements of one link; mutable, owned by the peer. */
export type Measure = {
  /** Round trips in ms, newest last, at most RTT_SAMPLES. */
  readonly rttsMs: number[];
  /** Fate of the last pings, true = lost, newest last, at most LOSS_PINGS. */
  readonly lostPings: boolean[];
  /** Start of the present traffic window, the row of the data table that it looks at, and the counters of that then. */
  windowStartMs: number;
  windowRow: number;
  /** Since when that is the row. */
  rowSinceMs: number;
  windowReceived: number;
  windowLost: number;
  /** Loss of the last full traffic window, 0 to 1; null when there was too little traffic. */
  trafficLoss: number | null;
  /** When traffic worth measuring was last seen. */
  busyMs: number;
};

/** Nothing measured yet. */
export function unmeasured(nowMs: number): Measure {
  return {
    rttsMs: [],
    lostPings: [],
    windowStartMs: nowMs,
    windowRow: -1,
    rowSinceMs: nowMs,
    windowReceived: 0,
    windowLost: 0,
    trafficLoss: null,
    busyMs: nowMs,
  };
}

/** A ping came back after `rttMs`, or did not (null). */
export function notePing(measure: Measure, rttMs: number | null): void {
  measure.lostPings.push(rttMs === null);
  if (measure.lostPings.length > LOSS_PINGS) measure.lostPings.shift();
  if (rttMs === null) return;
  // A much shorter one shows that the others waited in a queue that is gone (or for a machine that was starting).
  if (rttMs < (percentile(measure.rttsMs, 0.5) ?? 0) / 2) measure.rttsMs.length = 0;
  measure.rttsMs.push(rttMs);
  if (measure.rttsMs.length > RTT_SAMPLES) measure.rttsMs.shift();
}

/** The link was down: its losses are forgotten, its round trips are not. */
export function forgetLosses(measure: Measure): void {
  measure.lostPings.length = 0;
  measure.trafficLoss = null;
  measure.windowRow = -1;
}

/** The link goes another way: nothing of what was measured holds. */
export function forgetWay(measure: Measure): void {
  forgetLosses(measure);
  measure.rttsMs.length = 0;
}

/**
 * Closes a traffic window when it is over.
 * @param counts of the data table: packets received so far, and gaps in the incoming counters
 * @param row theirs: with other keys all counts are others
 * @returns whether a window was closed
 */
export function noteTraffic(
  measure: Measure,
  { received, lost }: { readonly received: number; readonly lost: number },
  row: number,
  nowMs: number,
): boolean {
  const isOther = row !== measure.windowRow || received < measure.windowReceived;
  if (!isOther && nowMs - measure.windowStartMs < LOSS_WINDOW_MS) return false;
  const got = received - measure.windowReceived;
  const missed = lost - measure.windowLost;
  const due = got + missed;
  // The handshake itself leaves gaps in the counters of both ends (protocol 02 §6, §7), which are no losses.
  const isSettled = measure.windowStartMs - measure.rowSinceMs >= SETTLE_MS;
  const isEnough = !isOther && isSettled && missed >= 0 && due >= LOSS_MIN_PACKETS;
  if (isOther) measure.rowSinceMs = nowMs;
  measure.trafficLoss = isEnough ? missed / due : null;
  if (isEnough) measure.busyMs = nowMs;
  measure.windowStartMs = nowMs;
  measure.windowRow = row;
  measure.windowReceived = received;
  measure.windowLost = lost;
  return true;
}

/** Median round trip of the last pings in ms; null before the first. */
export function rttMs(measure: Measure): number | null {
  return percentile(measure.rttsMs, 0.5);
}

/** 95th percentile of the round trip in ms. */
export function rttP95Ms(measure: Measure): number | null {
  return percentile(measure.rttsMs, 0.95);
}

/** Mean change from one round trip to the next in ms (RFC 3550 without the smoothing). */
export function jitterMs(measure: Measure): number | null {
  const values = measure.rttsMs;
  if (values.length < 2) return null;
  let sum = 0;
  for (let i = 1; i < values.length; i++) sum += Math.abs((values[i] ?? 0) - (values[i - 1] ?? 0));
  return sum / (values.length - 1);
}

/** Share of packets lost, 0 to 1: of the traffic while it flows, otherwise of the pings; null before any. */
export function loss(measure: Measure): number | null {
  if (measure.trafficLoss !== null) return measure.trafficLoss;
  if (measure.lostPings.length === 0) return null;
  return pingLoss(measure);
}

/** Share of the last pings that were lost, 0 to 1, whatever the traffic says; 0 before any. */
export function pingLoss({ lostPings }: Measure): number {
  return lostPings.filter((lost) => lost).length / Math.max(1, lostPings.length);
}

/** Cost of a hop over the link in ms: half a round trip, 5 ms per 1 % of loss (200 ms from 20 % on), 0.05 ms per hop. */
export function costMs(measure: Measure): number {
  const lossPercent = isHealed(measure) ? 0 : (loss(measure) ?? 0) * 100;
  const penaltyMs = lossPercent >= 20 ? 200 : lossPercent * 5;
  return (rttMs(measure) ?? 0) / 2 + penaltyMs + 0.05;
}

/** A lossy link answers again, but not yet long enough to be trusted: worth a closer look. */
export function seemsToHeal(measure: Measure): boolean {
  const newest = measure.lostPings.slice(-HEALING_PINGS);
  return (loss(measure) ?? 0) > 0 && newest.length === HEALING_PINGS && !newest.includes(true) && !isHealed(measure);
}

/** No traffic tells its loss, and the newest pings were all answered. */
function isHealed(measure: Measure): boolean {
  const newest = measure.lostPings.slice(-HEALED_PINGS);
  return measure.trafficLoss === null && newest.length === HEALED_PINGS && !newest.includes(true);
}

/**
 * Quality from 0 to 100: 100 less 4 per 1 % of loss (at most 80), less 1 per 10 ms of jitter (at most 10), less 1 per
 * 50 ms of round trip (at most 10); null before anything was measured.
 */
export function quality(measure: Measure): number | null {
  const rtt = rttMs(measure);
  if (rtt === null) return null;
  const lossPercent = (loss(measure) ?? 0) * 100;
  const forLoss = Math.min(80, lossPercent * 4);
  const forJitter = Math.min(10, (jitterMs(measure) ?? 0) / 10);
  const forRtt = Math.min(10, rtt / 50);
  return Math.round(100 - forLoss - forJitter - forRtt);
}

function percentile(values: readonly number[], share: number): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? null;
}

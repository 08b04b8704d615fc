/** A label to a node that the node itself has answered over, and what was measured on it. Source: protocol 08 §8. */
import { hopsOf, log2 } from '../../switch/index.ts';
import type { Label } from '../../wire/index.ts';
import {
  HEALED_PROBES,
  HEAVY_LOSS_MS,
  HEAVY_LOSS_PERCENT,
  HOP_COST_MS,
  LOSS_MASK,
  LOSS_MS_PER_PERCENT,
  LOSS_WINDOW,
  MIN_LOSS_PROBES,
  QUEUE_MS,
  RTT_MEMORY_MS,
  RTT_SAMPLES,
  UNKNOWN_RTT_MS,
} from '../limits.ts';
import { isLong, newSizeRecord, type ProbeRecord, type SizeRecord } from './sizes.ts';

/** One verified path. Times are milliseconds of the node's clock. */
export type KnownPath = ProbeRecord & {
  readonly label: Label;
  readonly bits: number;
  readonly hops: number;
  /** One hop to an established peer: as good as its link, needs no pings of ours. */
  readonly isPeer: boolean;
  /** Number of the form of the far node's interface toward us: `ei` of its reply (protocol 05 §3.4). */
  inverseForm: number;
  /** The smallest of the newest three: a queue raises them all, a scheduler only one. Null before the first. */
  rttMs: number | null;
  /** The newest three round trips, newest last. */
  readonly recentMs: number[];
  /** The smallest ever: what the path is like without a queue. */
  baseMs: number | null;
  measuredMs: number;
  /** Since when we know it. */
  readonly knownMs: number;
  /** Last answer, or other proof that it works. */
  goodMs: number;
  /** Reported broken or silent, and nothing heard since. */
  suspect: boolean;
  /** Its relays are being learnt. */
  walking: boolean;
  /** What is known about long packets on it; its own record is of short ones. */
  readonly sizes: SizeRecord;
  /** Until this time it is taken to cost at least `heldCostMs`, however well it looks at rest. */
  heldUntilMs: number;
  heldCostMs: number;
  /** Silences under traffic reported of it so far. */
  silences: number;
  /** When we left it because of its quality, what it cost then, and how often; -Infinity = never. */
  leftMs: number;
  leftCostMs: number;
  leaves: number;
  /** When a train of pings last passed it unhindered; -Infinity = never. */
  passedMs: number;
  /** Until this time no further train: the last ones, so many, met a queue. */
  narrowUntilMs: number;
  narrows: number;
};

/** A path that has just proved itself. */
export function newPath(label: Label, isPeer: boolean, inverseForm: number, nowMs: number): KnownPath {
  return {
    label,
    bits: log2(label),
    hops: hopsOf(label)?.length ?? 1,
    isPeer,
    inverseForm,
    rttMs: null,
    recentMs: [],
    baseMs: null,
    measuredMs: Number.NEGATIVE_INFINITY,
    knownMs: nowMs,
    goodMs: nowMs,
    suspect: false,
    walking: false,
    lostBits: 0,
    probes: 0,
    probeCount: 0,
    sizes: newSizeRecord(),
    heldUntilMs: Number.NEGATIVE_INFINITY,
    heldCostMs: 0,
    silences: 0,
    leftMs: Number.NEGATIVE_INFINITY,
    leftCostMs: 0,
    leaves: 0,
    passedMs: Number.NEGATIVE_INFINITY,
    narrowUntilMs: Number.NEGATIVE_INFINITY,
    narrows: 0,
  };
}

/** Takes a measured round trip. */
export function addRtt(path: KnownPath, rttMs: number, nowMs: number): void {
  // What was measured long ago says nothing beside what is measured now.
  if (nowMs - path.measuredMs > RTT_MEMORY_MS) path.recentMs.length = 0;
  path.measuredMs = nowMs;
  path.recentMs.push(rttMs);
  if (path.recentMs.length > RTT_SAMPLES) path.recentMs.shift();
  path.rttMs = Math.min(...path.recentMs);
  path.baseMs = Math.min(path.baseMs ?? rttMs, rttMs);
}

/** Whether a round trip shows a queue in front of some link of the path. */
export function isQueued(path: KnownPath, rttMs: number): boolean {
  return path.baseMs !== null && rttMs > 2 * path.baseMs + QUEUE_MS;
}

/** Notes whether a probe was answered. @returns the name of the note, for `correctProbe` */
export function addProbe(path: ProbeRecord, lost: boolean): number {
  path.lostBits = ((path.lostBits << 1) | (lost ? 1 : 0)) & LOSS_MASK;
  path.probes = Math.min(path.probes + 1, LOSS_WINDOW);
  return path.probeCount++;
}

/** A probe given up for lost was only late. */
export function correctProbe(path: ProbeRecord, name: number): void {
  const age = path.probeCount - 1 - name;
  if (age < LOSS_WINDOW) path.lostBits &= ~(1 << age);
}

/**
 * Lost probes in per cent, 0 as soon as the newest 10 were all answered, and with a single one lost (the burst that follows
 * tells loss from chance); null with fewer than 4.
 */
export function lossPercent(path: ProbeRecord): number | null {
  if (path.probes < MIN_LOSS_PROBES) return null;
  let lost = 0;
  for (let bits = path.lostBits; bits !== 0; bits &= bits - 1) lost++;
  if (lost < 2 || newestGood(path) >= HEALED_PROBES) return 0;
  return (100 * Math.min(lost, path.probes)) / path.probes;
}

/** How many of the newest probes in a row were answered. */
export function newestGood(path: ProbeRecord): number {
  for (let count = 0; count < path.probes; count++) if (((path.lostBits >>> count) & 1) === 1) return count;
  return path.probes;
}

/** Penalty of a loss: 5 ms per 1 %, 200 ms from 20 % on. */
function lossPenaltyMs(percent: number): number {
  return percent >= HEAVY_LOSS_PERCENT ? HEAVY_LOSS_MS : percent * LOSS_MS_PER_PERCENT;
}

/** Our own link with which a path begins, as the link layer knows it: it sees loss long before probes do. */
export type FirstLink = {
  readonly costMs: number;
  /** Share of the cost that is for loss. */
  readonly penaltyMs: number;
};

/**
 * What a path costs, in milliseconds: half the measured round trip, loss, and a little for each hop.
 * @param bytes size of what is to go over it: the loss of long packets counts for long ones only
 */
export function pathCostMs(path: KnownPath, first: FirstLink, nowMs: number, bytes: number): number {
  const isFresh = path.recentMs.length === RTT_SAMPLES && nowMs - path.measuredMs < RTT_MEMORY_MS;
  const longMs = isLong(bytes) ? lossPenaltyMs(lossPercent(path.sizes) ?? 0) : 0;
  const penaltyMs = Math.max(lossPenaltyMs(lossPercent(path) ?? 0), first.penaltyMs, longMs);
  const halfMs = (path.rttMs ?? UNKNOWN_RTT_MS) / 2;
  const hopsMs = path.hops * HOP_COST_MS;
  // The link of a peer is measured by the link layer; while it carries much, our own probes know better.
  return (
    (path.isPeer && !isFresh
      ? first.costMs - first.penaltyMs + Math.max(first.penaltyMs, longMs)
      : halfMs + penaltyMs) + hopsMs
  );
}

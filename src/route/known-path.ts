/** A label to a node that the node itself has answered over, and what was measured on it. Source: protocol 08 §8. */
import { hopsOf, log2 } from '../switch/index.ts';
import type { Label } from '../wire/index.ts';
import {
  HEALED_PROBES,
  HEAVY_LOSS_MS,
  HEAVY_LOSS_PERCENT,
  HOP_COST_MS,
  LOSS_MS_PER_PERCENT,
  LOSS_WINDOW,
  MIN_LOSS_PROBES,
  UNKNOWN_RTT_MS,
} from './limits.ts';

/** One verified path. Times are milliseconds of the node's clock. */
export type KnownPath = {
  readonly label: Label;
  readonly bits: number;
  readonly hops: number;
  /** One hop to an established peer: as good as its link, needs no pings of ours. */
  readonly isPeer: boolean;
  /** Number of the form of the far node's interface toward us: `ei` of its reply (protocol 05 §3.4). */
  inverseForm: number;
  /** Smoothed; null before the first measurement. */
  rttMs: number | null;
  /** Last answer, or other proof that it works. */
  goodMs: number;
  /** Reported broken or silent, and nothing heard since. */
  suspect: boolean;
  /** Newest probe in bit 0; 1 = lost. */
  lostBits: number;
  probes: number;
  /** Not to be chosen for quality before this time. */
  heldUntilMs: number;
  /** Silences under traffic reported of it so far. */
  silences: number;
  /** When we left it because of its quality; -Infinity = never. */
  leftMs: number;
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
    goodMs: nowMs,
    suspect: false,
    lostBits: 0,
    probes: 0,
    heldUntilMs: Number.NEGATIVE_INFINITY,
    silences: 0,
    leftMs: Number.NEGATIVE_INFINITY,
  };
}

/** Takes a measured round trip: a much smaller one at once (the first ones hold a handshake), others smoothed. */
export function addRtt(path: KnownPath, rttMs: number): void {
  const old = path.rttMs;
  path.rttMs = old === null || rttMs < old / 2 ? rttMs : old + (rttMs - old) / 4;
}

/** Notes whether a probe was answered. */
export function addProbe(path: KnownPath, lost: boolean): void {
  path.lostBits = ((path.lostBits << 1) | (lost ? 1 : 0)) >>> 0;
  path.probes = Math.min(path.probes + 1, LOSS_WINDOW);
}

/** Lost probes in per cent, 0 as soon as the newest 10 were all answered; null with fewer than 4. */
export function lossPercent(path: KnownPath): number | null {
  if (path.probes < MIN_LOSS_PROBES) return null;
  if (newestGood(path) >= HEALED_PROBES) return 0;
  let lost = 0;
  for (let bits = path.lostBits; bits !== 0; bits &= bits - 1) lost++;
  return (100 * Math.min(lost, path.probes)) / path.probes;
}

/** How many of the newest probes in a row were answered. */
export function newestGood(path: KnownPath): number {
  for (let count = 0; count < path.probes; count++) if (((path.lostBits >>> count) & 1) === 1) return count;
  return path.probes;
}

/** Penalty of a loss (research §5.1): 5 ms per 1 %, 200 ms from 20 % on. */
export function lossPenaltyMs(percent: number): number {
  return percent >= HEAVY_LOSS_PERCENT ? HEAVY_LOSS_MS : percent * LOSS_MS_PER_PERCENT;
}

/**
 * What a path costs, in milliseconds: half the measured round trip, loss, and a little for each hop.
 * @param firstLinkMs cost of our own link it begins with: the link layer sees its loss long before probes do
 */
export function pathCostMs(path: KnownPath, firstLinkMs: number): number {
  const halfMs = (path.rttMs ?? UNKNOWN_RTT_MS) / 2;
  // One lost probe of few is chance; the burst that follows tells.
  const measuredMs = halfMs + lossPenaltyMs(path.probes >= 2 * MIN_LOSS_PROBES ? (lossPercent(path) ?? 0) : 0);
  return (path.isPeer ? firstLinkMs : Math.max(measuredMs, firstLinkMs)) + path.hops * HOP_COST_MS;
}

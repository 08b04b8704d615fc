/**
 * A path that was left because it was bad is not taken back just because it looks well at rest: until its hold-down ends it
 * counts as at least as dear as it was then. Source: docs/routing.md, "Quality and failover".
 */
import { HOLD_MS, RELEAVE_HOLD_MS, SELF_INFLICTED_MS, SILENCE_HOLD_MS } from '../limits.ts';

/** What is held against a path. Times are milliseconds of the node's clock, -Infinity = never. */
export type HoldDown = {
  /** Until this time it is taken to cost at least `costMs`, however well it looks at rest. */
  untilMs: number;
  costMs: number;
  /** Silences under traffic reported of it so far. */
  silences: number;
  /** When we left it because of its quality, what it cost then, and how often in a row. */
  leftMs: number;
  leftCostMs: number;
  leaves: number;
};

/** Nothing is held against a new path. */
export function newHoldDown(): HoldDown {
  return {
    untilMs: Number.NEGATIVE_INFINITY,
    costMs: 0,
    silences: 0,
    leftMs: Number.NEGATIVE_INFINITY,
    leftCostMs: 0,
    leaves: 0,
  };
}

/** Remembers what a path cost under our traffic. @param costMs Infinity: it is taken where nothing else is left */
export function hold(held: HoldDown, costMs: number, untilMs: number): void {
  held.untilMs = Math.max(held.untilMs, untilMs);
  held.costMs = costMs;
}

/** It fell silent under traffic. Pings may still pass where data do not (abuse case S8), so their answers do not lift this. */
export function holdSilent(held: HoldDown, nowMs: number): void {
  hold(held, Number.POSITIVE_INFINITY, nowMs + escalated(SILENCE_HOLD_MS, held.silences));
  held.silences++;
}

/**
 * It was left for a better one at this cost. Where a queue had grown, our own traffic made it slow and would again; the same
 * where it is left again and again.
 * @param isForLoad a queue had grown under our traffic
 */
export function holdLeft(held: HoldDown, costMs: number, isForLoad: boolean, nowMs: number): void {
  held.leaves = nowMs - held.leftMs < HOLD_MS ? held.leaves + 1 : 0;
  held.leftMs = nowMs;
  held.leftCostMs = costMs;
  const times = isForLoad ? held.leaves : held.leaves - 1;
  if (times >= 0) hold(held, costMs, nowMs + escalated(RELEAVE_HOLD_MS, times));
}

/** Was it left so short ago, and is not held yet, that looking well again means our own traffic was what made it bad? */
export function mayBeSelfInflicted({ leftMs, untilMs }: HoldDown, nowMs: number): boolean {
  return nowMs - leftMs <= SELF_INFLICTED_MS && untilMs <= nowMs;
}

/** It was: its cost at that time is remembered. */
export function holdSelfInflicted(held: HoldDown, nowMs: number): void {
  hold(held, held.leftCostMs, nowMs + escalated(RELEAVE_HOLD_MS, held.leaves));
}

/**
 * What a path would cost if it were used.
 * @param costMs as it looks at rest
 * @param forgivenMs what was left longer ago than this is worth a try again, because the path in use is so bad
 */
export function heldCostMs(held: HoldDown, costMs: number, forgivenMs: number, nowMs: number): number {
  const isForgiven = held.costMs < Number.POSITIVE_INFINITY && nowMs - held.leftMs > forgivenMs;
  return held.untilMs > nowMs && !isForgiven ? Math.max(costMs, held.costMs) : costMs;
}

/** How long a path is held that had to be left so many `times` before, in ms. */
function escalated(firstMs: number, times: number): number {
  return Math.min(HOLD_MS, firstMs * 4 ** times);
}

/** Which of a node's verified paths carries user data: cheapest, but changes only for a real gain. Source: docs/routing.md, "Quality and failover". */

import {
  DESPERATE_MS,
  FEWER_HOPS_MS,
  FRESH_MS,
  GAIN_MS,
  GAIN_SHARE,
  HEAVY_LOSS_PERCENT,
  HOP_COST_MS,
  NEW_PATH_MS,
  NOISE_MS,
} from '../limits.ts';
import { heldCostMs, holdLeft, holdSelfInflicted, mayBeSelfInflicted } from '../map/hold-down.ts';
import type { KnownPath } from '../map/known-path.ts';
import type { MapNode } from '../map/map.ts';
import { lossPercent } from '../map/probes.ts';
import { isUnderLoad } from '../map/round-trips.ts';
import { isProven, passes } from '../map/sizes.ts';
import type { Context } from '../query/context.ts';
import { isUsable } from '../query/context.ts';
import { type Demand, hasHighRate } from './demand.ts';

/** What the choice goes by, and remembers between calls. */
export type ChoiceState = {
  /** The path in use. */
  readonly current: KnownPath | null;
  /** What the node is wanted for. */
  readonly demand: Demand;
  /** A path with fewer hops that has been no dearer since then. */
  shorter: { readonly path: KnownPath; readonly sinceMs: number } | null;
};

/** The path to use now; null if none of the node's paths is usable. May note a shorter path in `state`. */
export function choosePath(context: Context, node: MapNode, state: ChoiceState): KnownPath | null {
  const { map, nowMs } = context;
  const { current } = state;
  const { demand } = state;
  const { bytes } = demand;
  let best: KnownPath | null = null;
  let resort: KnownPath | null = null;
  let shorter: KnownPath | null = null;
  const currentMs = current === null ? Number.POSITIVE_INFINITY : map.costOf(current, nowMs, bytes);
  const forgivenMs = current === null ? Number.POSITIVE_INFINITY : forgivenAfterMs(current);
  // Nothing is walked into that is worse than what we have.
  const worst = current === null ? UNPROVEN : Math.max(UNPROVEN, standingOf(context, current, bytes));
  const mustLeave = current === null || !node.paths.includes(current) || current.suspect;
  for (const path of node.paths) {
    if (path === current || !isUsable(path, nowMs, FRESH_MS)) continue;
    if (hasHighRate(demand, nowMs)) holdIfSelfInflicted(context, path, currentMs);
    const costMs = heldCost(context, path, bytes, forgivenMs);
    const standing = standingOf(context, path, bytes);
    const better = resort === null ? 1 : standingOf(context, resort, bytes) - standing;
    if (resort === null || better > 0 || (better === 0 && costMs < heldCost(context, resort, bytes, forgivenMs)))
      resort = path;
    if (standing > worst) continue;
    if (best === null || costMs < heldCost(context, best, bytes, forgivenMs)) best = path;
    if (current !== null && path.hops < current.hops && isNoDearer(costMs, path, currentMs, current, NOISE_MS))
      shorter = path;
  }
  if (mustLeave) return resort;
  if (!passes(current.sizes, bytes) && resort !== null && passes(resort.sizes, bytes)) return resort;
  if (best !== null) {
    const gainMs = currentMs - heldCost(context, best, bytes, forgivenMs);
    if (gainMs > GAIN_MS && gainMs > currentMs * GAIN_SHARE) return best;
  }
  if (shorter === null || shorter !== state.shorter?.path) {
    state.shorter = shorter === null ? null : { path: shorter, sinceMs: nowMs };
  } else if (nowMs - state.shorter.sinceMs >= FEWER_HOPS_MS && current !== null) {
    // While it waits some noise is forgiven, at the end not.
    if (isNoDearer(heldCost(context, shorter, bytes, forgivenMs), shorter, currentMs, current, NOISE_MS / 4))
      return shorter;
  }
  return current;
}

/** What may be said for a path before its cost is asked for, best first: it carried such packets, nobody knows, it does not. */
const PROVEN = 0;
const UNPROVEN = 1;
const HOLE = 2;

function standingOf({ nowMs }: Context, { sizes }: KnownPath, bytes: number): number {
  if (!passes(sizes, bytes)) return HOLE;
  return isProven(sizes, bytes, nowMs) ? PROVEN : UNPROVEN;
}

/** Costs compared without what hops add, and without the noise of short round trips. */
function isNoDearer(costMs: number, path: KnownPath, currentMs: number, current: KnownPath, noiseMs: number): boolean {
  return costMs - path.hops * HOP_COST_MS <= currentMs - current.hops * HOP_COST_MS + noiseMs;
}

/** The path in use is so bad that anything left longer ago than this is worth a try. */
function forgivenAfterMs(current: KnownPath): number {
  const isBad = (lossPercent(current.probes) ?? 0) >= HEAVY_LOSS_PERCENT || isUnderLoad(current.trips);
  return isBad ? DESPERATE_MS : Number.POSITIVE_INFINITY;
}

/** What a path would cost if it were used: at least what it cost when it was left, while that is remembered. */
function heldCost({ map, nowMs }: Context, path: KnownPath, bytes: number, forgivenMs: number): number {
  return heldCostMs(path.held, map.costOf(path, nowMs, bytes), forgivenMs, nowMs);
}

/** A path is left for a better one. @returns whether it was bad, and not only dearer than another */
export function noteLeft(context: Context, path: KnownPath, better: KnownPath, demand: Demand): boolean {
  const { map, nowMs } = context;
  const costMs = map.costOf(path, nowMs);
  const isForLoad = hasHighRate(demand, nowMs) && isUnderLoad(path.trips);
  if (costMs <= map.costOf(better, nowMs) + GAIN_MS) return false;
  if (isYoung(path, nowMs) && !isForLoad) return true;
  holdLeft(path.held, costMs, isForLoad, nowMs);
  return true;
}

/** The first figures of a path hold handshakes and the start of the node: they say little. */
function isYoung(path: KnownPath, nowMs: number): boolean {
  return nowMs - path.knownMs < NEW_PATH_MS;
}

/**
 * A path that looks well again within seconds of being left was bad because of our own traffic. One that stays bad and heals
 * later is taken again after the usual 15 s.
 */
function holdIfSelfInflicted({ nowMs, map }: Context, path: KnownPath, currentMs: number): void {
  if (!mayBeSelfInflicted(path.held, nowMs)) return;
  if (map.costOf(path, nowMs) <= currentMs + GAIN_MS) holdSelfInflicted(path.held, nowMs);
}

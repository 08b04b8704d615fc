/** Which of a node's verified paths carries user data: cheapest, but changes only for a real gain. Source: research §5.1, design §4. */
import type { Context } from './context.ts';
import { isUsable } from './context.ts';
import type { KnownPath } from './known-path.ts';
import {
  FEWER_HOPS_MS,
  FRESH_MS,
  GAIN_MS,
  GAIN_SHARE,
  HOLD_MS,
  HOP_COST_MS,
  NOISE_MS,
  SELF_INFLICTED_MS,
} from './limits.ts';
import type { MapNode } from './map.ts';

/** What the choice remembers between calls. */
export type ChoiceState = {
  /** The path in use. */
  current: KnownPath | null;
  /** A path with fewer hops that has been no dearer since `sinceMs`. */
  shorter: KnownPath | null;
  sinceMs: number;
};

/** The path to use now; null if none of the node's paths is usable. May note a shorter path in `state`. */
export function choosePath(context: Context, node: MapNode, state: ChoiceState): KnownPath | null {
  const { map, nowMs } = context;
  const { current } = state;
  let best: KnownPath | null = null;
  let shorter: KnownPath | null = null;
  const currentMs = current === null ? Number.POSITIVE_INFINITY : map.costOf(current);
  const mustLeave = current === null || !node.paths.includes(current) || current.suspect;
  for (const path of node.paths) {
    if (path === current || !isUsable(path, nowMs, FRESH_MS)) continue;
    holdIfSelfInflicted(context, path, currentMs);
    if (!mustLeave && path.heldUntilMs > nowMs) continue;
    const costMs = map.costOf(path);
    if (best === null || costMs < map.costOf(best)) best = path;
    if (current !== null && path.hops < current.hops && isNoDearer(costMs, path, currentMs, current)) shorter = path;
  }
  if (mustLeave) return best;
  if (best !== null) {
    const gainMs = currentMs - map.costOf(best);
    if (gainMs > GAIN_MS && gainMs > currentMs * GAIN_SHARE) return best;
  }
  if (shorter === null || shorter !== state.shorter) {
    state.shorter = shorter;
    state.sinceMs = nowMs;
  } else if (nowMs - state.sinceMs >= FEWER_HOPS_MS) {
    return shorter;
  }
  return current;
}

/** Costs compared without what hops add, and without the noise of short round trips. */
function isNoDearer(costMs: number, path: KnownPath, currentMs: number, current: KnownPath): boolean {
  return costMs - path.hops * HOP_COST_MS <= currentMs - current.hops * HOP_COST_MS + NOISE_MS / 4;
}

/**
 * A path that looks well again within seconds of being left was slow because of our own traffic, and would be again: it is
 * left alone for long. One that stays bad and heals later is taken again after the usual 15 s.
 */
function holdIfSelfInflicted(context: Context, path: KnownPath, currentMs: number): void {
  const { nowMs, map } = context;
  if (nowMs - path.leftMs > SELF_INFLICTED_MS || path.heldUntilMs > nowMs) return;
  if (map.costOf(path) <= currentMs + GAIN_MS) path.heldUntilMs = nowMs + HOLD_MS;
}

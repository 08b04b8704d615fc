/** What the parts of a router share: the map, the plans, the moment, and the effects of the event being handled. */
import type { Label } from '../../wire/index.ts';
import { LISTED_MS, SURE_MS } from '../limits.ts';
import type { KnownPath } from '../map/known-path.ts';
import type { MapNode, NodeMap } from '../map/map.ts';
import type { FarNodes } from '../map/too-far.ts';
import type { Effect, RouterOptions } from '../types.ts';
import type { Budget } from './budget.ts';
import type { Pending } from './pending.ts';
import type { TimerQueue } from './timer-queue.ts';

/** One router's common ground. `nowMs` and `effects` belong to the event being handled. */
export type Context = {
  readonly options: RouterOptions;
  readonly map: NodeMap;
  readonly timers: TimerQueue;
  readonly pending: Pending;
  readonly budget: Budget;
  /** Nodes that no label reaches. */
  readonly far: FarNodes;
  nowMs: number;
  effects: Effect[];
  /** Whether a session uses this path or keeps it as its spare. */
  isInUse: (node: MapNode, path: KnownPath) => boolean;
  /** A query went to a node. */
  noteAsked: (id: string, label: Label) => void;
};

/** Whether a verified path may carry user data now: confirmed lately, or the link of a peer. */
export function isUsable(path: KnownPath, nowMs: number, freshMs: number): boolean {
  return !path.suspect && (path.isPeer || nowMs - path.goodMs <= freshMs);
}

/** The cheapest path of a node that may be used and was confirmed after `sinceMs`; null if none. */
export function bestPath(
  context: Context,
  node: MapNode,
  freshMs: number,
  sinceMs = Number.NEGATIVE_INFINITY,
): KnownPath | null {
  let best: KnownPath | null = null;
  for (const path of node.paths) {
    if (!isUsable(path, context.nowMs, freshMs) || (!path.isPeer && path.goodMs < sinceMs)) continue;
    if (best === null || context.map.costOf(path, context.nowMs) < context.map.costOf(best, context.nowMs)) best = path;
  }
  return best;
}

/**
 * The path of a node by which it is asked, and named to others: of those that may be named the cheapest that was confirmed about
 * when the last one was. A cheaper one that has been silent since may be broken, and nobody would notice before its turn comes.
 */
export function recentlyValidatedPath(context: Context, node: MapNode): KnownPath | null {
  const goodMs = (path: KnownPath): number => (path.isPeer ? context.nowMs : path.goodMs);
  let lastMs = Number.NEGATIVE_INFINITY;
  for (const path of node.paths) if (isUsable(path, context.nowMs, LISTED_MS)) lastMs = Math.max(lastMs, goodMs(path));
  return bestPath(context, node, LISTED_MS, lastMs - SURE_MS);
}

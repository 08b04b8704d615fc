/** What the parts of a router share: the map, the plans, the moment, and the effects of the event being handled. */
import type { Ip6, PublicKey } from '../crypto/index.ts';
import type { Label } from '../wire/index.ts';
import type { Agenda } from './agenda.ts';
import type { Budget } from './budget.ts';
import type { KnownPath } from './known-path.ts';
import type { MapNode, NodeMap } from './map.ts';
import type { Pending } from './pending.ts';
import type { Effect, RouterOptions } from './types.ts';

/** One router's common ground. `nowMs` and `effects` belong to the event being handled. */
export type Context = {
  readonly options: RouterOptions;
  readonly map: NodeMap;
  readonly agenda: Agenda;
  readonly pending: Pending;
  readonly budget: Budget;
  nowMs: number;
  effects: Effect[];
  /** Whether a session uses this path or keeps it as its spare. */
  isInUse: (node: MapNode, path: KnownPath) => boolean;
  /** A query went to a node. */
  noteAsked: (id: string, label: Label) => void;
};

/** Whom to ask: a node of the map, or one that is not in it yet. */
export type Destination = { readonly key: PublicKey; readonly address: Ip6; readonly protocol: number };

/** Whether a verified path may carry user data now: confirmed lately, or the link of a peer. */
export function isUsable(path: KnownPath, nowMs: number, freshMs: number): boolean {
  return !path.suspect && (path.isPeer || nowMs - path.goodMs <= freshMs);
}

/** The cheapest path of a node that may be used; null if none. */
export function bestPath(context: Context, node: MapNode, freshMs: number): KnownPath | null {
  let best: KnownPath | null = null;
  for (const path of node.paths) {
    if (!isUsable(path, context.nowMs, freshMs)) continue;
    if (best === null || context.map.costOf(path, context.nowMs) < context.map.costOf(best, context.nowMs)) best = path;
  }
  return best;
}

/** A one-line key for a node and a path to it. */
export function pathKey(id: string, label: Label): string {
  return `${id}/${label.toString(16)}`;
}

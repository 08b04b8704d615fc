/** Better and spare paths to a node in use: from the map, and from the peers of the relays on the way. Source: docs/routing.md, "Quality and failover". */
import { firstDirector, log2, SELF_LABEL } from '../../switch/index.ts';
import type { Label } from '../../wire/index.ts';
import { FRESH_MS, GAIN_SHARE, LISTED_MS } from '../limits.ts';
import type { KnownPath } from '../map/known-path.ts';
import type { MapNode } from '../map/map.ts';
import { labelOf, type Reach, shortestPaths } from '../map/paths.ts';
import { passes } from '../map/sizes.ts';
import type { Purpose } from '../query/budget.ts';
import { type Context, isUsable } from '../query/context.ts';
import { validate } from '../query/validate.ts';
import type { Crawl } from './crawl.ts';
import { explore } from './explore.ts';

/**
 * Labels worth a ping when a node is to be reached and no path is known to work: the shortest ways over the map, with and
 * without earlier paths, and those earlier paths themselves. At most 4.
 */
export function waysTo(context: Context, node: MapNode, avoid: ReadonlySet<MapNode>): ReadonlySet<Label> {
  const { map, nowMs } = context;
  const labels = new Set<Label>();
  const add = (reach: Reach | undefined): void => {
    const label = reach === undefined ? null : labelOf(reach);
    if (label !== null && map.pathOf(node, label)?.suspect !== true) labels.add(label);
  };
  add(shortestPaths(map, { nowMs, avoid, overPaths: false, target: node }).get(node));
  add(shortestPaths(map, { nowMs, avoid, overPaths: true, target: node }).get(node));
  for (const path of node.paths)
    if (!path.suspect && labels.size < 4 && nowMs - path.goodMs < LISTED_MS) labels.add(path.label);
  if (labels.size === 0) for (const path of node.paths) labels.add(path.label);
  return labels;
}

/**
 * The verified path that shares fewest relays with the one in use, cheapest first; null if there is no other.
 * @param bytes size of what may have to go over it
 */
export function pickSpare(context: Context, node: MapNode, current: KnownPath | null, bytes: number): KnownPath | null {
  let best: { path: KnownPath; shared: number; costMs: number } | null = null;
  const relays = current === null ? new Set<MapNode>() : relaysOf(context, current.label);
  for (const path of node.paths) {
    if (path === current || !isUsable(path, context.nowMs, FRESH_MS) || !passes(path.sizes, bytes)) continue;
    let shared = 0;
    for (const relay of relaysOf(context, path.label)) if (relays.has(relay)) shared++;
    const costMs = context.map.costOf(path, context.nowMs, bytes);
    if (best === null || shared < best.shared || (shared === best.shared && costMs < best.costMs))
      best = { path, shared, costMs };
  }
  return best?.path ?? null;
}

/** The known nodes between us and the end of a path. */
export function relaysOf(context: Context, label: Label): Set<MapNode> {
  const { links, rest } = context.map.decode(label);
  const relays = new Set(links.map((link) => link.to));
  const end = links.at(-1)?.to;
  if (rest === SELF_LABEL && end !== undefined) relays.delete(end);
  return relays;
}

/** One round of improvement. @param changed called when a new path has answered */
export function improve(
  context: Context,
  crawl: Crawl,
  node: MapNode,
  current: KnownPath,
  spare: KnownPath | null,
  changed: () => void,
): void {
  const { map, nowMs } = context;
  const currentMs = map.costOf(current, nowMs);
  const tryReach = (reach: Reach | undefined): boolean => {
    const label = reach === undefined ? null : labelOf(reach);
    if (label === null) return false;
    const known = map.pathOf(node, label);
    if ((known !== undefined && isUsable(known, nowMs, FRESH_MS / 2)) || context.pending.isAsking(node.id, label))
      return true;
    return validate(context, { to: node, label, purpose: 'refine', done: (answer) => answer !== null && changed() });
  };
  const there = shortestPaths(map, { nowMs, overPaths: true });
  const cheapest = there.get(node);
  if (cheapest !== undefined && isWorthwhile(cheapest, currentMs, current)) tryReach(cheapest);
  const relays = relaysOf(context, current.label);
  const sharesRelays = spare === null || [...relaysOf(context, spare.label)].some((relay) => relays.has(relay));
  if (sharesRelays || (spare !== null && !isUsable(spare, nowMs, FRESH_MS / 2))) {
    // A direct link has no relays, but it can be gone around as well.
    const apart = { nowMs, avoid: relays, avoidLinks: map.decode(current.label).links, target: node };
    const isNew = (reach: Reach | undefined): boolean => reach !== undefined && labelOf(reach) !== current.label;
    const byName = shortestPaths(map, { ...apart, overPaths: false }).get(node);
    const byPath = isNew(byName) ? undefined : shortestPaths(map, { ...apart, overPaths: true }).get(node);
    if (isNew(byName)) tryReach(byName);
    else if (isNew(byPath)) tryReach(byPath);
    else if (spare !== null)
      validate(context, { to: node, label: spare.label, purpose: 'refine', done: () => changed() });
  }
  explore(context, crawl, node, current, there, changed);
  if (!current.walking) walk(context, crawl, current, changed);
}

/** Learns the relays of a path one after the other: only then can it be seen that it leads back, or past a shorter link. */
function walk(context: Context, crawl: Crawl, path: KnownPath, changed: () => void): void {
  const { rest } = context.map.decode(path.label);
  path.walking = askNextHop(context, crawl, path.label, 'refine', () => {
    path.walking = false;
    if (context.map.decode(path.label).rest >= rest) return;
    changed();
    walk(context, crawl, path, changed);
  });
}

function isWorthwhile(reach: Reach, currentMs: number, current: KnownPath): boolean {
  return reach.costMs < currentMs * (1 - GAIN_SHARE) || (reach.hops < current.hops && reach.costMs <= currentMs);
}

/**
 * Where a label leads on to a node that we do not know: asks the last known one for exactly that peer.
 * @returns false if nothing was asked (`done` is not called)
 */
export function askNextHop(context: Context, crawl: Crawl, label: Label, purpose: Purpose, done: () => void): boolean {
  const { end, rest } = context.map.decode(label);
  const next = firstDirector(rest, end.scheme)?.number;
  const prefix = prefixes(context, label).at(-1);
  if (rest === SELF_LABEL || next === undefined || prefix === undefined) return false;
  return crawl.expand(end, prefix[1], next, purpose, 1, () => done());
}

/** Each known node on a path with the part of the label that leads to it. */
export function prefixes(context: Context, label: Label): (readonly [MapNode, Label])[] {
  const found: (readonly [MapNode, Label])[] = [];
  let bits = 0;
  for (const link of context.map.decode(label).links) {
    const director = firstDirector(label >> BigInt(bits), link.from.scheme);
    if (director === null) break;
    bits += director.bits;
    if (bits > log2(label)) break;
    found.push([link.to, BigInt.asUintN(bits, label) | (1n << BigInt(bits))]);
  }
  return found;
}

/**
 * What to ask next so that a better way to a node in use can be seen: whoever lies near its far end or on the way there is read,
 * and links that are known from their far end only are asked for at the near one. Source: docs/routing.md, "Quality and failover".
 *
 * Two searches meet: costs from here over the links as they can be used, and costs to the target over all links, whichever end
 * named them. Where both together stay below the path in use, the missing direction of a link is worth a question.
 */
import type { Ip6 } from '../../crypto/index.ts';
import { addressKey, addressOf } from '../../crypto/index.ts';
import { firstDirector, log2 } from '../../switch/index.ts';
import type { Label } from '../../wire/index.ts';
import { EXPLORE_PARALLEL, EXPLORED_PAGES, GAIN_SHARE, HOP_COST_MS, REFRESH_MS } from '../limits.ts';
import type { KnownPath } from '../map/known-path.ts';
import type { Link, MapNode, NodeMap } from '../map/map.ts';
import { labelOf, type Reach } from '../map/paths.ts';
import { type Context, recentlyValidatedPath } from '../query/context.ts';
import type { Answer } from '../query/pending.ts';
import { validate } from '../query/validate.ts';
import type { Crawl } from './crawl.ts';

/**
 * One round.
 * @param there the cheapest ways to all nodes, over links and paths
 * @param changed called for each answer that helps
 */
export function explore(
  context: Context,
  crawl: Crawl,
  target: MapNode,
  current: KnownPath,
  there: ReadonlyMap<MapNode, Reach>,
  changed: () => void,
): void {
  const { map, nowMs } = context;
  const boundMs = map.costOf(current, nowMs) * (1 - GAIN_SHARE);
  const back = costsTo(map, target, boundMs, nowMs);
  const labelTo = (node: MapNode): Label | null => {
    const reach = there.get(node);
    return recentlyValidatedPath(context, node)?.label ?? (reach === undefined ? null : labelOf(reach));
  };
  let asked = 0;
  for (const { link } of oneSided(map, there, back, boundMs, nowMs)) {
    if (asked >= EXPLORE_PARALLEL) break;
    const label = labelTo(link.to);
    if (label === null) continue;
    link.turnedMs = nowMs;
    asked++;
    turn(context, link, label, changed);
  }
  for (const node of unread(context, current, back, boundMs)) {
    if (asked >= 2 * EXPLORE_PARALLEL) return;
    const label = labelTo(node);
    if (label === null) continue;
    // What was read lately is read on where it ended: the local map holds only the first pages of a hub.
    const from = nowMs - node.expandedMs < REFRESH_MS ? (node.nextInterface ?? 0) : 0;
    node.expandedMs = nowMs;
    asked++;
    crawl.expand(node, label, from, 'refine', EXPLORED_PAGES, (ok) => ok && changed());
  }
}

/** What it costs from each node to the target, over links named by either end; nodes dearer than the bound are left out. */
function costsTo(map: NodeMap, target: MapNode, boundMs: number, nowMs: number): Map<MapNode, number> {
  const costs = new Map<MapNode, number>();
  const open = new Map<MapNode, number>([[target, 0]]);
  while (open.size > 0) {
    let nearest: MapNode | null = null;
    let costMs = Number.POSITIVE_INFINITY;
    for (const [node, ms] of open) if (ms < costMs) [nearest, costMs] = [node, ms];
    if (nearest === null) break;
    open.delete(nearest);
    costs.set(nearest, costMs);
    const via = (other: MapNode, link: Link): void => {
      const ms = costMs + (link.costMs ?? map.usualCostMs) + HOP_COST_MS;
      if (ms > boundMs || costs.has(other) || link.downUntilMs > nowMs || other === map.self) return;
      if (ms < (open.get(other) ?? Number.POSITIVE_INFINITY)) open.set(other, ms);
    };
    for (const link of nearest.into) via(link.from, link);
    for (const link of nearest.links) via(link.to, link);
  }
  return costs;
}

/** Links that only their far end has named and that could make the way cheaper, the most promising first. */
function oneSided(
  map: NodeMap,
  there: ReadonlyMap<MapNode, Reach>,
  back: ReadonlyMap<MapNode, number>,
  boundMs: number,
  nowMs: number,
): { readonly link: Link; readonly costMs: number }[] {
  const found: { link: Link; costMs: number }[] = [];
  for (const [node, backMs] of back) {
    for (const link of node.links) {
      const reach = there.get(link.to);
      if (reach === undefined || nowMs - link.turnedMs < REFRESH_MS || link.downUntilMs > nowMs) continue;
      const costMs = reach.costMs + (link.costMs ?? map.usualCostMs) + HOP_COST_MS + backMs;
      if (costMs >= boundMs || link.to.links.some(({ to }) => to === node)) continue;
      found.push({ link, costMs });
    }
  }
  return found.sort((a, b) => a.costMs - b.costMs);
}

/** Asks the far node of a link for its own name of it: whoever is asked for a peer names it last. */
function turn(context: Context, link: Link, label: Label, changed: () => void): void {
  const { from: node, to: peer } = link;
  validate(context, {
    to: peer,
    label,
    purpose: 'refine',
    query: 'fn',
    target: node.address,
    tries: 2,
    done: (answer) => {
      if (answer !== null && learnLink(context, answer, node.address)) changed();
    },
  });
}

/** Enters the link to `address` that a reply names, if it is one. */
function learnLink({ map, options }: Context, { node, reply }: Answer, address: Ip6): boolean {
  const far = map.get(addressKey(address));
  const entry = reply.nodes.find(({ key }) => {
    const named = addressOf(options.crypto, key);
    return named !== null && addressKey(named) === addressKey(address);
  });
  if (node === null || far === undefined || entry === undefined) return false;
  const director = firstDirector(entry.label, node.scheme);
  if (director === null || log2(entry.label) !== director.bits) return false;
  const link = map.link(node, director.number, far, -1);
  if (link !== null) link.downUntilMs = -1;
  return link !== null;
}

/** Whose peers are not known: whoever is near the target, then the relays of the path in use. */
function unread(
  context: Context,
  current: KnownPath,
  back: ReadonlyMap<MapNode, number>,
  boundMs: number,
): Set<MapNode> {
  const { map, nowMs } = context;
  const isUnread = (node: MapNode): boolean =>
    node !== map.self && (nowMs - node.expandedMs >= REFRESH_MS || (node.nextInterface ?? 0) > 0);
  const nodes = new Set<MapNode>();
  for (const [node, costMs] of back) if (costMs <= boundMs / 2 && isUnread(node)) nodes.add(node);
  for (const { to } of map.decode(current.label).links) if (isUnread(to)) nodes.add(to);
  return nodes;
}

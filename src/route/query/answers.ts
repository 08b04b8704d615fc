/**
 * Answers to `pn`, `fn`, `gp` and `nh` as stock nodes need them. Source: protocol 08 §3, §7.
 *
 * Labels are widened for the asker, the best entry stands last, and nobody is named whom we have not heard ourselves.
 */
import { readU64 } from '../../base/index.ts';
import { asIp6, closerTo, compareDistance, type Ip6 } from '../../crypto/index.ts';
import { canonical, firstDirector, INVALID, labelFor, log2, SELF_LABEL, V358 } from '../../switch/index.ts';
import type { DhtQuery, Label, ListedNode } from '../../wire/index.ts';
import { LISTED_MS } from '../limits.ts';
import type { MapNode } from '../map/map.ts';
import { LIST_LIMIT, MIN_PROTOCOL, TARGET_BYTES } from '../spec.ts';
import { type Context, recentlyValidatedPath } from './context.ts';

/** The nodes a query is answered with; none for pings and for what we do not know (protocol 08 §3). */
export function answerTo(context: Context, query: DhtQuery, asker: Ip6, returnLabel: Label): readonly ListedNode[] {
  const { target } = query;
  if (target === null) return [];
  if (query.query === 'gp')
    return target.length === TARGET_BYTES.label ? peersFrom(context, readU64(target, 0), returnLabel) : [];
  const address = target.length === TARGET_BYTES.address ? asIp6(target) : null;
  if (address === null) return [];
  if (query.query === 'fn') return closestTo(context, address, asker, returnLabel);
  if (query.query === 'nh') return nextHop(context, address, asker, returnLabel);
  return [];
}

/** Direct peers from label `from` on, nearest last; ourselves if `from` is at most 1. */
function peersFrom(context: Context, from: Label, returnLabel: Label): readonly ListedNode[] {
  const { map, options } = context;
  const least = from > SELF_LABEL ? firstHop(from) : from;
  const peers: { node: MapNode; label: Label }[] = [];
  for (const node of new Set(map.self.links.map((link) => link.to))) {
    for (const path of node.paths) if (path.isPeer && path.label >= least) peers.push({ node, label: path.label });
  }
  if (from <= SELF_LABEL) peers.push({ node: map.self, label: SELF_LABEL });
  peers.sort((a, b) => (a.label < b.label ? 1 : -1));
  const nearest = peers.slice(-LIST_LIMIT);
  return nearest.flatMap(({ node, label }) => listed(node, label, returnLabel, options.protocol));
}

/**
 * The first director alone, as narrow as our own labels are stored. Deviation: stock compares wide directors as they are; ours lists the
 * same peers, and more when the asker widened the label (so that it can ask for exactly the next hop of a path).
 */
function firstHop(label: Label): Label {
  const bits = firstDirector(label)?.bits ?? 0;
  if (log2(label) < bits) return label;
  const oneHop = BigInt.asUintN(bits, label) | (1n << BigInt(bits));
  return canonical(V358, oneHop) ?? oneHop;
}

/** The nodes closest to an address, closest last. */
function closestTo(context: Context, target: Ip6, asker: Ip6, returnLabel: Label): readonly ListedNode[] {
  const closest: MapNode[] = [];
  for (const node of context.map.nodes()) {
    if (!mayBeListed(context, node) || compareDistance(asker, node.address, asker) === 0) continue;
    const last = closest.at(-1);
    if (closest.length >= LIST_LIMIT && last !== undefined && !closerTo(target, node.address, last.address)) continue;
    let at = closest.length;
    for (; at > 0; at--) {
      const before = closest[at - 1];
      if (before === undefined || !closerTo(target, node.address, before.address)) break;
    }
    closest.splice(at, 0, node);
    if (closest.length > LIST_LIMIT) closest.pop();
  }
  return closest.reverse().flatMap((node) => byBestPath(context, node, returnLabel));
}

/** The target, ourselves included, or the node nearest in hops that is closer to it than we are. */
function nextHop(context: Context, target: Ip6, asker: Ip6, returnLabel: Label): readonly ListedNode[] {
  const { map, options } = context;
  const own = options.identity.address;
  if (compareDistance(target, own, target) === 0) return listed(map.self, SELF_LABEL, returnLabel, options.protocol);
  let best: { node: MapNode; hops: number } | null = null;
  for (const node of map.nodes()) {
    const path = mayBeListed(context, node) ? recentlyValidatedPath(context, node) : null;
    if (path === null || compareDistance(asker, node.address, asker) === 0) continue;
    if (compareDistance(target, node.address, target) === 0) return byBestPath(context, node, returnLabel);
    if (closerTo(target, node.address, own) && (best === null || path.hops < best.hops))
      best = { node, hops: path.hops };
  }
  return best === null ? [] : byBestPath(context, best.node, returnLabel);
}

function mayBeListed(context: Context, node: MapNode): boolean {
  return !node.hidden && node.protocol >= MIN_PROTOCOL && context.nowMs - node.heardMs <= LISTED_MS;
}

function byBestPath(context: Context, node: MapNode, returnLabel: Label): readonly ListedNode[] {
  const path = recentlyValidatedPath(context, node);
  return path === null ? [] : listed(node, path.label, returnLabel, context.options.protocol);
}

function listed(node: MapNode, label: Label, returnLabel: Label, ownProtocol: number): readonly ListedNode[] {
  const widened = labelFor(label, returnLabel);
  const protocol = label === SELF_LABEL ? ownProtocol : node.protocol;
  return widened === INVALID ? [] : [{ key: node.key, label: widened, protocol }];
}

/**
 * Shortest paths over the map under the rule of labels, and their labels. Source: protocol 05 §3.4, §4.1.
 *
 * A relay's director is as wide as the wider of its two interfaces; all together may have 59 bits, and 63 with the director
 * back at the last node. So a node is reached by several states: the cheapest, and dearer ones that are narrower.
 * A path is a chain of states that names every node at which it might be cut into two labels.
 */
import { extend, formBits, SELF_LABEL, smallestDirector } from '../../switch/index.ts';
import type { Label } from '../../wire/index.ts';
import { HOP_COST_MS, LISTED_MS, STATES_PER_NODE } from '../limits.ts';
import { MAX_LABEL_BITS, MAX_SHIFT_BITS } from '../spec.ts';
import type { KnownPath } from './known-path.ts';
import type { Link, MapNode, NodeMap } from './map.ts';

/** One way to a node: over `link` from `via`, or over the verified path `base`; neither for ourselves. */
export type Reach = {
  readonly node: MapNode;
  readonly costMs: number;
  readonly bits: number;
  readonly hops: number;
  /** Number of the form of the node's interface toward us. */
  readonly inverseForm: number;
  readonly link: Link | null;
  readonly via: Reach | null;
  readonly base: KnownPath | null;
};

/** What to compute. */
export type SpreadOptions = {
  readonly nowMs: number;
  /** Nodes not to pass; they may still be ends. */
  readonly avoid?: ReadonlySet<MapNode>;
  /** Links not to use. */
  readonly avoidLinks?: readonly Link[];
  /** Whether verified paths count as links of ours; without them every relay is known by name. */
  readonly overPaths: boolean;
  /** Stop when this node is reached. */
  readonly target?: MapNode;
  /** Stop when this many nodes (ourselves included) are reached. */
  readonly limit?: number;
};

/** The cheapest way to every node, cheapest first. */
export function shortestPaths(map: NodeMap, options: SpreadOptions): Map<MapNode, Reach> {
  const best = new Map<MapNode, Reach>();
  const narrowest = new Map<MapNode, { bits: number; states: number }>();
  const queue = new ReachQueue();
  queue.push({ node: map.self, costMs: 0, bits: 0, hops: 0, inverseForm: 0, link: null, via: null, base: null });
  if (options.overPaths) pushPaths(map, options, queue);
  for (let reach = queue.pop(); reach !== undefined; reach = queue.pop()) {
    const { node } = reach;
    const seen = narrowest.get(node);
    if (seen !== undefined && (reach.bits >= seen.bits || seen.states >= STATES_PER_NODE)) continue;
    if (seen === undefined) {
      best.set(node, reach);
      narrowest.set(node, { bits: reach.bits, states: 1 });
      if (node === options.target || best.size === options.limit) break;
    } else {
      seen.bits = reach.bits;
      seen.states++;
    }
    if (options.avoid?.has(node)) continue;
    for (const link of node.links) pushLink(map, options, queue, reach, link);
  }
  best.delete(map.self);
  return best;
}

function pushLink(map: NodeMap, options: SpreadOptions, queue: ReachQueue, reach: Reach, link: Link): void {
  if (link.to === map.self || link.downUntilMs > options.nowMs || options.avoidLinks?.includes(link)) return;
  const form = Math.max(link.form, reach.inverseForm);
  const width = link.from.scheme[form];
  const inverseForm = inverseFormOf(link);
  const back = link.to.scheme[inverseForm];
  if (width === undefined || back === undefined) return;
  const bits = reach.bits + formBits(width);
  if (bits > MAX_LABEL_BITS || bits + formBits(back) > MAX_SHIFT_BITS) return;
  const costMs = reach.costMs + (link.costMs ?? map.usualCostMs) + HOP_COST_MS;
  queue.push({ node: link.to, costMs, bits, hops: reach.hops + 1, inverseForm, link, via: reach, base: null });
}

function pushPaths(map: NodeMap, options: SpreadOptions, queue: ReachQueue): void {
  for (const node of map.nodes()) {
    for (const path of node.paths) {
      if (path.isPeer || path.suspect || path.goodMs + LISTED_MS < options.nowMs) continue;
      const { bits, hops, inverseForm } = path;
      queue.push({
        node,
        costMs: map.costOf(path, options.nowMs),
        bits,
        hops,
        inverseForm,
        link: null,
        via: null,
        base: path,
      });
    }
  }
}

/** The form in which the child writes its way back: as it told us, as its own list shows, or the smallest. */
function inverseFormOf(link: Link): number {
  if (link.inverseForm >= 0) return link.inverseForm;
  let form = 0;
  for (const back of link.to.links) if (back.to === link.from) form = Math.max(form, back.form);
  return form;
}

/** The label of a way; null if it cannot be written (a scheme changed meanwhile). */
export function labelOf(reach: Reach): Label | null {
  if (reach.base !== null) return reach.base.label;
  if (reach.link === null || reach.via === null) return SELF_LABEL;
  const parent = labelOf(reach.via);
  const { from, interfaceNumber } = reach.link;
  const director = smallestDirector(interfaceNumber, from.scheme);
  if (parent === null || director === null) return null;
  const link = director.value | (1n << BigInt(director.bits));
  return parent === SELF_LABEL ? link : extend(parent, from.scheme, reach.via.inverseForm, link);
}

/** Binary heap by cost; among equals fewer bits first. */
class ReachQueue {
  readonly #heap: Reach[] = [];

  push(reach: Reach): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(reach);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || !isBefore(reach, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = reach;
  }

  pop(): Reach | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      const left = heap[child];
      if (left === undefined) break;
      const right = heap[child + 1];
      let least = left;
      if (right !== undefined && isBefore(right, left)) {
        least = right;
        child++;
      }
      if (!isBefore(least, last)) break;
      heap[at] = least;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

function isBefore(a: Reach, b: Reach): boolean {
  return a.costMs < b.costMs || (a.costMs === b.costMs && a.bits < b.bits);
}

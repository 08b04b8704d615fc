/**
 * Nodes that are there, but farther away than a label reaches: 59 bits of directors, 14 hops where all have low interface
 * numbers. Nothing can be sent to them, so whoever wants to is told why. Source: protocol 05 §3; docs/routing.md, "Finding nodes and ways".
 */
import { BoundedMap } from '../../base/index.ts';
import { addressKey, type Ip6 } from '../../crypto/index.ts';
import { formBits, hopsOf, log2 } from '../../switch/index.ts';
import type { Label } from '../../wire/index.ts';
import { FAR_MS, FAR_NODES } from '../limits.ts';
import { MAX_LABEL_BITS } from '../spec.ts';
import type { MapNode, NodeMap } from './map.ts';

/** How far away a node is over the shortest way known: `missingBits` more would be needed in a label. */
export type TooFar = { readonly hops: number; readonly missingBits: number };

/** One such node. */
export type FarNode = TooFar & { readonly address: Ip6 };

type Entry = FarNode & { readonly sinceMs: number };

/** The nodes that searches found too far away, until they are found nearer, or for a minute after the last search. */
export class FarNodes {
  readonly #nodes = new BoundedMap<string, Entry>(FAR_NODES);

  note(address: Ip6, { hops, missingBits }: TooFar, nowMs: number): void {
    const id = addressKey(address);
    this.#nodes.set(id, { address, hops, missingBits, sinceMs: nowMs });
    this.#nodes.touch(id);
  }

  /** It answered over a label after all, or a search learnt nothing of it any more. */
  forget(id: string): void {
    this.#nodes.delete(id);
  }

  get(id: string, nowMs: number): TooFar | null {
    const entry = this.#nodes.get(id);
    return entry === undefined || nowMs - entry.sinceMs > FAR_MS
      ? null
      : { hops: entry.hops, missingBits: entry.missingBits };
  }

  /** All of them, nearest first. */
  list(nowMs: number): readonly FarNode[] {
    const found: FarNode[] = [];
    for (const [, { address, hops, missingBits, sinceMs }] of this.#nodes)
      if (nowMs - sinceMs <= FAR_MS) found.push({ address, hops, missingBits });
    return found.sort((a, b) => a.hops - b.hops);
  }
}

/** The distance over a way in two parts, ours to a node and that node's to the end; null if one label holds both. */
export function tooFarOver(label: Label, rest: Label): TooFar | null {
  const missingBits = log2(label) + log2(rest) - MAX_LABEL_BITS;
  return missingBits <= 0 ? null : { hops: (hopsOf(label)?.length ?? 1) + (hopsOf(rest)?.length ?? 1), missingBits };
}

/** The nearer of two. */
export function nearer(a: TooFar | null, b: TooFar | null): TooFar | null {
  if (a === null || b === null) return a ?? b;
  return b.missingBits < a.missingBits ? b : a;
}

/** The distance to a node of the map over links that are not down; null if it fits into a label, or no links lead there. */
export function tooFarOnMap(map: NodeMap, target: MapNode, nowMs: number): TooFar | null {
  type Way = { readonly node: MapNode; readonly bits: number; readonly hops: number };
  const done = new Set<MapNode>();
  const open = new Map<MapNode, Way>([[map.self, { node: map.self, bits: 0, hops: 0 }]]);
  const offer = (way: Way): void => {
    const known = open.get(way.node);
    if (!done.has(way.node) && (known === undefined || way.bits < known.bits)) open.set(way.node, way);
  };
  for (const node of map.nodes())
    for (const { suspect, bits, hops } of node.paths) if (!suspect) offer({ node, bits, hops });
  while (open.size > 0) {
    const way = [...open.values()].reduce((a, b) => (b.bits < a.bits ? b : a));
    const { node, bits, hops } = way;
    if (node === target) {
      const missingBits = bits - MAX_LABEL_BITS;
      return missingBits <= 0 ? null : { hops, missingBits };
    }
    open.delete(node);
    done.add(node);
    for (const { from, to, form, downUntilMs } of node.links) {
      const width = from.scheme[form];
      if (width !== undefined && downUntilMs <= nowMs)
        offer({ node: to, bits: bits + formBits(width), hops: hops + 1 });
    }
  }
  return null;
}

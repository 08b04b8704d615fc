/**
 * Kademlia contacts: per bucket of the key space the four cheapest nodes, and the eight closest to ourselves; kept alive by
 * pings, filled by look-ups after the start. Source: protocol 08 §3 (metric), docs/routing.md, "Finding nodes and ways".
 */
import { jittered } from '../../base/index.ts';
import { asIp6, compareDistance, type Ip6 } from '../../crypto/index.ts';
import type { Label } from '../../wire/index.ts';
import {
  AROUND_AGAIN_MS,
  AROUND_PAUSE_MS,
  AROUND_QUERIES,
  BUCKET_CONTACTS,
  CLOSEST_CONTACTS,
  CLOSEST_PING_MS,
  CONTACT_PING_MS,
  GAIN_SHARE,
  JITTER,
  JOIN_DELAY_MS,
  JOIN_ENOUGH,
  JOIN_QUERIES,
  JOIN_STEP_MS,
  KEPT_MS,
  LISTED_MS,
  MAX_CONTACTS,
  REJOIN_MS,
  UPKEEP_MS,
} from '../limits.ts';
import type { MapNode } from '../map/map.ts';
import { bestPath, type Context } from '../query/context.ts';
import type { TimerName } from '../timers.ts';
import type { Crawl } from './crawl.ts';
import type { Searches } from './search.ts';
import { checkStale } from './stale-contact.ts';

/** The contacts of one router. */
export type Contacts = {
  /** A node has answered: is it worth keeping? */
  readonly consider: (node: MapNode) => void;
  /** Whether a node with this address would be one of the closest to us, or its bucket has room. */
  readonly wants: (address: Ip6) => boolean;
  /** Whether a node is one of those closest to us, which others ask us for. */
  readonly isClosest: (node: MapNode) => boolean;
  /** A link of ours is gone: the closest, who may know us by a way over it, are to hear from us over another. */
  readonly linkLost: (isOver: (label: Label) => boolean) => void;
  /** The first peer is there: begins the maintenance and plans the first look-ups. */
  readonly begin: () => void;
  readonly size: () => number;
};

export function createContacts(context: Context, crawl: Crawl, searches: Searches): Contacts {
  const buckets = new Map<number, MapNode[]>();
  let closest: MapNode[] = [];
  /** Contacts that are being asked whether they live. */
  const checking = new Set<MapNode>();
  /** Those of the closest who are to hear from us now. */
  const unannounced = new Set<MapNode>();
  let begun = false;
  /** A look around is planned; when the last one was. */
  let selfLookupPlanned = false;
  let aroundMs = Number.NEGATIVE_INFINITY;

  function consider(node: MapNode): void {
    if (!node.contact) considerBucket(node);
    // One of a bucket comes up when one of the closest is gone.
    considerClosest(node);
  }

  function considerBucket(node: MapNode): void {
    const index = bucketOf(context.map.self.address, node.address);
    const bucket = buckets.get(index) ?? [];
    buckets.set(index, bucket);
    if (bucket.length < BUCKET_CONTACTS && size() < MAX_CONTACTS) {
      bucket.push(node);
      node.contact = true;
    } else {
      replaceMostExpensive(node, bucket);
    }
  }

  function replaceMostExpensive(node: MapNode, bucket: MapNode[]): void {
    const costMs = costOf(node);
    let worst = -1;
    let worstMs = costMs / (1 - GAIN_SHARE);
    for (const [index, other] of bucket.entries()) {
      if (costOf(other) > worstMs) {
        worst = index;
        worstMs = costOf(other);
      }
    }
    const old = bucket[worst];
    if (old === undefined) return;
    bucket[worst] = node;
    node.contact = true;
    old.contact = closest.includes(old);
  }

  function considerClosest(node: MapNode): void {
    if (closest.includes(node) || !isClose(node.address)) return;
    const own = context.map.self.address;
    closest = [...closest, node].sort((a, b) => compareDistance(own, a.address, b.address));
    node.contact = true;
    const dropped = closest.length > CLOSEST_CONTACTS ? closest.pop() : undefined;
    if (dropped !== undefined) dropped.contact = inBucket(dropped);
  }

  function isClose(address: Ip6): boolean {
    const last = closest.at(-1);
    if (closest.length < CLOSEST_CONTACTS || last === undefined) return true;
    return compareDistance(context.map.self.address, address, last.address) < 0;
  }

  function wants(address: Ip6): boolean {
    if (isClose(address)) return true;
    const bucket = buckets.get(bucketOf(context.map.self.address, address));
    return (bucket?.length ?? 0) < BUCKET_CONTACTS && size() < MAX_CONTACTS;
  }

  function inBucket(node: MapNode): boolean {
    return buckets.get(bucketOf(context.map.self.address, node.address))?.includes(node) === true;
  }

  function costOf(node: MapNode): number {
    const path = bestPath(context, node, LISTED_MS);
    return path === null ? Number.POSITIVE_INFINITY : context.map.costOf(path, context.nowMs);
  }

  function drop(node: MapNode): void {
    if (closest.includes(node)) selfLookup(0);
    const bucket = buckets.get(bucketOf(context.map.self.address, node.address));
    if (bucket?.includes(node)) bucket.splice(bucket.indexOf(node), 1);
    closest = closest.filter((other) => other !== node);
    unannounced.delete(node);
    node.contact = false;
  }

  function linkLost(isOver: (label: Label) => boolean): void {
    for (const node of closest) if (node.paths.some(({ label }) => isOver(label))) unannounced.add(node);
  }

  function size(): number {
    let count = 0;
    for (const bucket of buckets.values()) count += bucket.length;
    return count;
  }

  function begin(): void {
    if (begun) return;
    begun = true;
    later('maintain', UPKEEP_MS, maintain);
    later('bootstrap', JOIN_DELAY_MS, () => bootstrap(-1));
    selfLookup(AROUND_AGAIN_MS, 2 * AROUND_AGAIN_MS);
  }

  function later(name: TimerName, delayMs: number, run: () => void): void {
    context.timers.at(name, context.nowMs + jittered(context.options.rng, delayMs, JITTER), run);
  }

  /** Asks the most overdue contact whether it lives, forgets who does not, lets the crawler go on. */
  function maintain(): void {
    later('maintain', UPKEEP_MS, maintain);
    let due: MapNode | null = null;
    let dueMs = context.nowMs;
    for (const node of context.map.nodes()) {
      const atMs = dueAt(node);
      if (atMs >= context.nowMs) continue;
      // A peer needs no ping: its link tells that it is there.
      if (isPeer(node)) node.heardMs = context.nowMs;
      else if (atMs < dueMs) [due, dueMs] = [node, atMs];
    }
    if (due !== null) check(due);
    crawl.go();
  }

  /** When a node is to be asked, or forgotten. */
  function dueAt(node: MapNode): number {
    if (node.heardMs === Number.NEGATIVE_INFINITY || checking.has(node)) return Number.POSITIVE_INFINITY;
    if (isPeer(node)) return node.heardMs + CLOSEST_PING_MS;
    if (!node.contact) return node.wanted ? Number.POSITIVE_INFINITY : node.heardMs + KEPT_MS;
    // Nobody can be told of a contact without a way.
    if (unannounced.has(node) || bestPath(context, node, Number.POSITIVE_INFINITY) === null)
      return Number.NEGATIVE_INFINITY;
    return node.heardMs + (closest.includes(node) ? CLOSEST_PING_MS : CONTACT_PING_MS);
  }

  function check(node: MapNode): void {
    if (!node.contact) return context.map.remove(node);
    checking.add(node);
    unannounced.delete(node);
    checkStale(context, searches, node, closest.includes(node), (keep) => {
      checking.delete(node);
      if (keep) return;
      drop(node);
      if (!node.wanted) context.map.remove(node);
    });
  }

  /** Looks for the nodes closest to ourselves; needless where the map holds everything. While that finds nearer ones, it is done again. */
  function selfLookup(delayMs: number, againMs = AROUND_AGAIN_MS): void {
    if (selfLookupPlanned) return;
    selfLookupPlanned = true;
    later('selfLookup', Math.max(delayMs, aroundMs + AROUND_PAUSE_MS - context.nowMs), () => {
      selfLookupPlanned = false;
      if (crawl.isComplete()) return;
      const before = closest;
      aroundMs = context.nowMs;
      look(context.map.self.address, AROUND_QUERIES, () => {
        if (closest.every((node) => before.includes(node))) return;
        aroundMs = Number.NEGATIVE_INFINITY;
        selfLookup(againMs, 2 * againMs);
      });
    });
  }

  /** A look-up that only fills contacts. */
  function look(target: Ip6, queries: number, done: () => void): void {
    if (!searches.start({ target, queries, purpose: 'upkeep', wanted: false, done })) done();
  }

  /** Looks for ourselves, then for the far buckets that have room; needless where the map holds everything. */
  function bootstrap(step: number): void {
    if (crawl.isComplete()) return later('bootstrap', REJOIN_MS / 10, () => bootstrap(-1));
    if (step >= 0 && !isLast(step) && (buckets.get(step)?.length ?? 0) >= JOIN_ENOUGH) return bootstrap(step + 1);
    const next = (): void =>
      later('bootstrap', isLast(step) ? REJOIN_MS : JOIN_STEP_MS, () => bootstrap(isLast(step) ? -1 : step + 1));
    if (step < 0) look(context.map.self.address, AROUND_QUERIES, next);
    else look(farTarget(step), JOIN_QUERIES, next);
  }

  /** Buckets closer than the closest contacts are empty. */
  function isLast(step: number): boolean {
    const far = closest.at(-1);
    return far === undefined || step >= bucketOf(context.map.self.address, far.address);
  }

  /** A random address whose first difference from ours is bit `index`. */
  function farTarget(index: number): Ip6 {
    const target = context.options.rng.bytes(16);
    const own = context.map.self.address;
    for (let bit = 0; bit <= index; bit++) {
      const at = byteAt(bit);
      const mask = 0x80 >> (bit & 7);
      const wanted = ((own[at] ?? 0) & mask) ^ (bit === index ? mask : 0);
      target[at] = ((target[at] ?? 0) & ~mask) | wanted;
    }
    target[0] = own[0] ?? 0;
    return asIp6(target) ?? own;
  }

  return { consider, wants, isClosest: (node) => closest.includes(node), linkLost, begin, size };
}

function isPeer(node: MapNode): boolean {
  return node.paths.some((path) => path.isPeer && !path.suspect);
}

/** Place of a bit of the swapped address in the address (protocol 08 §3). */
function byteAt(bit: number): number {
  return ((bit >> 3) + 8) % 16;
}

/** Index of the first bit in which two addresses differ, 0 = farthest; 128 if they are equal. */
export function bucketOf(own: Ip6, other: Ip6): number {
  for (let i = 0; i < 16; i++) {
    const at = (i + 8) % 16;
    const difference = (own[at] ?? 0) ^ (other[at] ?? 0);
    if (difference !== 0) return i * 8 + Math.clz32(difference) - 24;
  }
  return 128;
}

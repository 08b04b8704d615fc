/**
 * The local map: `gp` outward from the peers, nearest nodes first, as fast as replies come. Source: protocol 08 §8; docs/routing.md, "Finding nodes and ways".
 *
 * What a node lists is hearsay until the listed node has answered itself over the path built from it.
 */
import { createTokenBucket, jittered, writeU64 } from '../../base/index.ts';
import { addressKey, addressOf } from '../../crypto/index.ts';
import { type EncodingScheme, firstDirector, log2, SELF_LABEL, smallestDirector, V358 } from '../../switch/index.ts';
import type { Label, ListedNode } from '../../wire/index.ts';
import {
  CRAWL_PARALLEL,
  FARTHER_PER_SECOND,
  JITTER,
  LINK_DOWN_MS,
  LOCAL_NODES,
  LOCAL_PAGES,
  MAX_LISTED,
  RECHECK_MS,
  RECRAWL_MS,
  REFRESH_MS,
  REFRESHED_NODES,
  STEADY_REFRESH_MS,
  UPKEEP_MS,
} from '../limits.ts';
import type { Link, MapNode } from '../map/map.ts';
import { labelOf, type Reach, shortestPaths } from '../map/paths.ts';
import type { Purpose } from '../query/budget.ts';
import { type Context, recentlyValidatedPath } from '../query/context.ts';
import type { Answer } from '../query/pending.ts';
import { validate } from '../query/validate.ts';
import { LIST_LIMIT, MIN_PROTOCOL, TARGET_BYTES } from '../spec.ts';

/** The crawler of one router. */
export type Crawl = {
  /** Asks the nearest nodes that were not asked yet, as many as may be under way. */
  readonly go: () => void;
  /** Asks one node for so many pages of its peers, from interface `from` on. @returns false if it cannot be asked now */
  readonly expand: (
    node: MapNode,
    label: Label,
    from: number,
    purpose: Purpose,
    pages: number,
    done: (ok: boolean) => void,
  ) => boolean;
  /** A link of this node broke, or it may have new ones: asks it again soon. */
  readonly recheck: (node: MapNode) => void;
  /** A search found nothing: asks a small map again. */
  readonly again: () => void;
  /** Whether the map holds the whole mesh: all was asked, and there was room. */
  readonly isComplete: () => boolean;
};

export function createCrawl(context: Context): Crawl {
  let underWay = 0;
  const queue: Reach[] = [];
  /** The budget is used up until then. */
  let pausedUntilMs = 0;
  let complete = false;
  /** Map version at which nobody was left to ask, and when: no need to look again soon if it has not changed. */
  let idleVersion = -1;
  let idleMs = 0;
  /** New nodes that are not among the nearest are read: all at first, later few, since in a large mesh they come and go. */
  const fartherNodes = createTokenBucket({ ratePerSecond: FARTHER_PER_SECOND, burst: LOCAL_NODES }, context.nowMs);
  /** A search failed: all are read again. */
  let isUrgent = false;

  function go(): void {
    const { map, nowMs } = context;
    while (underWay < CRAWL_PARALLEL) {
      if (nowMs < pausedUntilMs) return;
      const node = queue.pop();
      if (node !== undefined) ask(node);
      else if (map.version === idleVersion && nowMs - idleMs < REFRESH_MS / 20) return;
      else if (!fill()) return;
    }
  }

  /** The nearest nodes that were not asked lately, nearest last; few at a time, since their answers change the order. */
  function fill(): boolean {
    const { map, nowMs } = context;
    const version = map.version;
    const near = shortestPaths(map, { nowMs, overPaths: true, limit: LOCAL_NODES + 1 });
    let rank = 0;
    for (const [node, reach] of near) {
      const isNear = rank++ < REFRESHED_NODES;
      if (nowMs - node.expandedMs < node.refreshMs) continue;
      const isNew = node.expandedMs === Number.NEGATIVE_INFINITY;
      if (!isNear && !(isNew && (isUrgent || fartherNodes.take(nowMs)))) continue;
      if (queue.push(reach) >= 2 * CRAWL_PARALLEL) break;
    }
    queue.reverse();
    if (queue.length > 0) return true;
    idleVersion = version;
    idleMs = nowMs;
    isUrgent = false;
    complete = underWay === 0 && map.size < LOCAL_NODES;
    return false;
  }

  function ask(reach: Reach): void {
    const { node } = reach;
    const label = recentlyValidatedPath(context, node)?.label ?? labelOf(reach);
    if (context.nowMs - node.expandedMs < node.refreshMs) return;
    node.expandedMs = jitteredNow(node.refreshMs);
    if (label === null) return;
    start(node, label);
  }

  /** A little early or late, so that refreshes spread. */
  function jitteredNow(refreshMs: number): number {
    return context.nowMs - refreshMs + jittered(context.options.rng, refreshMs, JITTER);
  }

  function start(node: MapNode, label: Label): void {
    underWay++;
    // A refresh goes on where the last one ended: a hub is read in turns.
    const from = node.nextInterface ?? 0;
    const pages = node.nextInterface === null ? LOCAL_PAGES : 1;
    const sent = expand(node, label, from, 'upkeep', pages, () => {
      underWay--;
      go();
    });
    if (sent) return;
    underWay--;
    node.expandedMs = Number.NEGATIVE_INFINITY;
    pausedUntilMs = context.nowMs + UPKEEP_MS / 2;
  }

  const expand: Crawl['expand'] = (node, label, from, purpose, pages, done) => {
    const target = new Uint8Array(TARGET_BYTES.label);
    writeU64(target, 0, pageLabel(node.scheme, from));
    return validate(context, {
      to: node,
      label,
      purpose,
      query: 'gp',
      target,
      done: (answer) => {
        if (answer?.node === undefined || answer.node === null) {
          if (answer === null) giveUp(node, label);
          done(false);
          return;
        }
        const before = [...answer.node.links];
        const next = readPeers(context, answer, from);
        answer.node.refreshMs = nextRefreshMs(answer.node, before, from === 0 && next === null);
        answer.node.nextInterface = next ?? 0;
        if (next === null || pages <= 1 || !expand(answer.node, label, next, purpose, pages - 1, done)) done(true);
      },
    });
  };

  /** Nobody answers there: the link that was listed is of no use, and a node that nobody has heard is forgotten. */
  function giveUp(node: MapNode, label: Label): void {
    const { map, nowMs } = context;
    const last = map.decode(label).links.at(-1);
    if (last !== undefined && last.to === node && last.from !== map.self) last.downUntilMs = nowMs + LINK_DOWN_MS;
    if (node.heardMs === Number.NEGATIVE_INFINITY && !node.wanted) map.remove(node);
    map.version++;
  }

  function recheck(node: MapNode): void {
    const path = recentlyValidatedPath(context, node);
    if (node === context.map.self || path === null || context.nowMs - node.expandedMs < RECHECK_MS) return;
    node.expandedMs = context.nowMs;
    expand(node, path.label, 0, 'urgent', LOCAL_PAGES, () => go());
  }

  function again(): void {
    const { map, nowMs } = context;
    if (map.size >= LOCAL_NODES) return;
    for (const node of map.nodes()) {
      if (nowMs - node.expandedMs > RECRAWL_MS) node.expandedMs = Number.NEGATIVE_INFINITY;
    }
    idleVersion = -1;
    isUrgent = true;
    queue.length = 0;
    go();
  }

  return { go, expand, recheck, again, isComplete: () => complete };
}

/** `tar` of a page: the label of the first interface wanted, 1 for all. */
export function pageLabel(scheme: EncodingScheme, from: number): Label {
  const director = from === 0 ? null : smallestDirector(from, scheme);
  return director === null ? SELF_LABEL : director.value | (1n << BigInt(director.bits));
}

/**
 * After what time a node that was just read is asked again. Through one with a single peer no way leads; a hub is read in turns
 * anyway, and would get round to each of its pages too seldom.
 * @param before its links as they were
 * @param isWhole one page held all its peers
 */
function nextRefreshMs({ links, refreshMs }: MapNode, before: readonly Link[], isWhole: boolean): number {
  if (!isWhole) return REFRESH_MS;
  if (links.length <= 1) return STEADY_REFRESH_MS;
  const isSteady = links.length === before.length && links.every((link, index) => link === before[index]);
  return isSteady ? Math.min(2 * refreshMs, STEADY_REFRESH_MS) : REFRESH_MS;
}

/**
 * Enters a page of peers.
 * @returns the interface at which the next page begins; null if this was the last
 */
function readPeers(context: Context, answer: Answer, from: number): number | null {
  const { map, options } = context;
  const parent = answer.node;
  if (parent === null) return null;
  const listed = answer.reply.nodes.slice(-MAX_LISTED);
  const numbers = new Set<number>();
  for (const entry of listed) {
    const director = firstDirector(entry.label, parent.scheme);
    if (entry.label === SELF_LABEL) continue;
    if (director === null || log2(entry.label) !== director.bits) {
      options.counters.add('route.notOneHop');
      continue;
    }
    numbers.add(director.number);
    enter(context, parent, director.number, entry);
  }
  const last = Math.max(-1, ...numbers);
  const isLast = listed.length < LIST_LIMIT;
  if (parent.scheme === V358) {
    for (const link of [...parent.links]) {
      const covered = link.interfaceNumber >= from && (isLast || link.interfaceNumber < last);
      if (covered && !numbers.has(link.interfaceNumber) && !isProven(context, link.to)) map.unlink(link);
    }
  }
  for (const link of parent.links) if (numbers.has(link.interfaceNumber)) link.downUntilMs = -1;
  return isLast || last < from ? null : last + 1;
}

/** A node heard a moment ago over this very link may be missing in a list made before. */
function isProven(context: Context, node: MapNode): boolean {
  return context.nowMs - node.heardMs < RECHECK_MS;
}

/** Enters one listed peer, if there is room. */
function enter(context: Context, parent: MapNode, interfaceNumber: number, entry: ListedNode): void {
  const { map, options, nowMs } = context;
  const address = addressOf(options.crypto, entry.key);
  if (address === null || entry.protocol < MIN_PROTOCOL) {
    options.counters.add('route.badEntry');
    return;
  }
  const id = addressKey(address);
  // Its link back to us belongs in the map: only so a path is seen that leads through ourselves.
  if (id === map.self.id) {
    map.link(parent, interfaceNumber, map.self, -1);
    return;
  }
  const old = parent.links.find((link) => link.interfaceNumber === interfaceNumber);
  if (old === undefined && map.get(id) === undefined && !map.mayBring(parent)) return;
  const child = map.ensure(entry.key, address, entry.protocol, false, nowMs);
  if (child !== null) map.link(parent, interfaceNumber, child, -1);
}

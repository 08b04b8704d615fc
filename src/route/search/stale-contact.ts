/**
 * The stale-contact check: what is tried before a contact that fell silent is given up ("ping before evict", Kademlia §2.2).
 * A path breaks six times as often as its end dies (it has five links and four relays), so a silent path says little about
 * the node: the others are tried, and for the closest nodes a search. Source: docs/routing.md, "Finding nodes and ways".
 */
import type { Label } from '../../wire/index.ts';
import { GAIN_SHARE, STALE_QUERIES, STALE_TRIES } from '../limits.ts';
import type { KnownPath } from '../map/known-path.ts';
import type { MapNode } from '../map/map.ts';
import { labelOf, shortestPaths } from '../map/paths.ts';
import { bestPath, type Context } from '../query/context.ts';
import { validate } from '../query/validate.ts';
import { relaysOf, waysTo } from './improve.ts';
import type { Searches } from './search.ts';

/** What is tried in turn; each is asked for its labels when its turn comes, since the map has learnt from the one before. */
const ATTEMPTS: readonly ((check: StaleCheck) => readonly Label[])[] = [
  ({ shortcut }) => (shortcut === null ? [] : [shortcut]),
  ({ best }) => (best === null ? [] : [best.label]),
  (check) => check.otherWays(),
];

/**
 * Asks a node whether it lives: over the way that looks cheapest, over its best path, then over all others that the map offers.
 * @param thorough whether to search for it after that
 * @param done called once, perhaps at once; false = all are silent. Where the budget leaves nothing to ask with, the node is kept
 */
export function checkStale(
  context: Context,
  searches: Pick<Searches, 'start'>,
  node: MapNode,
  thorough: boolean,
  done: (keep: boolean) => void,
): void {
  new StaleCheck(context, searches, node, thorough, done).next();
}

/** One check on its way through the attempts. */
class StaleCheck {
  readonly best: KnownPath | null;
  readonly shortcut: Label | null;
  readonly #context: Context;
  readonly #searches: Pick<Searches, 'start'>;
  readonly #node: MapNode;
  readonly #thorough: boolean;
  readonly #done: (keep: boolean) => void;
  #attempt = 0;

  constructor(
    context: Context,
    searches: Pick<Searches, 'start'>,
    node: MapNode,
    thorough: boolean,
    done: (keep: boolean) => void,
  ) {
    this.#context = context;
    this.#searches = searches;
    this.#node = node;
    this.#thorough = thorough;
    this.#done = done;
    this.best = bestPath(context, node, Number.POSITIVE_INFINITY);
    this.shortcut = this.best === null ? null : cheaperWay(context, node, this.best);
  }

  /** Makes the next attempt that has something to ask over; after the last one comes the search. */
  next(): void {
    for (;;) {
      const attempt = ATTEMPTS[this.#attempt++];
      if (attempt === undefined) return this.#search();
      const labels = attempt(this);
      if (labels.length > 0) return this.#ask(labels);
    }
  }

  /** All that the map offers, but for what was tried and for the relays of the best path, which may be what is dead. */
  otherWays(): readonly Label[] {
    const { best, shortcut } = this;
    const avoid = best === null ? new Set<MapNode>() : relaysOf(this.#context, best.label);
    const ways = [...waysTo(this.#context, this.#node, avoid)];
    return ways.filter((label) => label !== best?.label && label !== shortcut);
  }

  /** Pings over several labels at once: the first answer, or the silence of all, ends the attempt. */
  #ask(labels: readonly Label[]): void {
    let open = 0;
    let isOver = false;
    const end = (answered: boolean): void => {
      open--;
      if (isOver || (!answered && open > 0)) return;
      isOver = true;
      if (answered) return this.#done(true);
      this.#silent(labels);
      this.next();
    };
    for (const label of labels) {
      const isSent = validate(this.#context, {
        to: this.#node,
        label,
        purpose: 'upkeep',
        tries: STALE_TRIES,
        done: (answer) => end(answer !== null),
      });
      if (isSent) open++;
    }
    if (open === 0) this.#done(true);
  }

  #silent(labels: readonly Label[]): void {
    const { best } = this;
    if (best === null || !labels.includes(best.label)) return;
    best.suspect = true;
    this.#context.map.version++;
  }

  #search(): void {
    const isStarted =
      this.#thorough &&
      this.#searches.start({
        target: this.#node.address,
        queries: STALE_QUERIES,
        purpose: 'upkeep',
        wanted: true,
        done: ({ found }) => this.#done(found),
      });
    if (!isStarted) this.#done(false);
  }
}

/** What the map has learnt since the path was found: paths found by a search are often twice as long as needed. */
function cheaperWay(context: Context, node: MapNode, best: KnownPath): Label | null {
  const { map, nowMs } = context;
  const reach = shortestPaths(map, { nowMs, overPaths: true, target: node }).get(node);
  if (reach === undefined || reach.costMs >= map.costOf(best, nowMs) * (1 - GAIN_SHARE)) return null;
  return labelOf(reach);
}

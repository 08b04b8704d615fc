/**
 * What is tried before a contact is given up. Ways break six times as often as their ends die (a way has five links and four
 * relays), so that a silent way says little about the node: the others are tried, and for the closest ones a search.
 * Source: docs/routing.md, "Finding nodes and ways".
 */
import type { Label } from '../../wire/index.ts';
import { GAIN_SHARE, REVIVE_QUERIES, REVIVE_TRIES } from '../limits.ts';
import type { KnownPath } from '../map/known-path.ts';
import type { MapNode } from '../map/map.ts';
import { labelOf, spread } from '../map/paths.ts';
import { bestPath, type Context } from '../query/context.ts';
import { inquire } from '../query/verify.ts';
import { relaysOf, waysTo } from './improve.ts';
import type { Searches, SearchOptions } from './search.ts';

/**
 * Asks a node whether it lives: over the way that looks cheapest, over its best path, then over all others that the map offers.
 * @param thorough whether to search for it after that
 * @param done called once, perhaps at once; false = all are silent. Where the budget leaves nothing to ask with, the node is kept
 */
export function revive(
  context: Context,
  searches: Searches,
  node: MapNode,
  thorough: boolean,
  done: (keep: boolean) => void,
): void {
  const best = bestPath(context, node, Number.POSITIVE_INFINITY);
  const shortcut = best === null ? null : cheaperWay(context, node, best);
  const tryShortcut = (): void => {
    if (shortcut === null) return tryBest();
    askOver(context, node, [shortcut], (answered) => (answered ? done(true) : tryBest()));
  };
  const tryBest = (): void => {
    if (best === null) return tryOthers();
    askOver(context, node, [best.label], (answered) => {
      if (answered) return done(true);
      best.suspect = true;
      context.map.version++;
      tryOthers();
    });
  };
  const tryOthers = (): void => {
    const avoid = best === null ? new Set<MapNode>() : relaysOf(context, best.label);
    const others = [...waysTo(context, node, avoid)].filter((label) => label !== best?.label && label !== shortcut);
    askOver(context, node, others, (answered) => (answered ? done(true) : seek()));
  };
  const seek = (): void => {
    const search: SearchOptions = {
      target: node.address,
      queries: REVIVE_QUERIES,
      purpose: 'upkeep',
      wanted: true,
      done: ({ found }) => done(found),
    };
    if (!thorough || !searches.start(search)) done(false);
  };
  tryShortcut();
}

/** What the map has learnt since the path was found: paths found by a search are often twice as long as needed. */
function cheaperWay(context: Context, node: MapNode, best: KnownPath): Label | null {
  const { map, nowMs } = context;
  const reach = spread(map, { nowMs, overPaths: true, target: node }).get(node);
  if (reach === undefined || reach.costMs >= map.costOf(best, nowMs) * (1 - GAIN_SHARE)) return null;
  return labelOf(reach);
}

/** Pings over several labels at once. @param done called once: with the first answer (or if none could be sent), or when all are silent */
function askOver(context: Context, node: MapNode, labels: readonly Label[], done: (answered: boolean) => void): void {
  let open = 0;
  let ended = false;
  const end = (answered: boolean): void => {
    open--;
    if (ended || (!answered && open > 0)) return;
    ended = true;
    done(answered);
  };
  for (const label of labels) {
    const isSent = inquire(context, {
      to: node,
      label,
      purpose: 'upkeep',
      tries: REVIVE_TRIES,
      done: (answer) => end(answer !== null),
    });
    if (isSent) open++;
  }
  if (open === 0) done(labels.length > 0);
}

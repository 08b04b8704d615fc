/** Finding a first path to a target: what the map offers is pinged, the rest is searched, again and again while it is wanted. */
import { jittered } from '../../base/index.ts';
import { JITTER, MAX_SEARCH_RETRY_MS, SEARCH_QUERIES, SEARCH_RETRY_MS, WANT_MS } from '../limits.ts';
import type { MapNode } from '../map/map.ts';
import type { Context } from '../query/context.ts';
import { validate } from '../query/validate.ts';
import type { Crawl } from '../search/crawl.ts';
import { waysTo } from '../search/improve.ts';
import type { Searches } from '../search/search.ts';
import type { Target } from './target.ts';

/** What the resolver asks the owner of the targets. */
export type ResolverOwner = {
  /** Whether the target is still in the table. */
  readonly isOpen: (target: Target) => boolean;
  /** A path answered, or did not: choose again. */
  readonly check: (target: Target) => void;
  /** Finds the node of the target in the map. */
  readonly attach: (target: Target) => void;
};

/** The resolver of one router. */
export type Resolver = {
  /** Looks for paths. @param urgent user data waits: the map is asked first, and the search begins if that fails */
  readonly resolve: (target: Target, urgent: boolean) => void;
  /** Verifies the ways that the map knows, avoiding nodes believed dead. @returns whether one is being asked */
  readonly pingWays: (target: Target, node: MapNode, avoid: ReadonlySet<MapNode>) => boolean;
  readonly search: (target: Target) => void;
};

export function createResolver(context: Context, crawl: Crawl, searches: Searches, owner: ResolverOwner): Resolver {
  function resolve(target: Target, urgent: boolean): void {
    const asked = target.node === null ? false : pingWays(target, target.node, new Set());
    // A node of the local map answers in one round trip: the search starts only if it does not.
    if (!asked || !urgent) search(target);
    else if (target.resolving.retry === null) plan(target, SEARCH_RETRY_MS);
  }

  function pingWays(target: Target, node: MapNode, avoid: ReadonlySet<MapNode>): boolean {
    let asked = false;
    for (const label of waysTo(context, node, avoid)) {
      if (context.pending.isAsking(node.id, label)) asked = true;
      else if (validate(context, { to: node, label, purpose: 'urgent', done: () => owner.check(target) })) asked = true;
    }
    return asked;
  }

  function search(target: Target): void {
    if (target.resolving.isSearching) return;
    // Before the start: a search that has nobody to ask ends within it.
    target.resolving.isSearching = true;
    const started = searches.start({
      target: target.address,
      queries: SEARCH_QUERIES,
      purpose: 'urgent',
      wanted: true,
      goOn: target.resolving.candidates,
      done: (result) => {
        target.resolving.isSearching = false;
        // A search that was cut short is gone on with; one that has asked everybody begins anew.
        target.resolving.candidates = result.isCutShort ? result.candidates : [];
        context.effects.push({
          type: 'searchEnded',
          id: null,
          address: target.address,
          found: result.found,
          key: result.answer?.node?.key ?? null,
          label: result.answer?.label ?? null,
          hops: result.answer?.path?.hops ?? null,
          queries: result.queries,
          elapsedMs: result.elapsedMs,
          tooFar: result.tooFar,
        });
        if (!owner.isOpen(target)) return;
        if (!result.found) crawl.again();
        if (target.current === null || target.current.suspect) plan(target, target.resolving.waitMs);
      },
    });
    if (started) return;
    target.resolving.isSearching = false;
    plan(target, target.resolving.waitMs);
  }

  /** The next attempt, while somebody wants the target. */
  function plan(target: Target, delayMs: number): void {
    target.resolving.retry?.cancel();
    target.resolving.retry = context.timers.at(
      'searchAgain',
      context.nowMs + jittered(context.options.rng, delayMs, JITTER),
      () => {
        target.resolving.retry = null;
        if (!owner.isOpen(target) || context.nowMs - target.demand.wantedMs > WANT_MS) return;
        if (target.current !== null && !target.current.suspect) return;
        target.resolving.waitMs = Math.min(target.resolving.waitMs * 2, MAX_SEARCH_RETRY_MS);
        owner.attach(target);
        if (target.node !== null) pingWays(target, target.node, new Set());
        search(target);
        if (target.resolving.retry === null) plan(target, target.resolving.waitMs);
      },
    );
  }

  return { resolve, pingWays, search };
}

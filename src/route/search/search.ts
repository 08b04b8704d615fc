/**
 * Iterative search: ask the known nodes closest to the target who is closer, three at a time. Source: protocol 08 §3, §6;
 * docs/routing.md, "Finding nodes and ways".
 *
 * Every label in an answer is spliced on the path to the node that gave it, and refused where it does not fit. The target
 * is found when it answers itself.
 */
import { addressKey, addressOf, compareDistance, type Ip6, type PublicKey } from '../../crypto/index.ts';
import { INVALID, log2, SELF_LABEL, splice } from '../../switch/index.ts';
import type { Label, ListedNode } from '../../wire/index.ts';
import {
  MAX_LISTED,
  MAX_SEARCHES,
  SEARCH_CANDIDATES,
  SEARCH_CLOSEST,
  SEARCH_PARALLEL,
  SHORTEN_WAYS,
} from '../limits.ts';
import { labelOf, spread } from '../map/paths.ts';
import { nearer, type TooFar, tooFarOnMap, tooFarOver } from '../map/too-far.ts';
import type { Purpose } from '../query/budget.ts';
import { type Context, surePath } from '../query/context.ts';
import type { Answer } from '../query/pending.ts';
import { inquire } from '../query/verify.ts';
import { MIN_PROTOCOL } from '../spec.ts';
import { type LongWay, shorten } from './shorten.ts';

/** How a search ended. */
export type SearchResult = {
  readonly found: boolean;
  readonly answer: Answer | null;
  readonly queries: number;
  /** It ended for want of queries, not of nodes to ask. */
  readonly isCutShort: boolean;
  readonly elapsedMs: number;
  /** Not found, because only ways were named that no label holds: the shortest of them. */
  readonly tooFar: TooFar | null;
  /** Who was met, closest to the target first: where another search may go on. */
  readonly candidates: readonly Candidate[];
};

/** What to look for. */
export type SearchOptions = {
  readonly target: Ip6;
  /** Queries at most. */
  readonly queries: number;
  readonly purpose: Purpose;
  /** Whether to ask the target itself when it is met; false for look-ups that only fill contacts. */
  readonly wanted: boolean;
  /** Candidates of the last search for this target, which found nothing: it goes on from there. */
  readonly goOn?: readonly Candidate[];
  readonly done: (result: SearchResult) => void;
};

/** A node that may be asked. */
export type Candidate = {
  readonly id: string;
  readonly key: PublicKey;
  readonly address: Ip6;
  readonly protocol: number;
  label: Label;
  asked: boolean;
};

/** The searches of one router. */
export type Searches = {
  /** Starts a search. @returns false if too many are under way (`done` is not called) */
  readonly start: (options: SearchOptions) => boolean;
  readonly size: () => number;
};

export function createSearches(context: Context): Searches {
  let running = 0;
  return {
    start: (options) => {
      if (running >= MAX_SEARCHES) {
        context.options.counters.add('route.searchLimit');
        return false;
      }
      running++;
      run(context, {
        ...options,
        done: (result) => {
          running--;
          const { target } = options;
          if (result.tooFar !== null) context.far.note(target, result.tooFar, context.nowMs);
          // One that went on where another ended did not ask those who might have named it.
          else if (options.wanted && !result.isCutShort && (options.goOn ?? []).length === 0)
            context.far.forget(addressKey(target));
          options.done(result);
        },
      });
      return true;
    },
    size: () => running,
  };
}

function run(context: Context, options: SearchOptions): void {
  const { target } = options;
  const targetId = addressKey(target);
  const startMs = context.nowMs;
  const candidates: Candidate[] = [];
  const seen = new Map<string, Candidate>();
  let queries = 0;
  /** Queries counted against the width: late ones are not. */
  let active = 0;
  let open = 0;
  let ended = false;
  /** Ways to the target that were too long for a label, and the shortest of them. */
  let shortened = 0;
  let longWay: TooFar | null = null;
  /** It was asked over a label: if it is silent there, it is not for the length of other ways. */
  let isInReach = false;
  const asking = new Set<Label>();

  function end(answer: Answer | null): void {
    if (ended) return;
    ended = true;
    const tooFar = answer === null && options.wanted && !isInReach ? (longWay ?? onMap()) : null;
    const isCutShort = answer === null && queries >= options.queries;
    const elapsedMs = context.nowMs - startMs;
    options.done({ found: answer !== null, answer, queries, elapsedMs, tooFar, isCutShort, candidates });
  }

  /** Nobody named it, but somebody lists it as a peer. */
  function onMap(): TooFar | null {
    const node = context.map.get(targetId);
    return node === undefined ? null : tooFarOnMap(context.map, node, context.nowMs);
  }

  function add(key: PublicKey, address: Ip6, protocol: number, label: Label): void {
    const id = addressKey(address);
    const known = seen.get(id);
    if (known !== undefined) {
      if (!known.asked && log2(label) < log2(known.label)) known.label = label;
      if (id === targetId && options.wanted) askTarget({ ...known, label });
      return;
    }
    const candidate: Candidate = { id, key, address, protocol, label, asked: false };
    let at = candidates.length;
    while (at > 0 && isCloser(address, candidates[at - 1])) at--;
    if (at >= SEARCH_CANDIDATES) return;
    candidates.splice(at, 0, candidate);
    seen.set(id, candidate);
    const dropped = candidates.length > SEARCH_CANDIDATES ? candidates.pop() : undefined;
    if (dropped !== undefined) seen.delete(dropped.id);
    if (id === targetId && options.wanted) askTarget(candidate);
  }

  function isCloser(address: Ip6, other: Candidate | undefined): boolean {
    return other !== undefined && compareDistance(target, address, other.address) < 0;
  }

  /** The target is asked over each label that leads to it: the first answer ends the search. */
  function askTarget(candidate: Candidate): void {
    if (asking.has(candidate.label) || asking.size >= SEARCH_PARALLEL) return;
    asking.add(candidate.label);
    isInReach = true;
    const known = seen.get(candidate.id);
    if (known !== undefined) known.asked = true;
    ask(candidate, true);
  }

  function ask(candidate: Candidate, isTarget: boolean): void {
    candidate.asked = true;
    queries++;
    let counted = true;
    const release = (): void => {
      if (counted) active--;
      counted = false;
    };
    const sent = inquire(context, {
      to: candidate,
      label: candidate.label,
      purpose: options.purpose,
      query: isTarget ? 'pn' : 'fn',
      target: isTarget ? null : target,
      tries: isTarget ? 3 : 2,
      impatient: true,
      late: () => {
        release();
        next();
      },
      done: (answer) => {
        release();
        if (ended) return;
        if (answer !== null) {
          if (isTarget) return end(answer);
          for (const entry of answer.reply.nodes.slice(-MAX_LISTED)) enter(entry, candidate, answer.label);
        } else if (isTarget) asking.delete(candidate.label);
        open--;
        next();
      },
    });
    if (sent) {
      open++;
      active++;
    }
  }

  function enter(entry: ListedNode, at: Candidate, via: Label): void {
    if (entry.protocol < MIN_PROTOCOL || entry.label === SELF_LABEL || entry.label === 0n) return;
    const label = splice(entry.label, via);
    const address = addressOf(context.options.crypto, entry.key);
    if (address === null) return context.options.counters.add('route.badEntry');
    if (label === INVALID) {
      context.options.counters.add('route.labelOverflow');
      if (addressKey(address) === targetId && options.wanted) shortenWay({ at, label: via, rest: entry.label }, entry);
    } else if (addressKey(address) !== context.map.self.id) add(entry.key, address, entry.protocol, label);
  }

  /** The target was named, but too far away for one label. */
  function shortenWay(way: LongWay, { key, protocol }: ListedNode): void {
    longWay = nearer(longWay, tooFarOver(way.label, way.rest));
    if (shortened >= SHORTEN_WAYS) return;
    shortened++;
    open++;
    const asking = (): void => void queries++;
    shorten(context, way, asking, (label, shortest) => {
      open--;
      longWay = nearer(longWay, tooFarOver(shortest.label, shortest.rest));
      if (ended) return;
      context.options.counters.add(label === null ? 'route.tooLong' : 'route.shortened');
      if (label !== null) add(key, target, protocol, label);
      next();
    });
  }

  function next(): void {
    if (ended) return;
    while (active < SEARCH_PARALLEL && queries < options.queries) {
      const candidate = candidates
        .slice(0, Math.max(SEARCH_CLOSEST, candidates.length >> 1))
        .find(({ asked }) => !asked);
      if (candidate === undefined) break;
      ask(candidate, false);
      if (ended) return;
    }
    if (open === 0) end(null);
  }

  for (const candidate of options.goOn ?? []) {
    // The target itself is to be asked again, over whatever leads to it.
    if (candidate.id === targetId) continue;
    const known = { ...candidate };
    candidates.push(known);
    seen.set(known.id, known);
  }
  for (const [node, reach] of spread(context.map, { nowMs: context.nowMs, overPaths: true })) {
    if (node.heardMs === Number.NEGATIVE_INFINITY && node.id !== targetId) continue;
    const label = surePath(context, node)?.label ?? labelOf(reach);
    if (label !== null) add(node.key, node.address, node.protocol, label);
  }
  next();
}

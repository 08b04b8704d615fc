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
import { labelOf, shortestPaths } from '../map/paths.ts';
import { nearer, type TooFar, tooFarOnMap, tooFarOver } from '../map/too-far.ts';
import type { Purpose } from '../query/budget.ts';
import { type Context, recentlyValidatedPath } from '../query/context.ts';
import type { Answer } from '../query/pending.ts';
import { validate } from '../query/validate.ts';
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

/** The target gets its three tries; of the others there are more than one. */
const TARGET_TRIES = 3;
const CANDIDATE_TRIES = 2;

export function createSearches(context: Context): Searches {
  let running = 0;
  return {
    start: (options) => {
      if (running >= MAX_SEARCHES) {
        context.options.counters.add('route.searchLimit');
        return false;
      }
      running++;
      new Search(context, {
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
      }).begin();
      return true;
    },
    size: () => running,
  };
}

/** Who may be asked, closest to the target first: bounded, each node once. */
class Shortlist {
  readonly #target: Ip6;
  readonly all: Candidate[] = [];
  readonly #byId = new Map<string, Candidate>();

  constructor(target: Ip6) {
    this.#target = target;
  }

  get(id: string): Candidate | undefined {
    return this.#byId.get(id);
  }

  /** Takes somebody over from the last search, who is in its place already. */
  keep(candidate: Candidate): void {
    this.all.push(candidate);
    this.#byId.set(candidate.id, candidate);
  }

  /** @returns false if there are enough who are closer */
  add(candidate: Candidate): boolean {
    let at = this.all.length;
    while (at > 0 && this.#isCloser(candidate.address, this.all[at - 1])) at--;
    if (at >= SEARCH_CANDIDATES) return false;
    this.all.splice(at, 0, candidate);
    this.#byId.set(candidate.id, candidate);
    const dropped = this.all.length > SEARCH_CANDIDATES ? this.all.pop() : undefined;
    if (dropped !== undefined) this.#byId.delete(dropped.id);
    return true;
  }

  /** The closest who was not asked yet, of the closer half. */
  next(): Candidate | undefined {
    return this.all.slice(0, Math.max(SEARCH_CLOSEST, this.all.length >> 1)).find(({ asked }) => !asked);
  }

  #isCloser(address: Ip6, other: Candidate | undefined): boolean {
    return other !== undefined && compareDistance(this.#target, address, other.address) < 0;
  }
}

/** One search under way. */
class Search {
  readonly #context: Context;
  readonly #options: SearchOptions;
  readonly #targetId: string;
  readonly #startMs: number;
  readonly #candidates: Shortlist;
  #queries = 0;
  /** Queries counted against the width: late ones are not. */
  #active = 0;
  /** All that may still bring something. */
  #open = 0;
  #isOver = false;
  /** Ways to the target that were too long for a label, and the shortest of them. */
  #shortened = 0;
  #longWay: TooFar | null = null;
  /** The target was asked over a label: if it is silent there, it is not for the length of other ways. */
  #isInReach = false;
  /** Labels over which the target is being asked. */
  readonly #asking = new Set<Label>();

  constructor(context: Context, options: SearchOptions) {
    this.#context = context;
    this.#options = options;
    this.#targetId = addressKey(options.target);
    this.#startMs = context.nowMs;
    this.#candidates = new Shortlist(options.target);
  }

  begin(): void {
    const { map, nowMs } = this.#context;
    // The target itself is to be asked again, over whatever leads to it.
    for (const candidate of this.#options.goOn ?? [])
      if (candidate.id !== this.#targetId) this.#candidates.keep({ ...candidate });
    for (const [node, reach] of shortestPaths(map, { nowMs, overPaths: true })) {
      if (node.heardMs === Number.NEGATIVE_INFINITY && node.id !== this.#targetId) continue;
      const label = recentlyValidatedPath(this.#context, node)?.label ?? labelOf(reach);
      if (label !== null) this.#meet(node.key, node.address, node.protocol, label);
    }
    this.#next();
  }

  /** Somebody was named: who is new may be asked, and the target is. */
  #meet(key: PublicKey, address: Ip6, protocol: number, label: Label): void {
    const id = addressKey(address);
    const isTarget = id === this.#targetId && this.#options.wanted;
    const known = this.#candidates.get(id);
    if (known !== undefined) {
      if (!known.asked && log2(label) < log2(known.label)) known.label = label;
      if (isTarget) this.#askTarget({ ...known, label });
      return;
    }
    const candidate: Candidate = { id, key, address, protocol, label, asked: false };
    if (this.#candidates.add(candidate) && isTarget) this.#askTarget(candidate);
  }

  /** The target is asked over each label that leads to it: the first answer ends the search. */
  #askTarget(candidate: Candidate): void {
    if (this.#asking.has(candidate.label) || this.#asking.size >= SEARCH_PARALLEL) return;
    this.#asking.add(candidate.label);
    this.#isInReach = true;
    const known = this.#candidates.get(candidate.id);
    if (known !== undefined) known.asked = true;
    this.#ask(candidate, { query: 'pn', target: null, tries: TARGET_TRIES }, (answer) => {
      if (answer !== null) return this.#end(answer);
      this.#asking.delete(candidate.label);
      this.#closed();
    });
  }

  #askCandidate(candidate: Candidate): void {
    const { target } = this.#options;
    this.#ask(candidate, { query: 'fn', target, tries: CANDIDATE_TRIES }, (answer) => {
      for (const entry of answer?.reply.nodes.slice(-MAX_LISTED) ?? [])
        if (answer !== null) this.#enter(entry, candidate, answer.label);
      this.#closed();
    });
  }

  #ask(
    candidate: Candidate,
    how: { readonly query: 'pn' | 'fn'; readonly target: Uint8Array | null; readonly tries: number },
    done: (answer: Answer | null) => void,
  ): void {
    candidate.asked = true;
    this.#queries++;
    let isCounted = true;
    const release = (): void => {
      if (isCounted) this.#active--;
      isCounted = false;
    };
    const { label } = candidate;
    const { purpose } = this.#options;
    const isSent = validate(this.#context, {
      to: candidate,
      label,
      purpose,
      ...how,
      impatient: true,
      late: () => {
        release();
        this.#next();
      },
      done: (answer) => {
        release();
        if (!this.#isOver) done(answer);
      },
    });
    if (!isSent) return;
    this.#open++;
    this.#active++;
  }

  /** A node that an answer lists: its label is spliced on that of whoever answered. */
  #enter(entry: ListedNode, at: Candidate, via: Label): void {
    const { map, options } = this.#context;
    if (entry.protocol < MIN_PROTOCOL || entry.label === SELF_LABEL || entry.label === 0n) return;
    const label = splice(entry.label, via);
    const address = addressOf(options.crypto, entry.key);
    if (address === null) return options.counters.add('route.badEntry');
    const id = addressKey(address);
    if (label !== INVALID) {
      if (id !== map.self.id) this.#meet(entry.key, address, entry.protocol, label);
      return;
    }
    options.counters.add('route.labelOverflow');
    if (id === this.#targetId && this.#options.wanted) this.#shorten({ at, label: via, rest: entry.label }, entry);
  }

  /** The target was named, but too far away for one label. */
  #shorten(way: LongWay, { key, protocol }: ListedNode): void {
    this.#longWay = nearer(this.#longWay, tooFarOver(way.label, way.rest));
    if (this.#shortened >= SHORTEN_WAYS) return;
    this.#shortened++;
    this.#open++;
    const asking = (): void => void this.#queries++;
    shorten(this.#context, way, asking, (label, shortest) => {
      this.#longWay = nearer(this.#longWay, tooFarOver(shortest.label, shortest.rest));
      if (!this.#isOver) {
        this.#context.options.counters.add(label === null ? 'route.tooLong' : 'route.shortened');
        if (label !== null) this.#meet(key, this.#options.target, protocol, label);
      }
      this.#closed();
    });
  }

  /** Something that might have brought more is over. */
  #closed(): void {
    this.#open--;
    this.#next();
  }

  #next(): void {
    while (!this.#isOver && this.#active < SEARCH_PARALLEL && this.#queries < this.#options.queries) {
      const candidate = this.#candidates.next();
      if (candidate === undefined) break;
      this.#askCandidate(candidate);
    }
    if (this.#open === 0) this.#end(null);
  }

  #end(answer: Answer | null): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { wanted, queries: mostQueries, done } = this.#options;
    const found = answer !== null;
    const tooFar = !found && wanted && !this.#isInReach ? (this.#longWay ?? this.#onMap()) : null;
    const isCutShort = !found && this.#queries >= mostQueries;
    const elapsedMs = this.#context.nowMs - this.#startMs;
    done({ found, answer, queries: this.#queries, elapsedMs, tooFar, isCutShort, candidates: this.#candidates.all });
  }

  /** Nobody named it, but somebody lists it as a peer. */
  #onMap(): TooFar | null {
    const { map, nowMs } = this.#context;
    const node = map.get(this.#targetId);
    return node === undefined ? null : tooFarOnMap(map, node, nowMs);
  }
}

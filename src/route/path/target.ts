/** One node that sessions want, and what is remembered about the ways to it. */
import type { Ip6, PublicKey } from '../../crypto/index.ts';
import { SEARCH_RETRY_MS } from '../limits.ts';
import type { KnownPath } from '../map/known-path.ts';
import type { MapNode } from '../map/map.ts';
import type { Timer } from '../query/timer-queue.ts';
import type { Candidate } from '../search/search.ts';
import type { ChoiceState } from './choose.ts';
import { Damping } from './damping.ts';
import { type Demand, newDemand } from './demand.ts';

/** The search for a first path. */
export type Resolving = {
  isSearching: boolean;
  /** Whom the last search met, if it was cut short. */
  candidates: readonly Candidate[];
  /** The next wait between two attempts. */
  waitMs: number;
  retry: Timer | null;
};

/** The watch over the paths that are there. */
export type Watching = {
  /** Rounds of improvement, and probes, since the path in use was adopted. */
  improvements: number;
  probes: number;
  isBursting: boolean;
  burstMs: number;
  /** A path is being tried with a train of pings. */
  isTrying: boolean;
  /** Version of the map when the paths were last searched for loops. */
  prunedAt: number;
  probe: Timer | null;
  improve: Timer | null;
  /** A query over the path in use, after one over another. */
  pinPath: Timer | null;
};

/** A node that sessions want. */
export type Target = ChoiceState & {
  readonly id: string;
  readonly address: Ip6;
  key: PublicKey | null;
  node: MapNode | null;
  current: KnownPath | null;
  spare: KnownPath | null;
  /** What the node was told of the path in use, as `holeUntilMs` has it. */
  toldHoleMs: number | null;
  readonly demand: Demand;
  readonly resolving: Resolving;
  readonly watching: Watching;
  /** Failures of its paths. */
  readonly damping: Damping;
};

/** A target of which nothing is known yet. */
export function newTarget(id: string, address: Ip6, nowMs: number): Target {
  return {
    id,
    address,
    key: null,
    node: null,
    current: null,
    shorter: null,
    spare: null,
    toldHoleMs: null,
    demand: newDemand(nowMs),
    resolving: { isSearching: false, candidates: [], waitMs: SEARCH_RETRY_MS, retry: null },
    watching: {
      improvements: 0,
      probes: 0,
      isBursting: false,
      burstMs: Number.NEGATIVE_INFINITY,
      isTrying: false,
      prunedAt: -1,
      probe: null,
      improve: null,
      pinPath: null,
    },
    damping: new Damping(),
  };
}

/** Cancels all that is planned for it. */
export function cancelPlans({ resolving, watching }: Target): void {
  for (const plan of [watching.probe, watching.improve, watching.pinPath, resolving.retry]) plan?.cancel();
}

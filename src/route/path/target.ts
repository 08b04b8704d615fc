/** One node that sessions want, and what is remembered about the ways to it. */
import type { Ip6, PublicKey } from '../../crypto/index.ts';
import type { Label } from '../../wire/index.ts';
import { RESTING_MS, SEARCH_RETRY_MS } from '../limits.ts';
import type { KnownPath } from '../map/known-path.ts';
import type { MapNode } from '../map/map.ts';
import type { Appointment } from '../query/agenda.ts';
import type { Context } from '../query/context.ts';
import type { Candidate } from '../search/search.ts';
import type { ChoiceState } from './choose.ts';
import { Damping } from './damping.ts';

/** A node that sessions want. */
export type Target = ChoiceState & {
  readonly id: string;
  readonly address: Ip6;
  key: PublicKey | null;
  node: MapNode | null;
  spare: KnownPath | null;
  /** Last request. */
  wantedMs: number;
  /** Last traffic that arrived. */
  trafficMs: number;
  /** When its pings began to come fast, and how many came. */
  askedSinceMs: number;
  asked: number;
  /** Label of the last traffic that arrived: the way back is known to work. */
  arrivedOver: Label | null;
  searching: boolean;
  /** Whom the last search met, if it was cut short. */
  candidates: readonly Candidate[];
  retryMs: number;
  improvements: number;
  probes: number;
  bursting: boolean;
  burstMs: number;
  /** Version of the map when its paths were last searched for loops. */
  prunedAt: number;
  /** What the node was told of the path in use, as `holeUntilMs` has it. */
  toldHoleMs: number | null;
  /** Failures of its paths. */
  readonly damping: Damping;
  /** A path is being tried with a train of pings. */
  trying: boolean;
  probe: Appointment | null;
  improve: Appointment | null;
  retry: Appointment | null;
  /** A query over the path in use, after one over another. */
  lastWord: Appointment | null;
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
    sinceMs: 0,
    spare: null,
    wantedMs: nowMs,
    trafficMs: Number.NEGATIVE_INFINITY,
    askedSinceMs: Number.NEGATIVE_INFINITY,
    asked: 0,
    heavyMs: Number.NEGATIVE_INFINITY,
    bytes: 0,
    arrivedOver: null,
    searching: false,
    candidates: [],
    retryMs: SEARCH_RETRY_MS,
    improvements: 0,
    probes: 0,
    bursting: false,
    burstMs: Number.NEGATIVE_INFINITY,
    toldHoleMs: null,
    prunedAt: -1,
    damping: new Damping(),
    trying: false,
    probe: null,
    improve: null,
    retry: null,
    lastWord: null,
  };
}

/** Nobody has used it for a while. */
export function isResting(context: Context, target: Target): boolean {
  return context.nowMs - Math.max(target.wantedMs, target.trafficMs) > RESTING_MS;
}

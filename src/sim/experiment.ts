/**
 * One experiment: a mesh starts cold, lives under churn, is measured in peace, is asked for paths, and perhaps loses a
 * share of its nodes. The figures are explained in docs/simulation.md.
 */
import type { CryptoBackend, Identity } from '../crypto/index.ts';
import { startChurn } from './churn.ts';
import { type FailureReport, measureFailure } from './failure.ts';
import { Flows } from './flows.ts';
import { type Lookups, measureLookups } from './lookups.ts';
import { makeTopology, type Topology } from './topologies.ts';
import { KINDS, type Kind } from './traffic-meter.ts';
import { World } from './world.ts';

/** What to do. */
export type ExperimentOptions = {
  readonly topology: Topology;
  readonly nodes: number;
  readonly seed: number;
  /** From the cold start to the first measurement; the last part of it is when traffic is measured. */
  readonly warmUpMs: number;
  readonly trafficMs: number;
  /** Pairs looked up. */
  readonly pairs: number;
  readonly churn: boolean;
  /** Share of nodes that die at the end, 0 to 1; 0 = none. */
  readonly killed: number;
  readonly sessions: number;
  readonly crypto?: CryptoBackend;
  readonly identities?: readonly Identity[];
  /** Told what is going on. */
  readonly progress?: (text: string) => void;
};

/** The usual amounts. */
export const DEFAULTS = {
  warmUpMs: 120_000,
  trafficMs: 60_000,
  pairs: 200,
  churn: true,
  killed: 0,
  sessions: 200,
} as const;

/** Bytes per second of a kind: mean per node, and at the node with the most. */
export type Rate = { readonly own: number; readonly relayed: number; readonly peak: number };

/** What came of it. */
export type Report = {
  readonly options: ExperimentOptions;
  readonly links: number;
  /** Traffic in peace; null with real cryptography, which hides what is what. */
  readonly background: Readonly<Record<Kind, Rate>> | null;
  readonly found: Lookups;
  readonly failure: FailureReport | null;
  /** Datagrams sent in all and events on the clock: the same seed gives the same. */
  readonly datagrams: number;
  readonly events: number;
  /** Sum over all nodes of what they counted: refusals, queries. */
  readonly counters: ReadonlyMap<string, number>;
};

/** Runs it; everything is over when the promise settles. */
export async function runExperiment(options: ExperimentOptions): Promise<Report> {
  const { topology, nodes, seed, crypto, identities } = options;
  const say = options.progress ?? (() => {});
  const graph = makeTopology(topology, nodes, seed);
  const world = new World({
    seed,
    graph,
    ...(crypto === undefined ? {} : { crypto }),
    ...(identities === undefined ? {} : { identities }),
  });
  const flows = new Flows(world);
  say(`${topology} ${nodes}, seed ${seed}: ${graph.edges.length} links`);
  world.startAll();
  if (options.churn) startChurn(world);
  await pass(world, options.warmUpMs - options.trafficMs, 'warm-up', say);
  world.meter.reset();
  await pass(world, options.trafficMs, 'background traffic', say);
  const background = world.crypto.name === 'simulated' ? rates(world, options.trafficMs) : null;
  const found = await measureLookups(world, flows, options.pairs, Math.max(50, 20_000 / options.pairs), say);
  let failure: FailureReport | null = null;
  if (options.killed > 0) {
    failure = await measureFailure(world, flows, options.sessions, options.killed, say);
  }
  const counters = sumCounters(world);
  world.stopAll();
  const { underlay, clock } = world;
  return {
    options,
    links: graph.edges.length,
    background,
    found,
    failure,
    datagrams: underlay.counts.sent,
    events: clock.fired,
    counters,
  };
}

const STEP_MS = 10_000;

async function pass(world: World, durationMs: number, what: string, say: (text: string) => void): Promise<void> {
  for (let leftMs = durationMs; leftMs > 0; leftMs -= STEP_MS) {
    await world.run(Math.min(STEP_MS, leftMs));
    say(`${what}: ${Math.round((durationMs - Math.max(0, leftMs - STEP_MS)) / 1000)} s of ${durationMs / 1000} s`);
  }
}

function rates(world: World, durationMs: number): Readonly<Record<Kind, Rate>> {
  const seconds = durationMs / 1000;
  const perNode = seconds * world.graph.size;
  const rate = (kind: Kind): Rate => {
    const { own, relayed } = world.meter.total(kind);
    return { own: own / perNode, relayed: relayed / perNode, peak: world.meter.peak(kind) / seconds };
  };
  return Object.fromEntries(KINDS.map((kind) => [kind, rate(kind)])) as Record<Kind, Rate>;
}

function sumCounters(world: World): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (let host = 0; host < world.graph.size; host++) {
    for (const [name, count] of world.running(host)?.node.counters.all() ?? []) {
      sums.set(name, (sums.get(name) ?? 0) + count);
    }
  }
  return new Map([...sums].sort(([a], [b]) => (a < b ? -1 : 1)));
}

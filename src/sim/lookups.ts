/**
 * Lookups of random pairs as a user meets them: a search, then traffic for the rest of ten seconds, also where the search
 * is not over soon: traffic makes the node search again. What is found is held against the best label that exists then.
 */
import type { Flows } from './flows.ts';
import { adjacencyOf, follow, sessionLabel } from './map.ts';
import { type Adjacency, optimum } from './optimum.ts';
import { createSeededRng } from './seeded-rng.ts';
import type { World } from './world.ts';

const PAIR_STREAM = 5;
const TRAFFIC_MS = 250;
/** Traffic begins when the search has ended, at the latest after this time. */
const PATIENCE_MS = 3_000;
/** After this the user has given up, and refinement is judged. */
const JUDGED_MS = 10_000;
/** Lookups between two reports of progress. */
const SAID_EVERY = 20;
/** The observer looks at the whole mesh at most this often: it is work for every node. */
const OBSERVED_MS = 5_000;

/** One pair. Times from the begin of the lookup; stretch = latency by the latency of the best label. */
export type Lookup = {
  readonly from: number;
  readonly to: number;
  /** The first search ended with a label that leads there. */
  readonly atFirstTry: boolean;
  readonly queries: number;
  readonly firstPathMs: number | null;
  readonly firstStretch: number | null;
  readonly firstAnswerMs: number | null;
  /** Something came back within ten seconds, retries included. */
  readonly withRetries: boolean;
  readonly refinedStretch: number | null;
};

/** What was measured, and how many of the drawn pairs have a label at all. */
export type Lookups = { readonly lookups: readonly Lookup[]; readonly labelledShare: number };

/** Looks up `count` pairs that have a label, one every `gapMs`. @param say told how far it is */
export async function measureLookups(
  world: World,
  flows: Flows,
  count: number,
  gapMs: number,
  say: (text: string) => void = () => {},
): Promise<Lookups> {
  const observer = new Observer(world);
  const rng = createSeededRng(world.seed, PAIR_STREAM);
  const done: Lookup[] = [];
  let drawn = 0;
  let begun = 0;
  while (begun < count && drawn < count * 50) {
    const from = rng.below(world.graph.size);
    const to = rng.below(world.graph.size);
    if (from === to || world.running(from) === null || world.running(to) === null) continue;
    drawn++;
    if (observer.bestMs(from, to) === Number.POSITIVE_INFINITY) continue;
    begun++;
    lookUp(world, flows, observer, from, to, (lookup) => done.push(lookup));
    await world.run(gapMs);
    if (begun % SAID_EVERY === 0) say(`lookups: ${begun} of ${count}`);
  }
  await world.run(JUDGED_MS + 100);
  return { lookups: done, labelledShare: drawn === 0 ? 1 : begun / drawn };
}

function lookUp(
  world: World,
  flows: Flows,
  observer: Observer,
  from: number,
  to: number,
  done: (l: Lookup) => void,
): void {
  const { clock } = world;
  const beganMs = clock.nowMs();
  let search = {
    atFirstTry: false,
    queries: 0,
    firstPathMs: null as number | null,
    firstStretch: null as number | null,
  };
  let flow: ReturnType<Flows['begin']> | null = null;
  const source = world.running(from);
  const begin = (): void => {
    if (clock.nowMs() < beganMs + JUDGED_MS) flow ??= flows.begin(from, to, TRAFFIC_MS);
  };
  source?.node.find(world.identity(to).address, JUDGED_MS).then((result) => {
    const stretch = result.label === null ? null : observer.stretch(from, to, result.label);
    search = {
      atFirstTry: result.found && stretch !== null,
      queries: result.queries,
      firstPathMs: result.found ? result.elapsedMs : null,
      firstStretch: stretch,
    };
    begin();
  });
  clock.after(PATIENCE_MS, begin);
  clock.after(JUDGED_MS, () => {
    if (flow !== null) flows.end(flow);
    // Whoever died meanwhile was not looked up.
    if (world.running(from) !== source || world.running(to) === null) return;
    const label = sessionLabel(world, from, to);
    const answerMs = flow?.firstAnswerMs ?? null;
    done({
      from,
      to,
      ...search,
      firstAnswerMs: answerMs === null ? null : answerMs - beganMs,
      withRetries: answerMs !== null,
      refinedStretch: label === null ? null : observer.stretch(from, to, label),
    });
  });
}

/** The mesh as seen from above, looked at anew from time to time. */
export class Observer {
  readonly #world: World;
  #adjacency: Adjacency = [];
  #seenMs = Number.NEGATIVE_INFINITY;
  #best = new Map<number, Float64Array>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Latency of the best label, Infinity if there is none. */
  bestMs(from: number, to: number): number {
    this.#look();
    let row = this.#best.get(from);
    if (row === undefined) {
      row = optimum(this.#adjacency, from).labelledMs;
      this.#best.set(from, row);
    }
    return row[to] ?? Number.POSITIVE_INFINITY;
  }

  /** How much slower a label is than the best one; null if it does not lead to `to`. */
  stretch(from: number, to: number, label: bigint): number | null {
    const bestMs = this.bestMs(from, to);
    const way = follow(this.#adjacency, from, label);
    // A link that came or went since the last look can make the best look worse than what is used.
    return way === null || way.end !== to ? null : Math.max(1, way.latencyMs / bestMs);
  }

  #look(): void {
    const nowMs = this.#world.clock.nowMs();
    if (nowMs - this.#seenMs < OBSERVED_MS) return;
    this.#seenMs = nowMs;
    this.#adjacency = adjacencyOf(this.#world);
    this.#best = new Map();
  }
}

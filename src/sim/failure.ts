/** Many nodes die in one instant: how soon do the sessions of the others work again? */
import { massFailure } from './churn.ts';
import type { Flow, Flows } from './flows.ts';
import { Observer } from './lookups.ts';
import { createSeededRng } from './seeded-rng.ts';
import { share } from './statistics.ts';
import type { World } from './world.ts';

const SESSION_STREAM = 6;
const TRAFFIC_MS = 250;
/** Sessions are set up within this time, and then have as long to refine their paths. */
const SETTLE_MS = 15_000;
/** A session works while a question sent within this time has been answered. */
const WORKS_MS = 2_000;

/** Sessions set up between two reports of progress. */
const SAID_EVERY = 20;

/** Seconds after the failure at which sessions are counted. */
export const COUNTED_AT_S = [2, 5, 7, 10, 15, 30] as const;

/** What came of it. */
export type FailureReport = {
  readonly died: number;
  /** Sessions that worked before, whose ends live and still have a label. */
  readonly sessions: number;
  /** Share of them that work, at each of COUNTED_AT_S. */
  readonly working: readonly number[];
};

/** Sets up `count` sessions, kills `killed` (0 to 1) of the nodes, counts what works afterwards. @param say told how far it is */
export async function measureFailure(
  world: World,
  flows: Flows,
  count: number,
  killed: number,
  say: (text: string) => void = () => {},
): Promise<FailureReport> {
  const before = new Observer(world);
  const rng = createSeededRng(world.seed, SESSION_STREAM);
  const active: Flow[] = [];
  for (let tries = 0; active.length < count && tries < count * 50; tries++) {
    const from = rng.below(world.graph.size);
    const to = rng.below(world.graph.size);
    if (from === to || world.running(from) === null || world.running(to) === null) continue;
    if (before.bestMs(from, to) === Number.POSITIVE_INFINITY) continue;
    active.push(flows.begin(from, to, TRAFFIC_MS));
    await world.run(SETTLE_MS / count);
    if (active.length % SAID_EVERY === 0) say(`sessions: ${active.length} of ${count}`);
  }
  await world.run(SETTLE_MS);
  const deathMs = world.clock.nowMs();
  const worked = active.filter((flow) => flow.lastGoodSentMs > deathMs - WORKS_MS);
  const dead = massFailure(world, killed);
  say(`${dead.size} nodes died`);
  const after = new Observer(world);
  const counted = worked.filter(
    ({ from, to }) => !dead.has(from) && !dead.has(to) && after.bestMs(from, to) < Number.POSITIVE_INFINITY,
  );
  const working: number[] = [];
  for (const atS of COUNTED_AT_S) {
    await world.run(deathMs + atS * 1000 - world.clock.nowMs());
    const sinceMs = Math.max(deathMs, world.clock.nowMs() - WORKS_MS);
    working.push(share(counted, (flow) => flow.lastGoodSentMs >= sinceMs));
    say(`${atS} s after the failure`);
  }
  for (const flow of active) flows.end(flow);
  return { died: dead.size, sessions: counted.length, working };
}

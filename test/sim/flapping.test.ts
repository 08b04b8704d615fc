/** A link that goes and comes every few seconds, beside a way that holds: it is not taken again each time. */
import t from 'tap';
import { adjacencyOf, type Edge, Flows, sessionLabel, World } from '../../src/sim/index.ts';
import { hopsOf } from '../../src/switch/index.ts';

const SEEDS = Number(process.env.SEEDS ?? 3);
const EVERY_MS = 20;
const FLAP_MS = 2_000;
const WATCH_MS = 60_000;
/** So soon after the last flap the direct link is used again (docs/manual.md). */
const AGAIN_MS = 90_000;

const edge = (a: number, b: number): Edge => ({ a, b, latencyMs: 5 });

/** Scenes: who talks with whom, and which cable flaps. */
const SCENES: readonly { name: string; edges: readonly Edge[]; to: number; cable: readonly [number, number] }[] = [
  {
    name: 'a direct link beside a way over a relay',
    edges: [edge(0, 1), edge(0, 2), edge(2, 1)],
    to: 1,
    cable: [0, 1],
  },
  {
    name: 'one of two relays',
    edges: [edge(0, 1), edge(1, 3), edge(0, 2), edge(2, 3)],
    to: 3,
    cable: [0, 1],
  },
  {
    name: 'the far link of one of two relays',
    edges: [edge(0, 1), edge(1, 3), edge(0, 2), edge(2, 3)],
    to: 3,
    cable: [1, 3],
  },
];

/** Whom `from` gives what is for `to`; null while that is a cable that is down. */
function nextHop(world: World, from: number, to: number): number | null {
  const first = hopsOf(sessionLabel(world, from, to) ?? 0n)?.[0];
  return adjacencyOf(world)[from]?.find(({ out }) => out === first)?.to ?? null;
}

for (const { name, edges, to, cable } of SCENES) {
  t.test(`${name}, two seconds down and two up for a minute`, async (t) => {
    for (let seed = 0; seed < SEEDS; seed++) {
      const world = new World({ seed, graph: { size: to + 1 > 3 ? 4 : 3, edges } });
      world.startAll();
      const flow = new Flows(world).begin(0, to, EVERY_MS);
      await world.run(20_000);
      const conditions = world.underlay.link(cable[0], cable[1]);
      if (conditions === null) throw new Error('there is no such cable');
      const before = { lost: flow.sent - flow.answered, sent: flow.sent };
      let changes = 0;
      let last = nextHop(world, 0, to);
      for (let atMs = 0; atMs < WATCH_MS; atMs += 100) {
        conditions.up = Math.floor(atMs / FLAP_MS) % 2 === 1;
        await world.run(100);
        const next = nextHop(world, 0, to);
        if (next !== null && last !== null && next !== last) changes++;
        last = next ?? last;
      }
      conditions.up = true;
      const lostShare = (flow.sent - flow.answered - before.lost) / (flow.sent - before.sent);
      t.ok(lostShare <= 0.05, `seed ${seed}: ${(100 * lostShare).toFixed(1)} % lost`);
      t.ok(changes <= 4, `seed ${seed}: ${changes} changes`);
      if (to === 1) {
        const tookMs = await world.until(() => nextHop(world, 0, to) === to, AGAIN_MS);
        t.ok(tookMs !== null, `seed ${seed}: used again ${tookMs} ms after the last flap`);
      }
      world.stopAll();
    }
  });
}

t.test('a link that was down once is used again as soon as ever', async (t) => {
  for (let seed = 0; seed < SEEDS; seed++) {
    const world = new World({ seed, graph: { size: 3, edges: SCENES[0]?.edges ?? [] } });
    world.startAll();
    new Flows(world).begin(0, 1, EVERY_MS);
    await world.run(20_000);
    const conditions = world.underlay.link(0, 1);
    if (conditions === null) throw new Error('there is no such cable');
    conditions.up = false;
    await world.run(5_000);
    t.equal(nextHop(world, 0, 1), 2);
    conditions.up = true;
    const tookMs = await world.until(() => nextHop(world, 0, 1) === 1, 30_000);
    t.ok(tookMs !== null, `seed ${seed}: after ${tookMs} ms`);
    world.stopAll();
  }
});

t.test('a link that flaps and is the only way is used whenever it is there', async (t) => {
  const world = new World({ seed: 1, graph: { size: 2, edges: [edge(0, 1)] } });
  world.startAll();
  const flow = new Flows(world).begin(0, 1, EVERY_MS);
  await world.run(20_000);
  const conditions = world.underlay.link(0, 1);
  if (conditions === null) throw new Error('there is no such cable');
  const before = { lost: flow.sent - flow.answered, sent: flow.sent };
  for (let half = 0; half < 20; half++) {
    conditions.up = half % 2 === 1;
    await world.run(FLAP_MS);
  }
  const lostShare = (flow.sent - flow.answered - before.lost) / (flow.sent - before.sent);
  t.ok(lostShare < 0.7, `${(100 * lostShare).toFixed(1)} % lost, with half of the time without a link`);
});

/** A line of three busy machines, of which an end restarts while all of them stall: it is back in the time that is promised. */
import assert from 'node:assert/strict';
import t from 'tap';
import { createSeededRng, Flows, makeTopology, World } from '../../src/sim/index.ts';

/** More seeds show more; SEEDS=1000 for a closer look. */
const SEEDS = Number(process.env.SEEDS ?? 100);
const BACK_MS = 10_000;
/** After the last stall. */
const PEACE_MS = 3_000;

/** Each machine stops about once a second, unless it does already. */
function disturb(world: World, seed: number, shortestMs: number, longestMs: number, forMs: number): void {
  const rng = createSeededRng(seed, 501);
  for (let host = 0; host < world.graph.size; host++) {
    for (let atMs = 3_000, freeMs = 0; atMs < forMs; atMs += 100) {
      if (atMs < freeMs || rng.below(10) !== 0) continue;
      const stallMs = shortestMs + rng.below(longestMs - shortestMs);
      freeMs = atMs + stallMs;
      world.clock.after(atMs, () => world.stall(host, stallMs));
    }
  }
}

for (const [shortestMs, longestMs] of [
  [100, 500],
  [200, 1_500],
] as const) {
  t.test(`an end restarts while all stall for ${shortestMs} to ${longestMs} ms`, async (t) => {
    let worst = 0;
    for (let seed = 0; seed < SEEDS; seed++) {
      const world = new World({ seed, graph: makeTopology('line', 3, seed) });
      world.startAll();
      disturb(world, seed, shortestMs, longestMs, 40_000);
      const flow = new Flows(world).begin(0, 2, 50);
      await world.run(6_000);
      world.stop(2);
      await world.run(1_000);
      world.start(2);
      const before = flow.answered;
      const tookMs = await world.until(() => flow.answered > before, BACK_MS);
      assert(tookMs !== null, `seed ${seed}: not back within ${BACK_MS} ms`);
      worst = Math.max(worst, tookMs);
      world.stopAll();
    }
    t.pass(`${worst} ms at most`);
  });
}

t.test('once the stalls are over it is back within three seconds', async (t) => {
  let worst = 0;
  for (let seed = 0; seed < SEEDS / 2; seed++) {
    const world = new World({ seed, graph: makeTopology('line', 3, seed) });
    world.startAll();
    disturb(world, seed, 200, 1_500, 8_500);
    const flow = new Flows(world).begin(0, 2, 50);
    await world.run(6_000);
    world.stop(2);
    await world.run(1_000);
    world.start(2);
    await world.run(3_000);
    const before = flow.answered;
    const tookMs = await world.until(() => flow.answered > before, PEACE_MS);
    assert(tookMs !== null, `seed ${seed}: not back ${PEACE_MS} ms after the stalls`);
    worst = Math.max(worst, tookMs);
    world.stopAll();
  }
  t.pass(`${worst} ms at most`);
});

t.test('stalls of half a second at most: no link is given up, and no session is silent for two seconds', async (t) => {
  let worst = 0;
  for (let seed = 0; seed < SEEDS / 4; seed++) {
    const world = new World({ seed, graph: makeTopology('line', 3, seed) });
    world.startAll();
    disturb(world, seed, 100, 500, 40_000);
    const flow = new Flows(world).begin(0, 2, 50);
    await world.run(3_000);
    const isUp = (): boolean =>
      [0, 1, 2].every((host) =>
        world
          .node(host)
          .inspect()
          .peers.every(({ state }) => state === 'established'),
      );
    for (let atMs = 3_000; atMs < 40_000; atMs += 50) {
      await world.run(50);
      assert(isUp(), `seed ${seed}: a link was given up after ${atMs} ms`);
      worst = Math.max(worst, world.clock.nowMs() - flow.lastGoodMs);
      assert(worst < 2_000, `seed ${seed}: silent for ${worst} ms at ${atMs} ms`);
    }
    world.stopAll();
  }
  t.pass(`silent for ${worst} ms at most`);
});

import t from 'tap';
import { Flows, makeTopology, World } from '../../src/sim/index.ts';

const SEED = 1;

function started(name: 'line' | 'ring' | 'grid', size: number, loss = 0) {
  const world = new World({
    seed: SEED,
    graph: makeTopology(name, size, SEED),
    conditions: (_, conditions) => {
      conditions.loss = loss;
    },
  });
  world.startAll();
  return { world, flows: new Flows(world) };
}

t.test('two nodes reach each other by their mesh addresses', async (t) => {
  const { world, flows } = started('line', 2);
  const flow = flows.begin(0, 1, 100);
  const tookMs = await world.until(() => flow.answered > 0, 5000);
  t.ok(tookMs !== null && tookMs <= 700, `${tookMs} ms`);
  t.equal(world.node(0).inspect().peers[0]?.state, 'established');
  t.equal(world.node(0).inspect().engine, 'simulated');
});

t.test('the ends of lines of 3, 5 and 8 find each other from a cold start', async (t) => {
  for (const [size, withinMs] of [
    [3, 1200],
    [5, 2000],
    [8, 3500],
  ] as const) {
    const { world, flows } = started('line', size);
    const flow = flows.begin(0, size - 1, 100);
    const tookMs = await world.until(() => flow.answered > 0, 10_000);
    t.ok(tookMs !== null && tookMs <= withinMs, `line of ${size}: ${tookMs} ms`);
  }
});

t.test('a ring goes round the other way when a relay dies', async (t) => {
  const { world, flows } = started('ring', 8);
  const flow = flows.begin(0, 3, 100);
  await world.run(15_000);
  t.ok(flow.answered > 100);
  world.stop(1);
  const diedMs = world.clock.nowMs();
  const tookMs = await world.until(() => flow.lastGoodSentMs > diedMs, 10_000);
  t.ok(tookMs !== null && tookMs <= 3000, `back after ${tookMs} ms`);
});

t.test('traffic returns within a second when a partition heals after 40 s', async (t) => {
  const { world, flows } = started('grid', 8);
  const flow = flows.begin(0, 7, 100);
  await world.run(10_000);
  world.underlay.partition((host) => (host < 4 ? 0 : 1));
  await world.run(40_000);
  const before = flow.answered;
  world.underlay.partition(() => 0);
  const tookMs = await world.until(() => flow.answered > before, 20_000);
  t.ok(tookMs !== null && tookMs <= 1000, `back after ${tookMs} ms`);
});

t.test('a node that starts again is reached again within 1.5 s', async (t) => {
  const { world, flows } = started('line', 3);
  const flow = flows.begin(0, 2, 100);
  await world.run(10_000);
  world.stop(2);
  await world.run(500);
  world.start(2);
  const before = flow.answered;
  const tookMs = await world.until(() => flow.answered > before, 20_000);
  t.ok(tookMs !== null && tookMs <= 1500, `back after ${tookMs} ms`);
});

t.test('the same seed gives the same run, also with losses', async (t) => {
  const run = async () => {
    const { world, flows } = started('grid', 16, 0.05);
    flows.begin(0, 15, 50);
    await world.run(10_000);
    const { counts } = world.underlay;
    const bytes = Array.from({ length: 16 }, (_, host) =>
      world
        .node(host)
        .inspect()
        .peers.map((peer) => peer.rxBytes),
    );
    world.stopAll();
    return { counts, bytes, events: world.clock.fired };
  };
  t.same(await run(), await run());
});

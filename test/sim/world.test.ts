import t from 'tap';
import { Flows } from '../../src/sim/flows.ts';
import { makeTopology } from '../../src/sim/topologies.ts';
import { World } from '../../src/sim/world.ts';

t.test('two nodes ping each other through their mesh addresses', async (t) => {
  const world = new World({ seed: 1, graph: makeTopology('line', 2, 1) });
  world.startAll();
  await world.run(500);
  t.equal(world.node(0).inspect().peers[0]?.state, 'established');
  const flow = new Flows(world).begin(0, 1, 100);
  const tookMs = await world.until(() => flow.answered > 0, 5000);
  t.comment(`first answer after ${tookMs} ms`, [...world.node(0).counters.all()]);
  t.ok(tookMs !== null && tookMs < 500);
  world.stopAll();
});
t.test('the ends of a line of 8 reach each other', async (t) => {
  const world = new World({ seed: 1, graph: makeTopology('line', 8, 1) });
  world.startAll();
  const flow = new Flows(world).begin(0, 7, 100);
  const tookMs = await world.until(() => flow.answered > 0, 10_000);
  t.comment(`first answer after ${tookMs} ms`, [...world.node(0).counters.all()]);
  t.ok(tookMs !== null && tookMs <= 3500);
  world.stopAll();
});

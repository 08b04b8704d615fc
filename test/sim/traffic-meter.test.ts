import t from 'tap';
import { Flows, makeTopology, World } from '../../src/sim/index.ts';

t.test('own and relayed bytes, and their kinds, are told apart', async (t) => {
  const world = new World({ seed: 1, graph: makeTopology('line', 3, 1) });
  world.startAll();
  const flow = new Flows(world).begin(0, 2, 100);
  await world.run(10_000);
  world.meter.reset();
  const before = flow.answered;
  await world.run(10_000);
  const packets = flow.answered - before;
  const user = world.meter.total('user');
  t.equal(packets, 100);
  // Query and answer, each over two links: own at either end, relayed once. 20 link, 12 switch, 4 handle, 20 frame, 4 header, 8 UDP, 32.
  const size = 100;
  t.equal(user.own, packets * 2 * 2 * size);
  t.equal(user.relayed, packets * 2 * size);
  const ping = world.meter.total('linkPing');
  t.ok(ping.own > 0);
  t.equal(ping.relayed, 0);
  t.ok(world.meter.total('router').own < user.own);
});

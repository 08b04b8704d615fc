/** What a hub pays for neighbours that have nothing to say: pings of the links, and what routing asks through it. */
import t from 'tap';
import { type Edge, World } from '../../src/sim/index.ts';

const LEAVES = 100;

/** A hub that everybody dials, 5 to 44 ms away. */
function hub(): World {
  const edges: Edge[] = [];
  for (let leaf = 1; leaf <= LEAVES; leaf++) edges.push({ a: leaf, b: 0, latencyMs: 5 + (leaf % 40) });
  return new World({ seed: 1, graph: { size: LEAVES + 1, edges } });
}

t.test(
  'a hundred idle links of a hub cost less than half a packet a second each, both directions together',
  async (t) => {
    const world = hub();
    world.startAll();
    await world.run(120_000);
    const before = world.underlay.counts.sent;
    // Long enough for the first round in which everybody asks again.
    await world.run(600_000);
    const perLink = (world.underlay.counts.sent - before) / LEAVES / 600;
    t.ok(perLink < 0.5, `${perLink.toFixed(3)} packets/s a link`);
    const states = world
      .node(0)
      .inspect()
      .peers.map(({ state }) => state);
    t.equal(states.filter((state) => state === 'established').length, LEAVES);
    world.stopAll();
  },
);

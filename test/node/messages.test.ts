import t from 'tap';
import { MESSAGE_BURST, MESSAGES_PER_SECOND } from '../../src/session/limits.ts';
import { World } from '../../src/sim/index.ts';
import { labelOfInterface } from '../../src/switch/index.ts';

const HUB = 1;

t.test('router messages of one session beyond its budget are not looked at, those of others are', async (t) => {
  const edges = [
    { a: 0, b: HUB, latencyMs: 1 },
    { a: 2, b: HUB, latencyMs: 1 },
  ];
  const world = new World({ seed: 5, graph: { size: 3, edges } });
  world.startAll();
  const arePeers = (): boolean =>
    world
      .node(HUB)
      .peers()
      .filter(({ state }) => state === 'established').length === 2;
  await world.until(arePeers, 5_000);
  const { publicKey: key, address } = world.identity(HUB);
  const adminQuery = { key, address, label: labelOfInterface(0), protocol: 21, query: 'pn', target: null };
  const ask = (host: number): Promise<boolean> =>
    world
      .node(host)
      .query(adminQuery, 40)
      .then((answer) => answer !== null);
  const counters = (): ReadonlyMap<string, number> => world.node(HUB).counters.all();
  let asked = 0;
  let others = 0;
  for (let round = 0; round < 20; round++) {
    for (let i = 0; i < 60; i++, asked++) void ask(0);
    void ask(2).then((isAnswered) => {
      if (isAnswered) others++;
    });
    await world.run(50);
  }
  const refused = counters().get('node.message_limit') ?? 0;
  // A second: the burst, what came to it meanwhile, and some room for the packets of the handshake.
  t.ok(refused >= asked - MESSAGE_BURST - 2 * MESSAGES_PER_SECOND, `${refused} of ${asked} not looked at`);
  t.ok(refused <= asked - MESSAGE_BURST, 'the burst passed');
  t.equal(others, 20);
});

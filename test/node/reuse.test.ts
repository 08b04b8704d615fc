import t from 'tap';
import { equal } from '../../src/base/index.ts';
import { Flows, World } from '../../src/sim/index.ts';
import { labelOfInterface, splice } from '../../src/switch/index.ts';
import type { Label } from '../../src/wire/index.ts';

const HUB = 1;
const TO_HUB = labelOfInterface(0);

/** Hosts 0 and 2 can reach the hub; only 0 does so far, and has its interface 0. */
async function hubWithOne(): Promise<World> {
  const edges = [
    { a: 0, b: HUB, latencyMs: 1 },
    { a: 2, b: HUB, latencyMs: 1 },
  ];
  const world = new World({ seed: 7, graph: { size: 3, edges } });
  world.start(HUB);
  world.start(0);
  await world.until(() => isPeer(world, 0), 5_000);
  return world;
}

function isPeer(world: World, host: number): boolean {
  const { publicKey } = world.identity(host);
  return world
    .node(HUB)
    .peers()
    .some(({ key, state }) => state === 'established' && equal(key, publicKey));
}

/** 0 is gone, and 2 gets its number. */
async function handOver(world: World): Promise<void> {
  world.stop(0);
  world.node(HUB).removePeer(world.identity(0).publicKey);
  world.start(2);
  await world.until(() => isPeer(world, 2), 5_000);
}

/** Pings along labels, all at once. @returns how many came to that end */
async function outcomes(world: World, host: number, labels: readonly Label[], wanted: string): Promise<number> {
  let count = 0;
  for (const label of labels)
    void world
      .node(host)
      .tryLabel(label, { kind: 'ping', timeoutMs: 50 })
      .then(({ result }) => {
        if (result === wanted) count++;
      });
  await world.run(100);
  return count;
}

/** Labels over an interface that the hub does not have, each different. */
function wrongLabels(count: number): Label[] {
  return Array.from({ length: count }, (_, i) => splice(splice(BigInt(i + 16), labelOfInterface(7)), TO_HUB));
}

t.test('a new peer with the number of an old one has its own budget of errors and answers', async (t) => {
  const world = await hubWithOne();
  const reported = await outcomes(world, 0, wrongLabels(1_000), 'errSwitch');
  const answered = await outcomes(world, 0, new Array<Label>(1_000).fill(TO_HUB), 'pong');
  t.ok(reported >= 350 && reported <= 500, `the old one used its errors up: ${reported}`);
  t.ok(answered >= 150 && answered <= 300, `and its answers: ${answered}`);
  await handOver(world);
  t.equal(world.node(HUB).peers()[0]?.interfaceNumber, 0);
  t.equal(await outcomes(world, 2, wrongLabels(300), 'errSwitch'), 300);
  t.equal(await outcomes(world, 2, new Array<Label>(150).fill(TO_HUB), 'pong'), 150);
});

t.test('a new peer does not show the rates of the old one, nor lose its pings', async (t) => {
  const world = await hubWithOne();
  const flows = new Flows(world);
  flows.begin(0, HUB, 1);
  await world.run(10_000);
  t.ok((world.node(HUB).peers()[0]?.rxBytesPerSecond ?? 0) > 10_000);
  // The ping that asks the dead host is on its way when the number changes hands.
  world.stop(0);
  await world.run(1_000);
  await handOver(world);
  t.match(world.node(HUB).peers()[0], { interfaceNumber: 0, rxBytesPerSecond: 0, txBytesPerSecond: 0 });
  await world.run(2_500);
  t.equal(world.node(HUB).peers()[0]?.lossPpm ?? 0, 0);
});

t.test('no session goes on sending over the number of a peer that is gone', async (t) => {
  const world = await hubWithOne();
  const flows = new Flows(world);
  const flow = flows.begin(HUB, 0, 100);
  await world.run(2_000);
  flows.end(flow);
  // Nobody wants the path any more: routing has forgotten it when the link goes.
  await world.run(15_000);
  const { publicKey } = world.identity(0);
  const label = (): Label | null | undefined =>
    world
      .node(HUB)
      .inspect()
      .sessions.find(({ key }) => equal(key, publicKey))?.label;
  t.equal(label(), TO_HUB);
  await handOver(world);
  t.equal(label(), null);
});

import t from 'tap';
import { Flows, makeTopology, World } from '../../src/sim/index.ts';

const SEED = 3;
const ICMPV6 = 58;

/** A line of 20 that has lived for 20 s: its ends are 19 hops apart, a label holds 14. */
async function lineOf20(): Promise<World> {
  const world = new World({ seed: SEED, graph: makeTopology('line', 20, SEED) });
  world.startAll();
  await world.run(20_000);
  return world;
}

/** Asks as `fcmesh ping` does. */
async function ping(world: World, from: number, to: number) {
  const beganMs = world.clock.nowMs();
  const { address } = world.identity(to);
  let end: { readonly hops: number | null; readonly tookMs: number } | null = null;
  void world
    .node(from)
    .ping(address, 10_000)
    .then((answer) => {
      end = { hops: answer?.hops ?? null, tookMs: world.clock.nowMs() - beganMs };
    });
  await world.until(() => end !== null, 11_000);
  return { ...(end ?? { hops: null, tookMs: Number.POSITIVE_INFINITY }), tooFar: world.node(from).tooFar(address) };
}

t.test('whoever looks for a node beyond the reach of a label hears that it is too far, and how far', async (t) => {
  const world = await lineOf20();
  for (const to of [12, 14]) t.match(await ping(world, 0, to), { hops: to, tooFar: null }, `${to} hops`);
  for (const to of [15, 16, 17, 19]) {
    const result = await ping(world, 0, to);
    t.match(result, { hops: null, tooFar: { hops: to, missingBits: 4 * to - 59 } }, `${to} hops`);
    t.ok(result.tookMs < 5_000, `${result.tookMs} ms`);
  }
  t.same(
    world
      .node(0)
      .inspect()
      .tooFar.map(({ hops }) => hops),
    [15, 16, 17, 19],
  );
});

t.test('programs are told by ICMPv6, the first time as soon as the search has ended, then at once', async (t) => {
  const world = await lineOf20();
  const errors: { readonly atMs: number; readonly code: number }[] = [];
  world.onUserPacket = (host, packet) => {
    if (host === 0 && packet[6] === ICMPV6 && packet[40] === 1)
      errors.push({ atMs: world.clock.nowMs(), code: packet[41] ?? -1 });
  };
  const send = (): void => void world.sendUser(0, 17, new Uint8Array(32));
  const beganMs = world.clock.nowMs();
  send();
  t.ok(((await world.until(() => errors.length > 0, 8_000)) ?? Number.POSITIVE_INFINITY) < 5_000);
  t.equal(errors[0]?.code, 0, 'no route');
  t.comment(`${(errors[0]?.atMs ?? 0) - beganMs} ms`);
  const secondMs = world.clock.nowMs();
  send();
  await world.run(10);
  t.equal(errors[1]?.atMs, secondMs);
});

t.test('a node that comes into reach is reached again, and no longer called too far', async (t) => {
  const graph = makeTopology('line', 20, SEED);
  const world = new World({ seed: SEED, graph: { size: 20, edges: [...graph.edges, { a: 2, b: 17, latencyMs: 5 }] } });
  const shortcut = world.underlay.link(2, 17);
  if (shortcut === null) throw new Error('no link');
  shortcut.up = false;
  world.startAll();
  await world.run(20_000);
  const flows = new Flows(world);
  const flow = flows.begin(0, 19, 500);
  await world.run(10_000);
  t.equal(flow.answered, 0);
  t.match(world.node(0).tooFar(world.identity(19).address), { hops: 19 });
  shortcut.up = true;
  t.ok(await world.until(() => flow.answered > 0, 40_000));
  t.equal(world.node(0).tooFar(world.identity(19).address), null);
  t.same(world.node(0).inspect().tooFar, []);
});

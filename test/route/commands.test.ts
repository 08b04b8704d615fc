import t from 'tap';
import type { Effect, Event } from '../../src/route/index.ts';
import { line, MiniWorld, makeKey, ring } from './mini-world.ts';

/** Gives a command to node 0 and waits for its end. */
function command(world: MiniWorld, event: Event): Effect | undefined {
  const { log } = world.node(0);
  const begin = log.length;
  world.tell(0, event);
  const isEnd = (effect: Effect): boolean => 'id' in effect && effect.id === 7;
  world.run(30_000, () => log.slice(begin).some(({ effect }) => isEnd(effect)));
  const ends = log.slice(begin).filter(({ effect }) => isEnd(effect));
  return ends.length === 1 ? ends[0]?.effect : undefined;
}

t.test('find names key, label and hops of a node far away', async (t) => {
  const world = new MiniWorld();
  line(world, 6);
  const { address, publicKey } = world.node(5);
  const result = command(world, { type: 'find', id: 7, address });
  t.match(result, { type: 'searchEnded', found: true, key: publicKey, hops: 5 });
  t.ok(result?.type === 'searchEnded' && result.elapsedMs > 0);
});

t.test('find says so when there is nobody, and when there is no mesh', async (t) => {
  const world = new MiniWorld();
  line(world, 4);
  const { address } = makeKey(world.rng);
  t.match(command(world, { type: 'find', id: 7, address }), {
    type: 'searchEnded',
    found: false,
    label: null,
    hops: null,
  });
  const alone = new MiniWorld();
  alone.add(1);
  t.match(command(alone, { type: 'find', id: 7, address }), { type: 'searchEnded', found: false, queries: 0 });
});

t.test('ping measures a round trip, to a peer and over many hops', async (t) => {
  const world = new MiniWorld();
  line(world, 5, 10);
  world.run(3_000);
  for (const [index, rttMs] of [
    [1, 20],
    [4, 80],
  ] as const) {
    const { address, publicKey: key } = world.node(index);
    t.match(command(world, { type: 'pingNode', id: 7, address }), {
      type: 'pong',
      rttMs,
      key,
      hops: index,
      protocol: 22,
    });
  }
});

t.test('a ping that nobody answers ends without a time', async (t) => {
  const world = new MiniWorld();
  line(world, 3);
  world.run(3_000);
  const { address } = world.node(2);
  world.node(2).alive = false;
  t.match(command(world, { type: 'pingNode', id: 7, address }), { type: 'pong', rttMs: null });
});

t.test('trace names every hop with its label and cumulative time', async (t) => {
  const world = new MiniWorld();
  line(world, 5, 10);
  const target = world.node(4);
  const result = command(world, { type: 'trace', id: 7, address: target.address });
  if (result?.type !== 'traceEnded' || result.hops === null) throw new Error('no trace');
  t.same(
    result.hops.map(({ key }) => key),
    [1, 2, 3, 4].map((index) => world.node(index).publicKey),
  );
  t.same(
    result.hops.map(({ rttMs }) => rttMs),
    [20, 40, 60, 80],
  );
  for (const [index, { label }] of result.hops.entries()) t.equal(world.walk(0, label).at(-1), index + 1);
});

t.test('trace of a node that is not there ends with nothing', async (t) => {
  const world = new MiniWorld();
  ring(world, 4);
  const { address } = makeKey(world.rng);
  t.match(command(world, { type: 'trace', id: 7, address }), { type: 'traceEnded', hops: null });
});

t.test('routes list every node but ourselves with hops, first relay and round trip', async (t) => {
  const world = new MiniWorld();
  line(world, 4, 10);
  world.run(3_000);
  const { router } = world.node(0);
  t.match(router.snapshot(), [
    { address: world.node(1).address, hops: 1, via: null, protocol: 22, label: 0x13n },
    { address: world.node(2).address, hops: 2, via: world.node(1).address, rttUs: 40_000 },
    { address: world.node(3).address, hops: 3, via: world.node(1).address, rttUs: 60_000 },
  ]);
  const [, , far] = router.snapshot(world.nowMs);
  const [, , later] = router.snapshot(world.nowMs + 500);
  t.ok(far !== undefined && far.silentMs > 0 && far.silentMs <= 3_000, `${far?.silentMs} ms since it answered`);
  t.equal(later?.silentMs, (far?.silentMs ?? 0) + 500);
});

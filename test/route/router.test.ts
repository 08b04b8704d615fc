import t from 'tap';
import { formatLabel } from '../../src/wire/index.ts';
import { grid, line, MiniWorld, ring } from './mini-world.ts';

t.test('two direct peers use their link at once', async (t) => {
  const world = new MiniWorld();
  line(world, 2);
  world.want(0, 1);
  t.equal(formatLabel(world.path(0, 1) ?? 0n), '0000.0000.0000.0013');
});

t.test('a target wanted before its link is up gets the path when it comes', async (t) => {
  const world = new MiniWorld();
  world.add(2);
  world.want(0, 1);
  world.run(3_000);
  t.equal(world.path(0, 1), undefined);
  world.connect(0, 1);
  t.ok(world.reaches(0, 1));
});

t.test('the ends of a line of 8 find each other within 8 round trips', async (t) => {
  const world = new MiniWorld();
  line(world, 8, 5);
  world.want(0, 7);
  world.want(7, 0);
  const elapsedMs = world.run(10_000, () => world.reaches(0, 7) && world.reaches(7, 0));
  t.comment(`${elapsedMs} ms`);
  t.ok(elapsedMs <= 2 * 5 * (1 + 2 + 3 + 4 + 5 + 6 + 7 + 7), 'sum of round trips to each hop');
});

t.test('the ends of a line of 8 find each other when the node in the middle comes last', async (t) => {
  const world = new MiniWorld();
  world.add(8);
  for (const [a, b] of [
    [0, 1],
    [1, 2],
    [2, 3],
    [5, 6],
    [6, 7],
    [4, 5],
  ] as const)
    world.connect(a, b);
  world.want(0, 7);
  world.want(7, 0);
  world.run(20_000);
  world.connect(3, 4);
  const elapsedMs = world.run(20_000, () => world.reaches(0, 7) && world.reaches(7, 0));
  t.comment(`${elapsedMs} ms`);
  t.ok(elapsedMs < 3_000);
});

t.test('in a grid every pair finds a shortest path', async (t) => {
  const world = new MiniWorld();
  grid(world, 3, 3);
  for (let a = 0; a < 9; a++) for (let b = 0; b < 9; b++) if (a !== b) world.want(a, b);
  world.run(3_000);
  for (let a = 0; a < 9; a++) {
    for (let b = 0; b < 9; b++) {
      if (a === b) continue;
      const hops = Math.abs((a % 3) - (b % 3)) + Math.abs(Math.floor(a / 3) - Math.floor(b / 3));
      const way = world.walk(a, world.path(a, b) ?? 0n);
      t.same([way.at(-1), way.length], [b, hops], `${a} to ${b}`);
    }
  }
});

t.test('a ring heals within a round trip of the news when a relay dies', async (t) => {
  for (const victim of [1, 2, 3]) {
    const world = new MiniWorld();
    ring(world, 8);
    world.want(0, 4);
    world.want(4, 0);
    world.run(8_000);
    const way = world.walk(0, world.path(0, 4) ?? 0n);
    const dead = way[victim - 1] ?? -1;
    // Traffic: 20 packets a second, so that dead switches are heard of.
    let stop = false;
    const traffic = (): void => {
      for (const [a, b] of [
        [0, 4],
        [4, 0],
      ] as const) {
        const label = world.path(a, b);
        const { address, publicKey } = world.node(b);
        if (label === undefined) world.want(a, b);
        else
          world.send(a, label, publicKey, new Uint8Array(0), (at, back) => {
            world.tell(at, { type: 'pathGood', address: world.node(a).address, label: back, rttMs: null });
          });
        void address;
      }
      if (!stop) world.after(50, traffic);
    };
    traffic();
    world.kill(dead, 1_000);
    const elapsedMs = world.run(30_000, () => world.reaches(0, 4) && world.reaches(4, 0));
    stop = true;
    t.comment(`relay ${victim}: ${elapsedMs} ms`);
    t.ok(elapsedMs < 1_500, `relay ${victim} of 3`);
  }
});

t.test('a search that has nobody to ask yet is made again when there are peers', async (t) => {
  const world = new MiniWorld();
  world.add(2);
  const { address } = world.node(1);
  const searches = () =>
    world.node(0).log.filter(({ effect }) => effect.type === 'searchEnded' && effect.address === address).length;
  world.want(0, 1);
  t.equal(searches(), 1, 'it ends at once');
  world.run(5_000);
  t.ok(searches() >= 3, `${searches()} searches`);
});

t.test('who asks over a path that is known keeps it alive for both: of two contacts only one pings', async (t) => {
  const world = new MiniWorld();
  line(world, 3);
  world.run(30_000);
  const pings = (): number =>
    [0, 2].reduce((sum, index) => sum + (world.node(index).counters.get('route.sent.pn') ?? 0), 0);
  const before = pings();
  world.run(60 * 60_000);
  t.ok(pings() - before <= 12, `${pings() - before} pings in an hour, a dozen each without that`);
  for (const index of [0, 2]) t.equal(world.node(index).router.snapshot().length, 2, 'nobody is forgotten');
});

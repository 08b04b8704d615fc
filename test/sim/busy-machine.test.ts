/**
 * A busy machine is no bad radio: on links that lose nothing no loss is told, whatever the ends do with their processors,
 * and what is lost in truth is still found soon. And what watching costs, in packets of one link.
 */
import assert from 'node:assert/strict';
import t from 'tap';
import { createSeededRng, type World } from '../../src/sim/index.ts';
import { ACCEPTOR, DIALLER, isUp, pairOf } from './pair.ts';

const SEEDS = 20;

/** The worst loss that either end tells, in percent. */
function lossPercent(world: World): number {
  return Math.max(
    0,
    ...[ACCEPTOR, DIALLER].map((host) => (world.running(host)?.node.inspect().peers[0]?.lossPpm ?? 0) / 10_000),
  );
}

/** Random stalls at both ends, for as long as the test. */
function disturb(world: World, seed: number, shortestMs: number, longestMs: number, forMs: number): void {
  const rng = createSeededRng(seed, 91);
  for (const host of [ACCEPTOR, DIALLER]) {
    for (let atMs = rng.below(1_500); atMs < forMs; atMs += 300 + rng.below(2_500)) {
      const stallMs = shortestMs + rng.below(longestMs - shortestMs);
      world.clock.after(atMs, () => world.stall(host, stallMs));
    }
  }
}

/** User packets, `perSecond` in each direction. */
function talk(world: World, perSecond: number, forMs: number): void {
  for (let atMs = 0; atMs < forMs; atMs += 1_000 / perSecond) {
    world.clock.after(atMs, () => {
      for (const host of [ACCEPTOR, DIALLER])
        if (world.running(host) !== null) world.sendUser(host, 1 - host, new Uint8Array(100));
    });
  }
}

for (const [name, perSecond] of [
  ['without traffic', 0],
  ['under traffic', 50],
] as const) {
  for (const [shortestMs, longestMs] of [
    [100, 500],
    [200, 1_500],
  ] as const) {
    t.test(`${name}, stalls of ${shortestMs} to ${longestMs} ms: no loss is told`, async (t) => {
      let worst = 0;
      for (let seed = 0; seed < SEEDS; seed++) {
        const world = pairOf(seed, createSeededRng(seed, 92).below(100));
        disturb(world, seed, shortestMs, longestMs, 40_000);
        world.startAll();
        if (perSecond > 0) talk(world, perSecond, 40_000);
        for (let second = 0; second < 40; second++) {
          await world.run(1_000);
          worst = Math.max(worst, lossPercent(world));
        }
        world.stopAll();
      }
      t.ok(worst <= 1, `${worst} % at most`);
    });
  }
}

t.test('in the first seconds of a link no loss is told, whoever starts first, and none after a restart', async (t) => {
  for (let seed = 0; seed < SEEDS; seed++) {
    const rng = createSeededRng(seed, 93);
    const world = pairOf(seed, rng.below(150));
    world.start(rng.below(2) === 0 ? DIALLER : ACCEPTOR);
    await world.run(rng.below(3_000));
    for (const host of [ACCEPTOR, DIALLER]) if (world.running(host) === null) world.start(host);
    const look = async (forMs: number, when: string): Promise<void> => {
      for (let atMs = 0; atMs < forMs; atMs += 250) {
        await world.run(250);
        const told = lossPercent(world);
        assert(told === 0, `seed ${seed}: ${told} % ${when}`);
      }
    };
    await look(10_000, 'at the start');
    assert(isUp(world));
    const host = rng.below(2);
    world.stop(host);
    await world.run(rng.below(4_000));
    world.start(host);
    await look(15_000, `after a restart of ${host === DIALLER ? 'the dialler' : 'the acceptor'}`);
    world.stopAll();
  }
  t.pass();
});

/** Seconds until both ends tell at least half of the loss that there is. */
async function foundAfter(seed: number, loss: number): Promise<number> {
  const world = pairOf(seed, 20);
  world.startAll();
  await world.run(30_000);
  const conditions = world.underlay.link(ACCEPTOR, DIALLER);
  assert(conditions !== null);
  conditions.loss = loss;
  for (let halfSecond = 1; halfSecond <= 240; halfSecond++) {
    await world.run(500);
    if (lossPercent(world) >= 50 * loss) {
      world.stopAll();
      return halfSecond / 2;
    }
  }
  return Number.POSITIVE_INFINITY;
}

// The times at 5 % are spread so widely that twenty seeds say little.
for (const [loss, seeds, limitSeconds] of [
  [0.05, 60, 20],
  [0.3, 20, 8],
] as const) {
  t.test(`an idle link that begins to lose ${100 * loss} % is known as one`, async (t) => {
    const seconds: number[] = [];
    for (let seed = 0; seed < seeds; seed++) seconds.push(await foundAfter(seed, loss));
    seconds.sort((a, b) => a - b);
    const median = seconds[seeds / 2] ?? Number.NaN;
    t.ok(median <= limitSeconds, `after ${median} s (median), ${seconds.at(-1)} s at most`);
  });
}

/** Packets a second of a link, both directions together, from now on. */
async function packetsPerSecond(world: World, forMs: number): Promise<number> {
  let count = 0;
  world.underlay.filter = () => {
    count++;
    return true;
  };
  await world.run(forMs);
  world.underlay.filter = null;
  return (count * 1_000) / forMs;
}

t.test('what an idle link costs: after a minute a packet in three seconds, and after four one in seven', async (t) => {
  const world = pairOf(7, 20);
  world.startAll();
  await world.run(60_000);
  const fresh = await packetsPerSecond(world, 120_000);
  t.ok(fresh <= 0.35, `${fresh} packets/s in the first minutes`);
  await world.run(60_000);
  const rested = await packetsPerSecond(world, 300_000);
  t.ok(rested <= 0.16, `${rested} packets/s after four minutes of rest`);
  assert(isUp(world));
  world.stop(ACCEPTOR);
  const goneMs = await world.until(() => world.node(DIALLER).inspect().peers[0]?.state !== 'established', 20_000);
  t.ok(goneMs !== null, `a resting link that dies is given up after ${goneMs} ms`);
});

t.test('however often the loss of a link changes, watching it costs four packets a second in the mean', async (t) => {
  for (const loss of [0.01, 0.03, 0.1, 0.3]) {
    const world = pairOf(11, 20);
    world.startAll();
    await world.run(5_000);
    const conditions = world.underlay.link(ACCEPTOR, DIALLER);
    assert(conditions !== null);
    // A bad radio: good and bad in turn, so that there is something new to see every few seconds.
    for (let atMs = 0; atMs < 300_000; atMs += 10_000) {
      world.clock.after(atMs, () => {
        conditions.loss = (atMs / 10_000) % 2 === 0 ? loss : 0;
      });
    }
    const rate = await packetsPerSecond(world, 300_000);
    t.ok(rate <= 4, `${rate} packets/s with ${100 * loss} % now and then`);
    world.stopAll();
  }
});

/**
 * Links between busy machines: processes that stop for a while, so that timers are late, packets are read late and many at
 * once, and both ends give each other up in the same instant. 1000 seeds with FCMESH_TEST_ALL.
 */
import assert from 'node:assert/strict';
import t from 'tap';
import { createSeededRng, type World } from '../../src/sim/index.ts';
import { ACCEPTOR, DIALLER, isUp, pairOf, type Rules } from './pair.ts';

const SEEDS = process.env.FCMESH_TEST_ALL === undefined ? 100 : 1_000;

t.test('hellos that wait in the socket together are one peer, which stays', async (t) => {
  const world = pairOf(1, 1);
  world.startAll();
  world.stall(ACCEPTOR, 350);
  await world.run(1_000);
  const [before] = world.node(ACCEPTOR).inspect().peers;
  t.ok(isUp(world));
  for (let second = 0; second < 30; second++) {
    await world.run(1_000);
    t.ok(isUp(world), `second ${second}`);
    t.equal(world.node(ACCEPTOR).inspect().peers[0]?.label, before?.label);
  }
});

/** Stalls of random length at random times; sometimes both ends at once. */
function disturb(world: World, seed: number, longestMs: number, forMs: number): void {
  const rng = createSeededRng(seed, 77);
  for (const host of [ACCEPTOR, DIALLER]) {
    for (let atMs = rng.below(1_000); atMs < forMs; atMs += 200 + rng.below(2_000)) {
      const stallMs = 100 + rng.below(longestMs - 100);
      world.clock.after(atMs, () => world.stall(host, stallMs));
      if (rng.below(5) === 0) world.clock.after(atMs, () => world.stall(1 - host, stallMs));
    }
  }
}

/** What happens beside the stalls: one end or both restarted, or the line cut until both have given up. */
function trouble(world: World, seed: number): void {
  const rng = createSeededRng(seed, 78);
  const restart = (host: number, atMs: number): void => {
    world.clock.after(atMs, () => world.stop(host));
    world.clock.after(atMs + rng.below(1_500), () => world.start(host));
  };
  const kind = rng.below(4);
  if (kind !== 1) restart(DIALLER, 2_000 + rng.below(5_000));
  if (kind === 1 || kind === 2) restart(ACCEPTOR, 2_000 + rng.below(5_000));
  if (kind === 3) {
    world.clock.after(8_000, () => {
      world.underlay.filter = () => false;
    });
    world.clock.after(8_000 + rng.below(8_000), () => {
      world.underlay.filter = null;
    });
  }
}

const ENDS: readonly { readonly rules: Rules; readonly forgivenAfterMs: number; readonly share: number }[] = [
  { rules: { acceptor: 'hardened', dialler: 'hardened' }, forgivenAfterMs: 3_000, share: 1 },
  { rules: { acceptor: 'stock', dialler: 'hardened' }, forgivenAfterMs: 13_000, share: 4 },
  // Only its time-out of a minute tells a stock dialler that the other end has lost the keys (protocol 02 §10).
  { rules: { acceptor: 'hardened', dialler: 'stock' }, forgivenAfterMs: 63_000, share: 4 },
];

for (const { rules, forgivenAfterMs, share } of ENDS) {
  const seeds = SEEDS / share;
  t.test(
    `${rules.acceptor} and ${rules.dialler}, ${seeds} seeds: up soon after the stalls, and for good`,
    async (t) => {
      const tookMs: number[] = [];
      for (let seed = 0; seed < seeds; seed++) {
        const latencyMs = createSeededRng(seed, 79).below(300);
        const world = pairOf(seed, latencyMs, rules);
        world.startAll();
        disturb(world, seed, 1_500, 20_000);
        trouble(world, seed);
        await world.run(22_000);
        const took = await world.until(() => isUp(world), forgivenAfterMs);
        assert(took !== null, `seed ${seed}, ${latencyMs} ms: not up ${forgivenAfterMs} ms after the stalls`);
        tookMs.push(took);
        for (let second = 0; second < 20; second++) {
          await world.run(1_000);
          assert(isUp(world), `seed ${seed}, ${latencyMs} ms: down again after ${second} s of peace`);
        }
        world.stopAll();
      }
      t.pass(`${Math.max(...tookMs)} ms at most`);
    },
  );
}

t.test('stalls of half a second at both ends: no link is given up', async (t) => {
  for (let seed = 0; seed < SEEDS / 4; seed++) {
    const world = pairOf(seed, createSeededRng(seed, 79).below(100));
    world.startAll();
    await world.run(3_000);
    assert(isUp(world), `seed ${seed}`);
    disturb(world, seed, 500, 30_000);
    for (let step = 0; step < 300; step++) {
      await world.run(100);
      assert(isUp(world), `seed ${seed}: given up after ${step / 10} s`);
    }
    world.stopAll();
  }
  t.pass();
});

/**
 * A link comes up by itself, whatever was lost and whoever restarted at whichever step of the handshake: within three
 * seconds of the line being clean. Whole nodes on a virtual clock, the fast path included.
 */
import assert from 'node:assert/strict';
import t from 'tap';
import type { World } from '../../src/sim/index.ts';
import { ACCEPTOR, DIALLER, isUp, type Kind, kindOf, pairOf, type Rules } from './pair.ts';

const WITHIN_MS = 3_000;
const KINDS: readonly (readonly Kind[])[] = [['hello'], ['key'], ['data'], ['key', 'data'], ['hello', 'key', 'data']];
const DIRECTIONS = ['to the acceptor', 'to the dialler', 'both ways'] as const;
const LOSSES_MS = [1_000, 9_500, 11_000, 61_000];

type Direction = (typeof DIRECTIONS)[number];

function lose(world: World, kinds: readonly Kind[], direction: Direction): void {
  world.underlay.filter = (_, to, datagram) => {
    const isHit = direction === 'both ways' || (direction === 'to the acceptor') === (to === ACCEPTOR);
    return !isHit || !kinds.includes(kindOf(datagram));
  };
}

async function upAfter(world: World, name: string): Promise<number> {
  const tookMs = await world.until(() => isUp(world), WITHIN_MS);
  const states = () =>
    [ACCEPTOR, DIALLER].map((host) =>
      world
        .running(host)
        ?.node.inspect()
        .peers.map(({ state, reason }) => `${state} ${reason}`),
    );
  assert(tookMs !== null, `${name}: not up after ${WITHIN_MS} ms: ${JSON.stringify(states())}`);
  return tookMs;
}

const longest = (all: readonly number[]): string => `${Math.max(...all)} ms at most, ${all.length} cases`;

for (const moment of ['at the start', 'when it was up'] as const) {
  for (const direction of DIRECTIONS) {
    t.test(`packets lost ${direction} for 1 to 61 s ${moment}`, async (t) => {
      const tookMs: number[] = [];
      for (const kinds of KINDS) {
        for (const lossMs of LOSSES_MS) {
          const world = pairOf(lossMs);
          if (moment === 'at the start') lose(world, kinds, direction);
          world.startAll();
          await world.run(moment === 'at the start' ? lossMs : 2_000);
          if (moment === 'when it was up') {
            lose(world, kinds, direction);
            await world.run(lossMs);
          }
          world.underlay.filter = null;
          tookMs.push(await upAfter(world, `${kinds.join(', ')} lost ${direction} for ${lossMs} ms ${moment}`));
          world.stopAll();
        }
      }
      t.pass(longest(tookMs));
    });
  }
}

/** Packets of a handshake, and some of the quiet that follows. */
const STEPS = 14;

for (const [name, hosts] of [
  ['the acceptor', [ACCEPTOR]],
  ['the dialler', [DIALLER]],
  ['the acceptor twice', [ACCEPTOR, ACCEPTOR]],
  ['the dialler twice', [DIALLER, DIALLER]],
  ['one after the other', [ACCEPTOR, DIALLER]],
  ['the other after the one', [DIALLER, ACCEPTOR]],
] as const) {
  t.test(`${name} restarted at each step of the handshake`, async (t) => {
    const tookMs: number[] = [];
    for (let step = 0; step < STEPS; step++) {
      for (const awayMs of [0, 30, 700, 4_000]) {
        const world = pairOf(step * 10 + awayMs);
        let left = step;
        world.underlay.filter = () => left-- > 0 || true;
        world.startAll();
        for (const host of hosts) {
          left = step;
          await world.until(() => left <= 0, 2_500);
          world.stop(host);
          await world.run(awayMs);
          world.start(host);
        }
        tookMs.push(await upAfter(world, `${name} at packet ${step}, away for ${awayMs} ms`));
        world.stopAll();
      }
    }
    t.pass(longest(tookMs));
  });
}

const STOCK: readonly Rules[] = [
  { acceptor: 'stock', dialler: 'hardened' },
  { acceptor: 'hardened', dialler: 'stock' },
];

for (const rules of STOCK) {
  t.test(
    `the same with a ${rules.acceptor} acceptor and a ${rules.dialler} dialler, which may cost its time-outs`,
    async (t) => {
      for (const kinds of KINDS) {
        for (const lossMs of [3_000, 11_000, 30_000]) {
          const world = pairOf(lossMs, 5, rules);
          lose(world, kinds, 'to the acceptor');
          world.startAll();
          await world.run(lossMs);
          world.underlay.filter = null;
          const name = `${kinds.join(', ')} lost for ${lossMs} ms`;
          const tookMs = await world.until(() => isUp(world), WITHIN_MS + 10_000);
          assert(tookMs !== null, name);
          world.stopAll();
        }
      }
      t.pass();
    },
  );
}

/**
 * An end-to-end session works by itself again, whatever of it was lost and whichever end restarted at whichever step: within
 * three seconds of the way being clean. Its links stay good. Whole nodes on a virtual clock, programs that ask ten times a second.
 */
import assert from 'node:assert/strict';
import t from 'tap';
import { Flows, makeTopology, World } from '../../src/sim/index.ts';
import { type Kind, kindOf } from './pair.ts';

const WITHIN_MS = 3_000;
const KINDS: readonly (readonly Kind[])[] = [['hello'], ['key'], ['data'], ['key', 'data'], ['hello', 'key', 'data']];
const LOSSES_MS = [1_000, 9_500, 11_000, 61_000];
const DIRECTIONS = ['there', 'back', 'both ways'] as const;

/** Offset of what follows the switch header in a data frame of a link, and the mark of control frames there. */
const INNER = 20 + 12;
const CONTROL = 0xffff_ffff;

/** What a datagram carries of a session, null for anything else: simulated frames stay readable. */
function sessionKindOf(datagram: Uint8Array): Kind | null {
  if (kindOf(datagram) !== 'data' || datagram.length < INNER + 4) return null;
  const word = new DataView(datagram.buffer, datagram.byteOffset).getUint32(INNER);
  return word === CONTROL ? null : kindOf(datagram.subarray(INNER));
}

function line(seed: number) {
  const world = new World({ seed, graph: makeTopology('line', 3, seed) });
  world.startAll();
  return { world, flows: new Flows(world) };
}

function lose(world: World, kinds: readonly Kind[], direction: (typeof DIRECTIONS)[number]): void {
  world.underlay.filter = (from, to, datagram) => {
    const kind = sessionKindOf(datagram);
    const isHit = direction === 'both ways' || (direction === 'there') === to > from;
    return kind === null || !isHit || !kinds.includes(kind);
  };
}

const longest = (all: readonly number[]): string => `${Math.max(...all)} ms at most, ${all.length} cases`;

for (const moment of ['at its start', 'when it worked'] as const) {
  for (const direction of DIRECTIONS) {
    t.test(`session packets lost ${direction} for 1 to 61 s ${moment}`, async (t) => {
      const tookMs: number[] = [];
      for (const kinds of KINDS) {
        for (const lossMs of LOSSES_MS) {
          const name = `${kinds.join(', ')} lost ${direction} for ${lossMs} ms ${moment}`;
          const { world, flows } = line(lossMs);
          await world.run(3_000);
          if (moment === 'at its start') lose(world, kinds, direction);
          const flow = flows.begin(0, 2, 100);
          await world.run(moment === 'at its start' ? lossMs : 5_000);
          if (moment === 'when it worked') {
            lose(world, kinds, direction);
            await world.run(lossMs);
          }
          world.underlay.filter = null;
          const cleanMs = world.clock.nowMs();
          const took = await world.until(() => flow.lastGoodSentMs >= cleanMs, WITHIN_MS);
          assert(took !== null, `${name}: no answer within ${WITHIN_MS} ms`);
          tookMs.push(took);
          world.stopAll();
        }
      }
      t.pass(longest(tookMs));
    });
  }
}

for (const [name, hosts] of [
  ['the end that asks', [0]],
  ['the end that answers', [2]],
  ['the end that answers twice', [2, 2]],
  ['both ends', [0, 2]],
] as const) {
  t.test(`${name} restarted at each step of the session's handshake`, async (t) => {
    const tookMs: number[] = [];
    for (let step = 0; step < 10; step++) {
      for (const awayMs of [0, 700]) {
        const { world, flows } = line(step * 10 + awayMs);
        await world.run(3_000);
        let left = step;
        world.underlay.filter = (_, __, datagram) => {
          if (sessionKindOf(datagram) !== null) left--;
          return true;
        };
        const flow = flows.begin(0, 2, 100);
        for (const host of hosts) {
          left = step;
          await world.until(() => left <= 0, 1_000);
          world.stop(host);
          await world.run(awayMs);
          world.start(host);
        }
        const startedMs = world.clock.nowMs();
        const took = await world.until(() => flow.lastGoodSentMs >= startedMs, WITHIN_MS);
        assert(took !== null, `${name} at packet ${step}, away for ${awayMs} ms`);
        tookMs.push(took);
        world.stopAll();
      }
    }
    t.pass(longest(tookMs));
  });
}

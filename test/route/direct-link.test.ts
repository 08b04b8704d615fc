/** A direct peer whose link gets bad is reached over a detour while it is bad, and directly again when it has healed. */
import t from 'tap';
import { addressKey } from '../../src/crypto/index.ts';
import { MiniWorld, triangle } from './mini-world.ts';

/** 0 uses its link to 2; 1 is a peer of both. */
function settled(seed: number): MiniWorld {
  const world = new MiniWorld(seed);
  triangle(world);
  world.want(0, 2);
  world.run(20_000);
  return world;
}

function hops(world: MiniWorld): number {
  return world.walk(0, world.path(0, 2) ?? 0n).length;
}

/** Traffic at 20 packets a second from 0 to 2, as the session of 0 sees its answers: only if both ways work. */
function converse(world: MiniWorld, lossPercent: number | null = null): void {
  const { address } = world.node(2);
  const talk = (): void => {
    const label = world.path(0, 2);
    if (label !== undefined)
      world.send(0, label, world.node(2).publicKey, new Uint8Array(0), (_, back) => {
        world.send(2, back, world.node(0).publicKey, new Uint8Array(0), (_at, toUs) =>
          world.tell(0, { type: 'pathGood', address, label: toUs, rttMs: null, lossPercent }),
        );
      });
    world.after(50, talk);
  };
  talk();
}

t.test('a link that gets slow is gone around within 5 s and taken again within 30 s', async (t) => {
  for (const seed of [1, 2, 3]) {
    const world = settled(seed);
    t.equal(hops(world), 1);
    converse(world);
    world.run(12_000);
    world.impair(0, 2, { delayMs: 150 }, 150);
    const leftMs = world.run(10_000, () => hops(world) === 2);
    t.ok(leftMs < 5_000, `left after ${leftMs} ms`);
    world.run(20_000, () => hops(world) !== 2);
    t.equal(hops(world), 2, 'and stays left while it is slow');
    world.impair(0, 2, { delayMs: 1 }, 1);
    const backMs = world.run(60_000, () => hops(world) === 1);
    t.ok(backMs < 30_000, `taken again after ${backMs} ms`);
    t.comment(`left ${leftMs}, back ${backMs}`);
  }
});

t.test('under much traffic it is left even before the link layer sees that it is slow', async (t) => {
  const world = settled(1);
  converse(world, 0);
  world.run(12_000);
  world.impair(0, 2, { delayMs: 150 });
  const leftMs = world.run(10_000, () => hops(world) === 2);
  t.ok(leftMs > 0 && leftMs < 5_000, `left after ${leftMs} ms`);
  t.comment(`left ${leftMs}`);
});

t.test('a link that loses a quarter of all packets is gone around, too', async (t) => {
  for (const seed of [1, 2, 3]) {
    const world = settled(seed);
    converse(world);
    world.run(12_000);
    world.impair(0, 2, { loss: 0.25 }, 201);
    const leftMs = world.run(10_000, () => hops(world) === 2);
    t.ok(leftMs < 5_000, `left after ${leftMs} ms`);
    world.run(20_000);
    t.equal(hops(world), 2);
    world.impair(0, 2, { loss: 0 }, 1);
    const backMs = world.run(60_000, () => hops(world) === 1);
    t.ok(backMs < 30_000, `taken again after ${backMs} ms`);
    t.comment(`left ${leftMs}, back ${backMs}`);
  }
});

t.test('a link that goes down is gone around at once, and taken again when it is back', async (t) => {
  const world = settled(1);
  converse(world);
  world.run(2_000);
  const { number } = world.port(0, 2);
  const label = world.path(0, 2) ?? 0n;
  world.tell(0, { type: 'peerDown', label });
  t.equal(hops(world), 2);
  world.run(10_000);
  const { publicKey: key, address } = world.node(2);
  world.tell(0, { type: 'peerUp', key, address, label, interfaceNumber: number, protocol: 22, costMs: 1 });
  const backMs = world.run(60_000, () => hops(world) === 1);
  t.ok(backMs < 30_000, `taken again after ${backMs} ms`);
  t.ok(world.node(0).using.has(addressKey(address)));
});

t.test('a link that is slow for a moment only is not left', async (t) => {
  const world = settled(4);
  converse(world);
  world.run(12_000);
  const before = world.node(0).log.filter(({ effect }) => effect.type === 'usePath').length;
  world.impair(0, 2, { delayMs: 150 });
  world.run(150);
  world.impair(0, 2, { delayMs: 1 });
  world.run(10_000);
  t.equal(hops(world), 1);
  t.equal(world.node(0).log.filter(({ effect }) => effect.type === 'usePath').length, before);
});

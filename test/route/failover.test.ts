import t from 'tap';
import { addressKey } from '../../src/crypto/index.ts';
import { line, longAndShort, MiniWorld, ring, triangle, twoWays } from './mini-world.ts';

/** Both send 20 packets a second and see how many of the other's are lost; silence of 2 s is reported as a session would. @returns a function that stops it */
function traffic(world: MiniWorld, a: number, b: number): () => void {
  let stopped = false;
  const heardMs = new Map<number, number>([
    [a, world.nowMs],
    [b, world.nowMs],
  ]);
  const arrived = new Map<number, boolean[]>([
    [a, []],
    [b, []],
  ]);
  const send = (): void => {
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      const label = world.path(from, to);
      const { address } = world.node(to);
      if (label === undefined) {
        world.want(from, to);
        continue;
      }
      const seen = arrived.get(to) ?? [];
      const index = seen.push(false) - 1;
      world.send(from, label, world.node(to).publicKey, new Uint8Array(0), (at, back) => {
        heardMs.set(at, world.nowMs);
        seen[index] = true;
        const before = seen.slice(Math.max(0, index - 40), index);
        const lossPercent = (100 * before.filter((hit) => !hit).length) / Math.max(1, before.length);
        world.tell(at, { type: 'pathGood', address: world.node(from).address, label: back, rttMs: null, lossPercent });
      });
      if (world.nowMs - (heardMs.get(from) ?? 0) < 2_000) continue;
      heardMs.set(from, world.nowMs);
      world.tell(from, { type: 'pathSilent', address, label });
    }
    if (!stopped) world.after(50, send);
  };
  send();
  return () => {
    stopped = true;
  };
}

t.test('a relay that only falls silent is left after two seconds', async (t) => {
  for (const victim of [0, 1, 2]) {
    const world = new MiniWorld(victim + 1);
    ring(world, 8);
    world.want(0, 4);
    world.want(4, 0);
    world.run(8_000);
    const stop = traffic(world, 0, 4);
    world.run(2_000);
    const dead = world.walk(0, world.path(0, 4) ?? 0n)[victim] ?? -1;
    // Nobody ever says that it is dead.
    world.node(dead).alive = false;
    const elapsedMs = world.run(30_000, () => world.reaches(0, 4) && world.reaches(4, 0));
    t.comment(`relay ${victim}: ${elapsedMs} ms`);
    t.ok(elapsedMs < 3_000);
    stop();
  }
});

t.test('a lossy far link is left within five seconds, without flapping afterwards', async (t) => {
  for (const seed of [1, 2, 3, 4, 5, 6]) {
    const world = new MiniWorld(seed);
    twoWays(world);
    world.want(0, 3);
    world.want(3, 0);
    world.run(5_000);
    const stop = traffic(world, 0, 3);
    world.run(5_000);
    const via = world.walk(0, world.path(0, 3) ?? 0n)[0] ?? -1;
    world.impair(via, 3, { loss: 0.25 }, 200);
    const elapsedMs = world.run(30_000, () => world.walk(0, world.path(0, 3) ?? 0n)[0] !== via);
    t.comment(`${elapsedMs} ms`);
    t.ok(elapsedMs < 5_000, `seed ${seed}`);
    const before = world.node(0).log.length;
    world.run(120_000);
    const changes = world
      .node(0)
      .log.slice(before)
      .filter(({ effect }) => effect.type === 'usePath').length;
    t.ok(changes <= 1, `${changes} changes`);
    stop();
  }
});

t.test('much traffic does not follow a shorter way that is too narrow for it, not even for a try', async (t) => {
  const world = new MiniWorld();
  triangle(world);
  world.impair(0, 2, { bytesPerMs: 125 }, 200);
  world.want(0, 2);
  world.run(20_000);
  const stop = traffic(world, 0, 2);
  world.run(3_000);
  t.equal(world.walk(0, world.path(0, 2) ?? 0n).length, 2);
  // At rest it looks as good as the other.
  world.impair(0, 2, {}, 1);
  const triedMs = world.run(120_000, () => world.walk(0, world.path(0, 2) ?? 0n).length === 1);
  t.equal(triedMs, 120_000);
  world.impair(0, 2, { bytesPerMs: Number.POSITIVE_INFINITY });
  const takenMs = world.run(120_000, () => world.walk(0, world.path(0, 2) ?? 0n).length === 1);
  t.ok(takenMs < 90_000, `wide again, it was taken after ${takenMs} ms`);
  stop();
});

t.test('a shorter way is taken again within 30 s when it has healed', async (t) => {
  const world = new MiniWorld();
  triangle(world);
  // Wide enough for the traffic, though a train of padded pings takes 17 ms: that must not count as its round trip.
  world.impair(0, 2, { bytesPerMs: 1_000 });
  world.want(0, 2);
  world.run(20_000);
  const stop = traffic(world, 0, 2);
  world.run(3_000);
  world.impair(0, 2, { loss: 0.2 }, 200);
  const leftMs = world.run(10_000, () => world.walk(0, world.path(0, 2) ?? 0n).length === 2);
  t.ok(leftMs < 5_000, `left after ${leftMs} ms`);
  world.run(20_000);
  world.impair(0, 2, { loss: 0 }, 1);
  const healedMs = world.run(60_000, () => world.walk(0, world.path(0, 2) ?? 0n).length === 1);
  t.ok(healedMs < 30_000, `taken again after ${healedMs} ms`);
  stop();
});

for (const [traffic, most] of [
  ['much', 2],
  ['little', 7],
] as const)
  t.test(`a path that ${traffic} traffic of ours made slow is not taken again as soon as it rests`, async (t) => {
    const world = new MiniWorld();
    triangle(world);
    world.want(0, 2);
    world.run(20_000);
    world.impair(0, 2, { bytesPerMs: 125 });
    let changes = 0;
    let isDirect = true;
    for (let second = 0; second < 300; second++) {
      const direct = world.walk(0, world.path(0, 2) ?? 0n).length === 1;
      if (direct !== isDirect) changes++;
      isDirect = direct;
      world.impair(0, 2, {}, direct ? 120 : 1);
      world.want(0, 2);
      const { address } = world.node(2);
      const label = world.path(0, 2) ?? 0n;
      if (traffic === 'much') world.tell(0, { type: 'pathGood', address, label, rttMs: null, lossPercent: 0 });
      world.run(1_000);
    }
    t.ok(changes <= most, `${changes} changes in 5 minutes`);
  });

t.test('forged errors do not move a path', async (t) => {
  const world = new MiniWorld();
  ring(world, 8);
  world.want(0, 4);
  world.run(8_000);
  const label = world.path(0, 4) ?? 0n;
  const changes = (): number => world.node(0).log.filter(({ effect }) => effect.type === 'usePath').length;
  const before = changes();
  for (const [path, cause] of [
    [label ^ 0x20n, (label ^ 0x20n) >> 4n],
    [label, label ^ 0xff0n],
    [label & 0xffn, 0x155n],
    [0n, 0n],
    [0xffff_ffff_ffff_ffffn, 1n],
  ] as const) {
    world.tell(0, { type: 'switchError', path, cause, code: 8 });
  }
  t.equal(changes(), before);
  t.equal(world.node(0).counters.get('route.foreignError'), 5);
});

t.test('an authentication error says nothing about the path, whoever sent it', async (t) => {
  const world = new MiniWorld();
  ring(world, 8);
  world.want(0, 4);
  world.run(8_000);
  const path = world.path(0, 4) ?? 0n;
  const { counters } = world.node(0);
  const told = (code: number): void =>
    world.tell(0, { type: 'switchError', path, cause: (1n << 63n) | (path >> 4n), code });
  told(6);
  t.equal(world.path(0, 4), path);
  t.same([counters.get('route.foreignError'), counters.get('route.failover')], [1, 0]);
  told(8);
  t.equal(counters.get('route.failover'), 1, 'any other about the same place does');
});

t.test('an error about a living path costs a change at most, and no traffic is stranded', async (t) => {
  const world = new MiniWorld();
  ring(world, 8);
  world.want(0, 4);
  world.run(8_000);
  const label = world.path(0, 4) ?? 0n;
  for (let i = 0; i < 100; i++) {
    world.tell(0, { type: 'switchError', path: label, cause: (1n << 63n) | (label >> 4n), code: 8 });
    world.run(20);
    t.ok(world.reaches(0, 4));
  }
  t.ok(world.node(0).log.filter(({ effect }) => effect.type === 'usePath').length < 5);
});

t.test('when no other way is left the path is dropped, and found again when the relay returns', async (t) => {
  const world = new MiniWorld();
  line(world, 3);
  world.want(0, 2);
  world.run(2_000);
  t.ok(world.reaches(0, 2));
  const link = world.port(0, 1);
  world.tell(0, { type: 'peerDown', label: 0x13n });
  t.notOk(world.node(0).using.has(addressKey(world.node(2).address)));
  world.run(5_000);
  world.want(0, 2);
  const { publicKey: key, address } = world.node(1);
  world.tell(0, { type: 'peerUp', key, address, label: 0x13n, interfaceNumber: link.number, protocol: 22, costMs: 5 });
  const elapsedMs = world.run(5_000, () => world.reaches(0, 2));
  t.ok(elapsedMs < 1_000, `${elapsedMs} ms`);
});

t.test('a shorter way over far links is taken again within 30 s when it has healed', async (t) => {
  for (const seed of [1, 2, 3]) {
    const world = new MiniWorld(seed);
    longAndShort(world);
    world.want(0, 4);
    world.want(4, 0);
    world.run(20_000);
    const stop = traffic(world, 0, 4);
    world.run(3_000);
    world.impair(3, 4, { loss: 0.25 }, 200);
    const leftMs = world.run(20_000, () => world.walk(0, world.path(0, 4) ?? 0n).length === 3);
    t.ok(leftMs < 6_000, `left after ${leftMs} ms`);
    world.run(20_000);
    world.impair(3, 4, { loss: 0 }, 1);
    const healedMs = world.run(60_000, () => world.walk(0, world.path(0, 4) ?? 0n).length === 2);
    t.ok(healedMs < 35_000, `taken again after ${healedMs} ms`);
    t.comment(`left ${leftMs}, healed ${healedMs}`);
    stop();
  }
});

t.test('S8: a way that passes pings and drops data is left, and not tried again and again', async (t) => {
  const world = new MiniWorld();
  longAndShort(world);
  world.want(0, 4);
  world.run(20_000);
  let bad = 0;
  const { address } = world.node(4);
  for (let second = 0; second < 300; second += 2) {
    const label = world.path(0, 4) ?? 0n;
    if (world.walk(0, label).length === 2) {
      bad += 2;
      world.tell(0, { type: 'pathSilent', address, label });
    } else {
      world.tell(0, { type: 'pathGood', address, label, rttMs: 6 });
    }
    world.run(2_000);
  }
  t.ok(bad <= 10, `${bad} of 300 seconds on the bad way`);
});

t.test('a direct link has a spare as well: a way around it', async (t) => {
  const world = new MiniWorld();
  triangle(world);
  world.want(0, 2);
  world.run(5_000);
  const node = world.node(2);
  t.equal(world.walk(0, world.path(0, 2) ?? 0n).length, 1);
  const link = world.port(0, 2);
  world.tell(0, { type: 'peerDown', label: link.number === 0 ? 0x13n : 0x15n });
  t.equal(world.walk(0, world.path(0, 2) ?? 0n).length, 2, 'used at once, without a question');
  t.ok(world.node(0).using.has(addressKey(node.address)));
});

t.test('a far end that suddenly pings fast makes us measure our own way', async (t) => {
  const world = new MiniWorld(4);
  twoWays(world);
  world.want(0, 3);
  world.want(3, 0);
  world.run(10_000);
  const { address } = world.node(3);
  const label = world.path(0, 3) ?? 0n;
  const sent = (): number => world.node(0).counters.get('route.sent.pn');
  const burst = (pings: number): number => {
    world.tell(0, { type: 'pathGood', address, label, rttMs: null, lossPercent: 0 });
    const before = sent();
    const { publicKey: key, address: own } = world.node(0);
    for (let i = 0; i < pings; i++) world.tell(3, { type: 'probe', key, address: own, label: world.path(3, 0) ?? 0n });
    world.run(1_000);
    return sent() - before;
  };
  t.ok(burst(2) < 8, 'two are nothing unusual');
  world.run(2_000);
  t.ok(burst(3) >= 8);
});

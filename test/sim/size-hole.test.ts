/** A relay that drops large packets only: a path MTU hole, or somebody who means it. */
import t from 'tap';
import { readU32 } from '../../src/base/index.ts';
import { adjacencyOf, type Edge, type Flow, Flows, goodLink, sessionLabel, World } from '../../src/sim/index.ts';
import { hopsOf } from '../../src/switch/index.ts';

/** More seeds show more; SEEDS=50 for a closer look. */
const SEEDS = Number(process.env.SEEDS ?? 2);
const EVERY_MS = 20;
const SETTLE_MS = 12_000;
/** The aim: so long may the traffic stand still. */
const LEFT_MS = 3_000;
const WATCH_MS = 60_000;
/** Of IPv6 and UDP. */
const HEADERS = 48;

function edge(a: number, b: number): Edge {
  return { a, b, latencyMs: 1 };
}
/** Between 0 and 3: over 1, or over 2. */
const TWO_WAYS = [edge(0, 1), edge(1, 3), edge(0, 2), edge(2, 3)];
/** Between 0 and 3: straight, or over 1. */
const DIRECT = [edge(0, 3), edge(0, 1), edge(1, 2), edge(1, 3)];

/** 0 talks with 3: much, and a little beside. */
class Scene {
  readonly world: World;
  readonly flows: Flows;
  readonly much: Flow;
  readonly little: Flow;

  constructor(seed: number, edges: readonly Edge[], bytes: number) {
    this.world = new World({ seed, graph: { size: 4, edges } });
    this.world.startAll();
    this.flows = new Flows(this.world);
    this.much = this.flows.begin(0, 3, EVERY_MS, bytes);
    this.little = this.flows.begin(0, 3, EVERY_MS * 5);
  }

  /** Whom `from` gives what it sends to `to`. */
  nextHop(from: number, to: number): number {
    const first = hopsOf(sessionLabel(this.world, from, to) ?? 0n)?.[0];
    const next = adjacencyOf(this.world)[from]?.find(({ out }) => out === first)?.to;
    if (next === undefined) throw new Error('there is no way');
    return next;
  }

  /** From now on nothing longer than `maxBytes` passes from `a` to `b`. */
  dig(a: number, b: number, maxBytes: number): void {
    const back = this.world.underlay.link(b, a) ?? goodLink(1);
    this.world.underlay.connect(a, b, { ...goodLink(1), maxBytes }, back);
  }

  /** ... through a relay toward one end, or both. */
  digAt(relay: number, maxBytes: number, toward: readonly number[]): void {
    for (const end of toward) this.dig(end === 0 ? 3 : 0, relay, maxBytes);
  }

  /** Lets time pass. @returns how long each flow had no answers, ms */
  async lostMs(durationMs: number): Promise<{ much: number; little: number }> {
    const lost = (flow: Flow, everyMs: number): number => (flow.sent - flow.answered) * everyMs;
    const before = { much: lost(this.much, EVERY_MS), little: lost(this.little, 5 * EVERY_MS) };
    await this.world.run(durationMs);
    return {
      much: lost(this.much, EVERY_MS) - before.much,
      little: lost(this.little, 5 * EVERY_MS) - before.little,
    };
  }
}

async function settled(seed: number, edges: readonly Edge[], bytes: number): Promise<Scene> {
  const scene = new Scene(seed, edges, bytes);
  await scene.world.run(SETTLE_MS);
  return scene;
}

const HOLES = [
  [400, 1_000],
  [700, 1_000],
  [1_200, 1_200],
] as const;

for (const [what, toward] of [
  ['both ways', [0, 3]],
  ['on the way there', [3]],
  ['on the way back', [0]],
] as const)
  for (const [hole, bytes] of HOLES)
    t.test(`a relay that drops above ${hole} bytes, ${what}, is left within 3 s, for good`, async (t) => {
      for (let seed = 1; seed <= SEEDS; seed++) {
        const scene = await settled(seed, TWO_WAYS, bytes);
        const relay = toward[0] === 3 || toward.length > 1 ? scene.nextHop(0, 3) : scene.nextHop(3, 0);
        scene.digAt(relay, hole, toward);
        const first = await scene.lostMs(LEFT_MS);
        const then = await scene.lostMs(WATCH_MS);
        t.ok(first.much < LEFT_MS - 500, `seed ${seed}: well again after ${first.much} ms`);
        t.ok(then.much < WATCH_MS / 100, `seed ${seed}: later ${then.much} ms lost`);
        t.ok(
          first.little + then.little < WATCH_MS / 100,
          `seed ${seed}: ${first.little + then.little} ms of the small`,
        );
        scene.world.stopAll();
      }
    });

t.test('a hole that was there before the large packets is not walked into for longer', async (t) => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const scene = await settled(seed, TWO_WAYS, 8);
    for (const relay of [scene.nextHop(0, 3)]) scene.digAt(relay, 400, [0, 3]);
    await scene.world.run(10_000);
    const large = scene.flows.begin(0, 3, EVERY_MS, 1_000);
    await scene.world.run(WATCH_MS);
    const lostMs = (large.sent - large.answered) * EVERY_MS;
    t.ok(lostMs < LEFT_MS, `seed ${seed}: ${lostMs} ms`);
    scene.world.stopAll();
  }
});

t.test('a direct link with a hole is left for a relay, and taken again when the hole is gone', async (t) => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const scene = await settled(seed, DIRECT, 1_000);
    await scene.world.until(() => scene.nextHop(0, 3) === 3, 60_000);
    t.equal(scene.nextHop(0, 3), 3);
    scene.dig(0, 3, 700);
    scene.dig(3, 0, 700);
    const first = await scene.lostMs(LEFT_MS);
    const then = await scene.lostMs(WATCH_MS);
    t.ok(first.much < LEFT_MS - 500, `seed ${seed}: well again after ${first.much} ms`);
    t.ok(then.much < WATCH_MS / 100, `seed ${seed}: later ${then.much} ms lost`);
    scene.dig(0, 3, Number.POSITIVE_INFINITY);
    scene.dig(3, 0, Number.POSITIVE_INFINITY);
    const backMs = await scene.world.until(() => scene.nextHop(0, 3) === 3 && scene.nextHop(3, 0) === 0, 240_000);
    t.ok(backMs !== null, `seed ${seed}: back after ${backMs} ms`);
    scene.world.stopAll();
  }
});

t.test('where both ways have a hole the small packets go on', async (t) => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const scene = await settled(seed, TWO_WAYS, 1_000);
    for (const relay of [1, 2]) scene.digAt(relay, 700, [0, 3]);
    const lost = await scene.lostMs(WATCH_MS);
    t.ok(lost.much >= WATCH_MS - 1_000, 'there is no way for the large ones');
    t.ok(lost.little < WATCH_MS / 100, `seed ${seed}: ${lost.little} ms`);
    scene.digAt(2, Number.POSITIVE_INFINITY, [0, 3]);
    const healed = await scene.lostMs(2 * WATCH_MS);
    t.ok(healed.much < WATCH_MS + 10_000, `seed ${seed}: healed, the large ones pass after ${healed.much} ms`);
    scene.world.stopAll();
  }
});

t.test('the hole moves to the other relay, and the traffic back', async (t) => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const scene = await settled(seed, TWO_WAYS, 1_000);
    const relay = scene.nextHop(0, 3);
    scene.digAt(relay, 700, [0, 3]);
    await scene.world.run(WATCH_MS);
    scene.digAt(relay, Number.POSITIVE_INFINITY, [0, 3]);
    scene.digAt(3 - relay, 700, [0, 3]);
    const lost = await scene.lostMs(2 * WATCH_MS);
    t.comment(`seed ${seed}: ${lost.much} ms`);
    t.ok(lost.much < WATCH_MS + LEFT_MS, `seed ${seed}: ${lost.much} ms`);
    scene.world.stopAll();
  }
});

t.test('a relay that drops half of the large packets is left, too', async (t) => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const scene = await settled(seed, TWO_WAYS, 1_000);
    const relay = scene.nextHop(0, 3);
    const { underlay } = scene.world;
    const send = underlay.send.bind(underlay);
    let count = 0;
    underlay.send = (from, fromPort, to, toPort, bytes, offset, length) => {
      if (to === relay && length > 700 && (count++ * 0x9e3779b1) % 7 < 3) return;
      send(from, fromPort, to, toPort, bytes, offset, length);
    };
    const first = await scene.lostMs(2 * LEFT_MS);
    const then = await scene.lostMs(WATCH_MS);
    t.ok(first.much < LEFT_MS, `seed ${seed}: ${first.much} ms lost at first`);
    t.ok(then.much < WATCH_MS / 50, `seed ${seed}: later ${then.much} ms`);
    t.ok(then.little < WATCH_MS / 50, `seed ${seed}: later ${then.little} ms of the small ones`);
    scene.world.stopAll();
  }
});

t.test('without another way the sender is told what passes, and that it passes again', async (t) => {
  // The longest packet of the TUN, 1304 bytes, is a datagram of 1324; one of 1280 bytes is one of 1300.
  const [whole, least] = [1_304 - HEADERS, 1_280 - HEADERS];
  for (let seed = 1; seed <= SEEDS; seed++) {
    const scene = await settled(seed, [edge(0, 1), edge(1, 3), edge(1, 2)], whole);
    const { world } = scene;
    const told: { readonly host: number; readonly mtu: number }[] = [];
    const toPrograms = world.onUserPacket;
    world.onUserPacket = (host, packet) => {
      if (packet[6] === 58 && packet[40] === 2) told.push({ host, mtu: readU32(packet, 44) });
      else toPrograms(host, packet);
    };
    scene.dig(1, 3, 1_310);
    await world.run(LEFT_MS);
    t.match(told.at(-1), { host: 0, mtu: 1_280 }, `seed ${seed}: told within 3 s`);
    const fitting = scene.flows.begin(0, 3, EVERY_MS, least);
    const { answered } = scene.much;
    await world.run(10_000);
    t.ok((fitting.sent - fitting.answered) * EVERY_MS < 1_000, `seed ${seed}: ${fitting.answered} of ${fitting.sent}`);
    t.ok(scene.much.answered - answered < 5, 'what is too big is not sent');
    scene.dig(1, 3, Number.POSITIVE_INFINITY);
    const healedMs = await world.until(() => scene.much.answered > answered + 100, 2 * WATCH_MS);
    t.ok(healedMs !== null, `seed ${seed}: the large ones pass after ${healedMs} ms`);
    const { length } = told;
    await world.run(WATCH_MS);
    t.equal(told.length, length, 'and nobody is told otherwise');
    world.stopAll();
  }
});

t.test('a hole below the least MTU of IPv6 is no reason to hold such packets back', async (t) => {
  const scene = await settled(1, [edge(0, 1), edge(1, 3), edge(1, 2)], 1_000);
  const { world } = scene;
  const [toPrograms, told] = [world.onUserPacket, [] as number[]];
  world.onUserPacket = (host, packet) => (packet[6] === 58 ? void told.push(host) : toPrograms(host, packet));
  scene.dig(1, 3, 700);
  await world.run(WATCH_MS);
  t.same(told, []);
  scene.dig(1, 3, Number.POSITIVE_INFINITY);
  const { answered } = scene.much;
  await world.run(1_000);
  t.ok(scene.much.answered > answered + 40, 'they pass as soon as they can');
  world.stopAll();
});

/** A link that carries short frames only, and says nothing of it: its ends find out, and whoever sends longer packets is told. */
import t from 'tap';
import { readU16, readU32, writeU16 } from '../../src/base/index.ts';
import { Flows, goodLink, type World } from '../../src/sim/index.ts';
import { ACCEPTOR, DIALLER, isUp, pairOf } from './pair.ts';

/** Of IPv6 and UDP. */
const HEADERS = 48;
const WHOLE = 1_304 - HEADERS;
const EVERY_MS = 10;

/** Nothing longer passes between the two, in either direction. */
function narrow(world: World, maxBytes: number): void {
  world.underlay.connect(ACCEPTOR, DIALLER, { ...goodLink(5), maxBytes });
}

/** The longest frame that each end knows to pass. */
function known(world: World): readonly (number | null | undefined)[] {
  return [ACCEPTOR, DIALLER].map((host) => world.node(host).inspect().peers[0]?.mtu);
}

async function pair(maxBytes = Number.POSITIVE_INFINITY): Promise<World> {
  const world = pairOf(1);
  narrow(world, maxBytes);
  world.startAll();
  await world.until(() => isUp(world), 10_000);
  return world;
}

t.test('both ends know the longest frame soon after the link came up', async (t) => {
  for (const [maxBytes, mtu] of [
    [Number.POSITIVE_INFINITY, 1_324],
    [1_310, 1_300],
    [1_240, 1_232],
    [600, 548],
  ] as const) {
    const world = await pair(maxBytes);
    const tookMs = await world.until(() => known(world).every((bytes) => bytes === mtu), 10_000);
    t.ok(tookMs !== null, `${mtu}: ${tookMs} ms, ${known(world)}`);
    t.ok(isUp(world), 'the link stays up');
    world.stopAll();
  }
});

t.test(
  'a link that shrinks under load: the sender is told within a second and a half, and again that more passes',
  async (t) => {
    const world = await pair();
    const flows = new Flows(world);
    const told: number[] = [];
    const toPrograms = world.onUserPacket;
    world.onUserPacket = (host, packet) => {
      if (packet[6] === 58 && packet[40] === 2) told.push(readU32(packet, 44));
      else toPrograms(host, packet);
    };
    const much = flows.begin(DIALLER, ACCEPTOR, EVERY_MS, WHOLE);
    await world.run(5_000);
    t.same(told, []);
    narrow(world, 1_310);
    const toldMs = await world.until(() => told.length > 0, 5_000);
    t.ok(toldMs !== null && toldMs <= 1_500, `told after ${toldMs} ms`);
    t.equal(told[0], 1_280);
    narrow(world, Number.POSITIVE_INFINITY);
    const { answered } = much;
    const backMs = await world.until(() => much.answered > answered + 100, 60_000);
    t.ok(backMs !== null, `whole packets pass again after ${backMs} ms`);
    world.stopAll();
  },
);

/** A program begins a TCP connection, and names a segment size. */
function connect(world: World, from: number, to: number, segmentBytes: number): void {
  const packet = new Uint8Array(64);
  packet.set([0x60, 0, 0, 0, 0, 24, 6, 64]);
  packet.set(world.identity(from).address, 8);
  packet.set(world.identity(to).address, 24);
  packet.set([6 << 4, 2], 52);
  packet.set([2, 4], 60);
  writeU16(packet, 62, segmentBytes);
  world.running(from)?.engine.injectTun(packet);
}

t.test('TCP begins with segments that the link carries', async (t) => {
  for (const [maxBytes, segmentBytes] of [
    [Number.POSITIVE_INFINITY, 1_244],
    [1_310, 1_220],
    [1_160, 1_072],
  ] as const) {
    const world = await pair(maxBytes);
    await world.run(10_000);
    const seen = [new Set<number>(), new Set<number>()];
    world.onUserPacket = (host, packet) => void (packet[6] === 6 && seen[host]?.add(readU16(packet, 62)));
    // As TCP does, more than once: the first may be lost with the session that it waits for.
    for (let tries = 0; tries < 3; tries++) {
      connect(world, DIALLER, ACCEPTOR, 1_244);
      connect(world, ACCEPTOR, DIALLER, 1_244);
      await world.run(1_000);
    }
    for (const sizes of seen) t.same([...sizes], [segmentBytes]);
    world.stopAll();
  }
});

t.test('an idle link is asked once, and no more', async (t) => {
  const world = await pair();
  await world.run(60_000);
  let long = 0;
  world.underlay.observer = (_from, _to, _bytes, _offset, length) => void (length > 1_000 && long++);
  await world.run(1_200_000);
  t.equal(long, 0);
  world.stopAll();
});

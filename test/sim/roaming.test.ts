/**
 * A node is seen at another address: in the established state and at each step of the handshake, whichever end it is,
 * whether it is told of the change or not. Whole nodes on a virtual clock, the fast path included.
 */
import assert from 'node:assert/strict';
import t from 'tap';
import { equal } from '../../src/base/index.ts';
import type { World } from '../../src/sim/index.ts';
import { ACCEPTOR, DIALLER, isUp, kindOf, pairOf, type Rules } from './pair.ts';

const WITHIN_MS = 3_000;
const OTHER_PORT = 40_001;
/** A probe waits this long for its answer. */
const PROBE_MS = 400;

/** Port where `host` sees the other one; null without an established link to it. */
function seenAt(world: World, host: number): number | null {
  const other = world.identity(host === ACCEPTOR ? DIALLER : ACCEPTOR).publicKey;
  const peers = world.node(host).inspect().peers;
  const up = peers.filter((peer) => peer.state === 'established' && equal(peer.key, other));
  return up.length === 1 ? Number(up[0]?.endpoint.split(':').at(-1)) : null;
}

/** Does data go both ways, at this moment? Asked with pings along the one-hop label, which cost a round trip. */
async function passes(world: World): Promise<boolean> {
  const ask = async (host: number): Promise<boolean> => {
    const [peer] = world
      .node(host)
      .inspect()
      .peers.filter(({ state }) => state === 'established');
    if (peer === undefined) return false;
    return (await world.node(host).pingLabel(peer.label, PROBE_MS)) !== null;
  };
  const both = Promise.all([ask(ACCEPTOR), ask(DIALLER)]);
  await world.run(PROBE_MS + 10);
  return (await both).every((one) => one);
}

/** How long until data goes both ways again, to a probe. */
async function passesAfter(world: World, name: string): Promise<number> {
  const beganMs = world.clock.nowMs();
  for (;;) {
    const atMs = world.clock.nowMs();
    if (await passes(world)) return atMs - beganMs;
    assert(atMs - beganMs <= WITHIN_MS, `${name}: nothing passes after ${atMs - beganMs} ms`);
  }
}

const longest = (all: readonly number[]): string => `${Math.max(...all)} ms at most, ${all.length} cases`;

for (const [who, host] of [
  ['the dialler', DIALLER],
  ['the acceptor', ACCEPTOR],
] as const) {
  for (const isTold of [true, false]) {
    t.test(`${who} moves while the link is up and ${isTold ? 'is told' : 'nobody is told'}`, async (t) => {
      for (const latencyMs of [1, 20, 150]) {
        const world = pairOf(latencyMs, latencyMs);
        world.startAll();
        await world.until(() => isUp(world), 5_000);
        await world.run(3_000);
        const other = host === ACCEPTOR ? DIALLER : ACCEPTOR;
        const before = world.node(other).inspect().peers[0];
        world.move(host, OTHER_PORT);
        if (isTold) world.node(host).networkChanged('changed');
        const tookMs = await world.until(() => seenAt(world, other) === OTHER_PORT, WITHIN_MS);
        assert(tookMs !== null, `not seen there, latency ${latencyMs} ms`);
        t.comment(`latency ${latencyMs} ms: moved after ${tookMs} ms`);
        if (isTold) t.ok(tookMs <= 3 * latencyMs + 30, `a round trip and a half: ${tookMs} ms`);
        const after = world.node(other).inspect().peers[0];
        t.equal(after?.interfaceNumber, before?.interfaceNumber);
        t.equal(world.node(other).inspect().peers.length, 1);
        t.ok((after?.ageMs ?? 0) > (before?.ageMs ?? 0), 'the same link');
        t.equal(world.node(other).counters.get('link.moved'), 1);
        await world.run(5_000);
        t.ok(await passes(world));
        t.equal(world.node(other).counters.get('link.moved'), 1);
        t.equal(world.node(host).counters.get('link.moved'), 0);
        world.stopAll();
      }
    });
  }
}

/** Steps of the handshake at which the address changes: packets seen since the start. */
const STEPS = 10;
const RULES: readonly Rules[] = [
  { acceptor: 'hardened', dialler: 'hardened' },
  { acceptor: 'stock', dialler: 'hardened' },
  { acceptor: 'hardened', dialler: 'stock' },
];

for (const rules of RULES) {
  for (const [who, hosts] of [
    ['the dialler', [DIALLER]],
    ['the dialler twice', [DIALLER, DIALLER]],
  ] as const) {
    t.test(`${who} moves at each step of the handshake (${rules.acceptor}, dialled by ${rules.dialler})`, async (t) => {
      const tookMs: number[] = [];
      for (let step = 0; step < STEPS; step++) {
        for (const isTold of [true, false]) {
          for (const afterMs of [0, 40, 700]) {
            const world = pairOf(step * 10 + afterMs, 5, rules);
            let left = step;
            world.underlay.filter = () => left-- > 0 || true;
            world.startAll();
            let port = OTHER_PORT;
            for (const host of hosts) {
              left = step;
              await world.until(() => left <= 0, 2_500);
              await world.run(afterMs);
              world.move(host, port++);
              if (isTold) world.node(host).networkChanged('changed');
            }
            tookMs.push(await passesAfter(world, `${who} at packet ${step}, after ${afterMs} ms, told: ${isTold}`));
            world.stopAll();
          }
        }
      }
      t.pass(longest(tookMs));
      t.comment(longest(tookMs));
    });
  }
}

/** The acceptor is as a stock node to whoever moved: it knows nobody there, until a handshake was answered. */
function forgetsMovers(world: World): void {
  let isAnswered = false;
  world.underlay.filter = (_, to, datagram) => {
    if (to === DIALLER && kindOf(datagram) === 'key') isAnswered = true;
    return isAnswered || to === DIALLER || kindOf(datagram) !== 'data';
  };
}

for (const isTold of [true, false]) {
  t.test(`the dialler of a node that does not follow moves and ${isTold ? 'is told' : 'nobody is told'}`, async (t) => {
    for (const latencyMs of [1, 20, 80]) {
      const world = pairOf(latencyMs, latencyMs);
      world.startAll();
      await world.until(() => isUp(world), 5_000);
      await world.run(3_000);
      forgetsMovers(world);
      world.move(DIALLER, OTHER_PORT);
      if (isTold) world.node(DIALLER).networkChanged('changed');
      let keyMs: number | null = null;
      const beganMs = world.clock.nowMs();
      const { filter } = world.underlay;
      world.underlay.filter = (from, to, datagram, ...ports) => {
        if (to === DIALLER && kindOf(datagram) === 'key') keyMs ??= world.clock.nowMs() - beganMs;
        return filter?.(from, to, datagram, ...ports) ?? true;
      };
      const tookMs = await world.until(() => seenAt(world, ACCEPTOR) === OTHER_PORT, WITHIN_MS);
      assert(tookMs !== null, `not seen there, latency ${latencyMs} ms`);
      t.comment(`latency ${latencyMs} ms: new keys after ${keyMs} ms, moved after ${tookMs} ms`);
      if (isTold) t.ok((keyMs ?? Infinity) <= 300 + 4 * latencyMs, 'a handshake is begun within a quarter of a second');
      t.equal(world.node(ACCEPTOR).inspect().refused.length, 0);
      await world.run(2_000);
      t.ok(await passes(world));
      world.stopAll();
    }
  });
}

t.test('a session whose first hop moves goes on, under way as well', async (t) => {
  const world = pairOf(3, 10);
  world.startAll();
  await world.until(() => isUp(world), 5_000);
  const arrivals: number[] = [];
  world.onUserPacket = (host) => {
    if (host === ACCEPTOR) arrivals.push(world.clock.nowMs());
  };
  const send = async (forMs: number): Promise<void> => {
    for (const endMs = world.clock.nowMs() + forMs; world.clock.nowMs() < endMs; ) {
      world.sendUser(DIALLER, ACCEPTOR, new Uint8Array(64));
      world.sendUser(ACCEPTOR, DIALLER, new Uint8Array(64));
      await world.run(20);
    }
  };
  await send(3_000);
  const [session] = world.node(DIALLER).inspect().sessions;
  t.ok(arrivals.length > 100);
  world.move(DIALLER, OTHER_PORT);
  await send(3_000);
  const [after] = world.node(DIALLER).inspect().sessions;
  const gaps = arrivals.map((atMs, index) => atMs - (arrivals[index - 1] ?? atMs));
  t.comment(`longest gap ${Math.max(...gaps.slice(50))} ms`);
  t.ok(Math.max(...gaps.slice(50)) < 1_000);
  t.equal(after?.receiveHandle, session?.receiveHandle, 'the same session');
  t.ok((after?.ageMs ?? 0) > (session?.ageMs ?? Infinity));
  t.equal(world.node(ACCEPTOR).counters.get('link.moved'), 1);
  world.stopAll();
});

import t from 'tap';
import { createCounters, utf8 } from '../../src/base/index.ts';
import { asIp6 } from '../../src/crypto/index.ts';
import { createRouter, type Effect, type Event, type Router } from '../../src/route/index.ts';
import {
  ANSWERS_PER_SECOND,
  HEARSAY_NODES,
  MAP_NODES,
  MAX_SEARCHES,
  MAX_TARGETS,
  PENDING_QUERIES,
} from '../../src/route/limits.ts';
import { emitQuery, emitReply, readMessage } from '../../src/route/query/messages.ts';
import { labelOfInterface } from '../../src/switch/index.ts';
import type { Label, ListedNode } from '../../src/wire/index.ts';
import { grid, hashesOnly, line, MiniWorld, makeKey, PROTOCOL, ring, seededRng } from './mini-world.ts';

/** A router that answers every query with what `lie` makes up. */
function liar(lie: (query: string, target: Uint8Array | null) => readonly ListedNode[]): Router {
  return {
    handle: (event: Event): readonly Effect[] => {
      if (event.type !== 'message') return [];
      const message = readMessage(event.content)?.message;
      if (message?.kind !== 'query') return [];
      const { key, address, returnLabel: label } = event;
      const content = emitReply(PROTOCOL, message.txid, lie(message.query, message.target), label);
      return [{ type: 'send', key, address, label, protocol: PROTOCOL, content }];
    },
    nextDueMs: () => Number.POSITIVE_INFINITY,
    snapshot: () => [],
    tooFar: () => null,
    farNodes: () => [],
    gauges: () => ({
      nodes: 0,
      hearsay: 0,
      links: 0,
      contacts: 0,
      targets: 0,
      searches: 0,
      pending: 0,
      timers: {},
    }),
  };
}

t.test(
  'S5: a peer that lists a new crowd with each answer fills only its share, and others stay reachable',
  async (t) => {
    const world = new MiniWorld();
    line(world, 4);
    world.add(1);
    const rng = seededRng(99);
    const crowd = Array.from({ length: 250 }, () => makeKey(rng).publicKey);
    let told = 0;
    world.node(4).router = liar((query) => {
      if (query !== 'gp' && query !== 'fn') return [];
      return Array.from({ length: 8 }, (_, i): ListedNode => {
        const key = crowd[told++ % crowd.length] ?? world.node(4).publicKey;
        return { key, label: labelOfInterface(2 + ((told + i) % 250)), protocol: 20 };
      });
    });
    world.connect(0, 4);
    world.want(0, 3);
    world.run(60_000);
    t.ok(world.reaches(0, 3));
    const gauges = world.node(0).router.gauges();
    t.ok(gauges.hearsay <= HEARSAY_NODES && gauges.nodes <= MAP_NODES, JSON.stringify(gauges));
    t.ok(world.node(0).sentBytes < 200_000, `${world.node(0).sentBytes} bytes in a minute`);
  },
);

t.test(
  'S5: who lists our target, ourselves and his friends at labels that lead to himself gets no user data',
  async (t) => {
    const world = new MiniWorld();
    line(world, 4);
    world.add(1);
    const victim = world.node(3);
    const asker = world.node(0);
    world.node(4).router = liar(() => [
      { key: asker.publicKey, label: 0x15n, protocol: 20 },
      { key: victim.publicKey, label: 0x15n, protocol: 20 },
      { key: victim.publicKey, label: 1n, protocol: 20 },
      { key: victim.publicKey, label: 0n, protocol: 20 },
      { key: victim.publicKey, label: 0xffff_ffff_ffff_ffffn, protocol: 20 },
    ]);
    world.connect(0, 4);
    world.want(0, 3);
    for (let i = 0; i < 100; i++) {
      world.run(100);
      const label = world.path(0, 3);
      if (label !== undefined) t.equal(world.walk(0, label).at(-1), 3);
    }
    t.ok(world.reaches(0, 3));
  },
);

t.test('S5: replies with a wrong key, over another path or to no query change nothing and are counted', async (t) => {
  const rng = seededRng(1);
  const counters = createCounters();
  const router = createRouter({ identity: makeKey(rng), crypto: hashesOnly, rng, counters, protocol: PROTOCOL });
  const peer = makeKey(rng);
  const other = makeKey(rng);
  const up = { key: peer.publicKey, address: peer.address, label: 0x13n, interfaceNumber: 0, protocol: 20, costMs: 1 };
  const sent = router.handle({ type: 'peerUp', ...up }, 0).find((effect) => effect.type === 'send');
  const txid = sent?.type === 'send' ? readMessage(sent.content)?.message.txid : undefined;
  if (txid === undefined) throw new Error('no query');
  const before = router.gauges();
  const say = (who: typeof peer, returnLabel: Label, id: Uint8Array): void => {
    const listed = [{ key: other.publicKey, label: 0x15n, protocol: 20 }];
    const content = emitReply(20, id, listed, 0x13n);
    router.handle({ type: 'message', key: who.publicKey, address: who.address, returnLabel, content }, 1);
  };
  say(other, 0x13n, txid);
  say(peer, 0x133n, txid);
  say(peer, 0x13n, utf8('0nothing'));
  t.same(router.gauges(), before);
  t.same(
    ['wrongKey', 'otherPath', 'unknownReply'].map((name) => counters.get(`route.${name}`)),
    [1, 1, 1],
  );
  say(peer, 0x13n, txid);
  t.equal(router.gauges().nodes, 2, 'the right one is still taken');
});

t.test('a label from another node carries user data only after its node has answered over it', async (t) => {
  const world = new MiniWorld();
  ring(world, 6);
  for (const to of [1, 2, 3, 4, 5]) world.want(0, to);
  const begin = world.nowMs;
  world.run(20_000);
  for (const { effect, atMs } of world.node(0).log) {
    if (effect.type !== 'usePath') continue;
    const hops = world.walk(0, effect.label).length;
    t.ok(hops === 1 || atMs - begin >= 10 * hops, 'a round trip has passed');
    t.equal(effect.verified, true);
  }
});

t.test('D5: a flood of queries, hints and errors costs a bounded number of answers and questions', async (t) => {
  const world = new MiniWorld();
  ring(world, 6);
  world.run(10_000);
  const { router } = world.node(0);
  const rng = seededRng(5);
  const strangers = Array.from({ length: 50 }, () => makeKey(rng));
  let replies = 0;
  let questions = 0;
  for (let i = 0; i < 20_000; i++) {
    const stranger = strangers[i % 10] ?? makeKey(rng);
    const label = BigInt(0x10_0000 + i * 16) | 3n;
    const content = emitQuery(20, rng.bytes(12), i % 2 === 0 ? 'fn' : 'gp', rng.bytes(i % 2 === 0 ? 16 : 8), 0x13n);
    const event: Event = {
      type: 'message',
      key: stranger.publicKey,
      address: stranger.address,
      returnLabel: label,
      content,
    };
    for (const effect of router.handle(event, world.nowMs + i / 20)) {
      if (effect.type !== 'send') continue;
      if (readMessage(effect.content)?.message.kind === 'reply') replies++;
      else questions++;
    }
    router.handle({ type: 'switchError', path: label, cause: label >> 4n, code: 8 }, world.nowMs + i / 20);
  }
  t.ok(replies <= 10 * ANSWERS_PER_SECOND * 2.1, `${replies} replies in one second to ten askers`);
  t.ok(questions < 200, `${questions} questions`);
  const gauges = router.gauges();
  t.ok(gauges.nodes <= MAP_NODES && gauges.pending <= PENDING_QUERIES);
});

t.test('tables of targets, searches and queries stop at their limits', async (t) => {
  const world = new MiniWorld();
  line(world, 3);
  world.run(2_000);
  const rng = seededRng(6);
  for (let i = 0; i < MAX_TARGETS + 100; i++) {
    const address = asIp6(rng.bytes(16));
    if (address !== null) world.tell(0, { type: 'wantPath', address, key: null, urgent: true });
  }
  const gauges = world.node(0).router.gauges();
  t.equal(gauges.targets, MAX_TARGETS);
  t.ok(gauges.searches <= MAX_SEARCHES && gauges.pending <= PENDING_QUERIES, JSON.stringify(gauges));
  world.run(120_000);
  t.equal(world.node(0).router.gauges().searches, 0);
  t.ok(world.reaches(0, 1) === false);
  world.want(0, 2);
  world.run(1_000);
  t.ok(world.reaches(0, 2), 'a real one is found as ever');
});

t.test('S10: sixty restarts of a peer in ten minutes stay within the budget', async (t) => {
  const world = new MiniWorld();
  grid(world, 3, 3);
  world.run(10_000);
  const before = world.node(0).sentBytes;
  for (let i = 0; i < 60; i++) {
    world.tell(0, { type: 'peerDown', label: 0x13n });
    world.run(2_000);
    const { publicKey: key, address } = world.node(1);
    world.tell(0, { type: 'peerUp', key, address, label: 0x13n, interfaceNumber: 0, protocol: PROTOCOL, costMs: 5 });
    world.run(8_000);
  }
  const rate = (world.node(0).sentBytes - before) / 600;
  t.ok(rate < 300, `${rate} bytes a second`);
});

t.test('the same seed gives the same run', async (t) => {
  const runs = [0, 1].map(() => {
    const world = new MiniWorld(11);
    grid(world, 3, 3);
    for (let to = 1; to < 9; to++) world.want(0, to);
    world.run(3_000);
    world.kill(4);
    world.run(10_000);
    return world.nodes.map((node) => [node.sentBytes, node.log]);
  });
  t.same(runs[0], runs[1]);
});

t.test('an idle router wakes up rarely and plans little', async (t) => {
  const world = new MiniWorld();
  ring(world, 6);
  world.run(30_000);
  const before = world.node(0).sentBytes;
  world.run(600_000);
  const { timers } = world.node(0).router.gauges();
  t.ok(Object.values(timers).reduce((a, b) => a + b, 0) < 10, JSON.stringify(timers));
  t.ok((world.node(0).sentBytes - before) / 600 < 20, `${(world.node(0).sentBytes - before) / 600} bytes a second`);
});

/** What is asked so that a better way to a node in use can be seen, answered by hand. */

import t from 'tap';
import { addressKey } from '../../../src/crypto/index.ts';
import { EXPLORE_PARALLEL, REFRESH_MS } from '../../../src/route/limits.ts';
import { type KnownPath, newPath } from '../../../src/route/map/known-path.ts';
import type { MapNode } from '../../../src/route/map/map.ts';
import { labelOf, shortestPaths } from '../../../src/route/map/paths.ts';
import { addRtt } from '../../../src/route/map/round-trips.ts';
import type { Crawl } from '../../../src/route/search/crawl.ts';
import { explore } from '../../../src/route/search/explore.ts';
import type { Label } from '../../../src/wire/index.ts';
import { answerQuery, makeContext, noCrawl, type Somebody } from '../bench.ts';
import { makeKey, seededRng } from '../mini-world.ts';

const LINK_MS = 10;
/** Four hops whose relays nobody knows. */
const LONG_WAY = 0x1_5555n;

/** A peer behind our interface 1, and a target that is reached over a long way although it is near the peer. */
function bench() {
  const rng = seededRng(9);
  const context = makeContext(rng);
  const { map } = context;
  const keys = new Map<MapNode, Somebody>();
  const meet = (): MapNode => {
    const who = makeKey(rng);
    const node = map.ensure(who.publicKey, who.address, 21, true, 0);
    if (node === null) throw new Error('no room');
    keys.set(node, who);
    return node;
  };
  const who = (node: MapNode): Somebody => keys.get(node) ?? makeKey(rng);
  const link = (from: MapNode, number: number, to: MapNode): void => {
    const made = map.link(from, number, to, 0);
    if (made !== null) map.setCost(made, LINK_MS);
  };
  const isRead = (node: MapNode): void => {
    node.expandedMs = 0;
    node.nextInterface = 0;
  };
  const [peer, near, target] = [meet(), meet(), meet()];
  link(map.self, 1, peer);
  peer.paths.push(newPath(0x13n, true, 0, 0));
  const current = newPath(LONG_WAY, false, 0, 0);
  addRtt(current.trips, 400, 0);
  target.paths.push(current);
  for (const node of [peer, near, target]) isRead(node);
  const read: { node: MapNode; label: Label; from: number }[] = [];
  const crawl: Crawl = { ...noCrawl, expand: (node, label, from) => read.push({ node, label, from }) > 0 };
  let changes = 0;
  const round = (): void => {
    const there = shortestPaths(map, { nowMs: context.nowMs, overPaths: true });
    explore(context, crawl, target, current, there, () => changes++);
  };
  return { context, map, peer, near, target, current, who, meet, link, read, round, changes: () => changes };
}

const wayTo = ({ map, nowMs }: ReturnType<typeof makeContext>, node: MapNode): KnownPath['label'] | null => {
  const reach = shortestPaths(map, { nowMs, overPaths: false, target: node }).get(node);
  return reach === undefined ? null : labelOf(reach);
};

t.test('whoever is near the target is read over the target, farther ones are not', async (t) => {
  const { near, target, meet, link, read, round, current } = bench();
  near.expandedMs = Number.NEGATIVE_INFINITY;
  link(target, 1, near);
  // 16 links on it costs more than half of the way in use.
  let last = near;
  for (let i = 0; i < 16; i++) {
    const next = meet();
    link(last, 1, next);
    last = next;
    if (i < 15) next.expandedMs = 0;
  }
  round();
  t.same(
    read.map(({ node, from }) => [node.id, from]),
    [[near.id, 0]],
  );
  t.ok((read[0]?.label ?? 0n) > current.label, 'over the path in use and one link more');
  round();
  t.equal(read.length, 1, 'once');
});

t.test('a hub is read on where it ended', async (t) => {
  const { near, target, link, read, round } = bench();
  link(target, 1, near);
  near.nextInterface = 17;
  round();
  t.same(
    read.map(({ node, from }) => [node.id, from]),
    [[near.id, 17]],
  );
});

t.test(
  'a link that only its far end has named is asked for at the near one, and then the short way is there',
  async (t) => {
    const { context, peer, near, target, who, link, round, changes } = bench();
    // The target and its neighbour say whom they have; the peer, a hub, has not told of them yet.
    link(target, 1, near);
    link(near, 3, target);
    link(near, 4, peer);
    t.equal(wayTo(context, target), null);
    round();
    const asked = answerQuery(context, who(peer), [[who(near), 0x1fn]]);
    t.equal(asked.name, 'fn');
    t.same(asked.target, near.address);
    t.equal(changes(), 1);
    t.not(wayTo(context, target), null, 'us, peer, neighbour, target');
    t.same(context.effects, [], 'the peer itself needs no link to the target');
  },
);

t.test('what is no link of the one who answers is not taken for one', async (t) => {
  const cases: [string, (b: ReturnType<typeof bench>) => readonly (readonly [Somebody, Label])[]][] = [
    ['two hops', ({ near, who }) => [[who(near), 0x155n]]],
    ['somebody else', ({ meet, who }) => [[who(meet()), 0x1fn]]],
    ['nobody', () => []],
  ];
  for (const [name, listing] of cases) {
    const b = bench();
    b.link(b.target, 1, b.near);
    b.link(b.near, 3, b.target);
    b.link(b.near, 4, b.peer);
    b.round();
    answerQuery(b.context, b.who(b.peer), listing(b));
    t.equal(wayTo(b.context, b.target), null, name);
    t.equal(b.changes(), 0, name);
    b.round();
    t.same(b.context.effects, [], 'not asked again soon');
    b.context.nowMs = REFRESH_MS + 1;
    for (const node of [b.peer, b.near, b.target]) node.expandedMs = b.context.nowMs;
    b.round();
    t.equal(b.context.effects.length, 1, 'but some day');
  }
});

t.test('nothing is asked for what could not be better than the way in use', async (t) => {
  const { context, peer, near, target, link, round, current } = bench();
  link(target, 1, near);
  link(near, 4, peer);
  for (let i = 0; i < 3; i++) addRtt(current.trips, 4 * LINK_MS, 0);
  round();
  t.same(context.effects, []);
});

t.test('a liar that names a thousand links makes us ask few questions a round', async (t) => {
  const { context, peer, target, meet, link, read, round } = bench();
  for (let i = 0; i < 40; i++) {
    const node = meet();
    link(target, i + 1, node);
    link(node, 1, peer);
  }
  round();
  t.equal(context.effects.length, EXPLORE_PARALLEL);
  t.equal(read.length, EXPLORE_PARALLEL);
  t.equal(new Set(read.map(({ node }) => addressKey(node.address))).size, EXPLORE_PARALLEL);
});

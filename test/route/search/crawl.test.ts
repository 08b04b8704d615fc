import t from 'tap';
import { equal, readU64 } from '../../../src/base/index.ts';
import { LOCAL_NODES, LOCAL_PAGES, REFRESH_MS, REFRESHED_NODES, STEADY_REFRESH_MS } from '../../../src/route/limits.ts';
import { newPath } from '../../../src/route/map/known-path.ts';
import type { MapNode } from '../../../src/route/map/map.ts';
import { addRtt } from '../../../src/route/map/round-trips.ts';
import type { Context } from '../../../src/route/query/context.ts';
import { type Crawl, createCrawl } from '../../../src/route/search/crawl.ts';
import { LIST_LIMIT } from '../../../src/route/spec.ts';
import { firstDirector, labelOfInterface } from '../../../src/switch/index.ts';
import { answerAll, answerQuery, type Listing, makeContext, type Somebody } from '../bench.ts';
import { makeKey, seededRng } from '../mini-world.ts';

const rng = seededRng(31);
const PEERS = 20;

type Bench = {
  readonly context: Context;
  readonly crawl: Crawl;
  readonly node: MapNode;
  readonly readPages: () => readonly number[];
};

/** Our only peer is a hub with 20 more peers behind its interfaces 2 to 21, which know nobody. */
function bench(): Bench {
  const context = makeContext(rng);
  const { map } = context;
  const hub = makeKey(rng);
  const peers: readonly Somebody[] = Array.from({ length: PEERS }, () => makeKey(rng));
  const node = map.ensure(hub.publicKey, hub.address, 21, true, 0);
  if (node === null || map.link(map.self, 0, node, 0) === null) throw new Error('no room');
  map.addPath(node, newPath(labelOfInterface(0), true, 0, 0), context.isInUse);

  /** Lets everybody answer as long as anybody is asked. @returns the first interface of each page that the hub was asked for */
  function readPages(): readonly number[] {
    const pages: number[] = [];
    for (let sent = context.effects.at(-1); sent !== undefined; sent = context.effects.at(-1)) {
      const key = sent.type === 'send' ? sent.key : null;
      const peer = peers.find(({ publicKey }) => key !== null && equal(publicKey, key));
      if (peer === undefined) answerQuery(context, hub, ({ target }) => page(target));
      else answerQuery(context, peer);
    }
    return pages;

    function page(target: Uint8Array | null): Listing {
      const from = target === null ? 0 : interfaceOf(readU64(target, 0));
      pages.push(from);
      const listed = peers.map((peer, i) => [peer, labelOfInterface(i + 2)] as const).slice(Math.max(0, from - 2));
      return listed.slice(0, LIST_LIMIT).reverse();
    }
  }
  return { context, crawl: createCrawl(context), node, readPages };
}

function interfaceOf(label: bigint): number {
  return label === 1n ? 0 : (firstDirector(label)?.number ?? -1);
}

t.test('a hub is read in turns: some pages at first, then the next one at each refresh', async (t) => {
  const { context, crawl, node, readPages } = bench();
  crawl.go();
  t.same(readPages(), [0, 10]);
  t.equal(LOCAL_PAGES, 2);
  t.equal(node.links.length, 16);
  crawl.go();
  t.same(readPages(), [], 'not before its time');
  for (const expected of [18, 0, 10, 18]) {
    context.nowMs += 1.2 * REFRESH_MS;
    node.heardMs = context.nowMs;
    crawl.go();
    t.same(readPages(), [expected]);
  }
  t.equal(node.links.length, PEERS);
});

t.test('what is missing in its page is forgotten, other pages are not touched by it', async (t) => {
  const { context, crawl, node, readPages } = bench();
  crawl.go();
  readPages();
  const ghost = makeKey(rng);
  const child = context.map.ensure(ghost.publicKey, ghost.address, 21, false, 0);
  if (child === null) throw new Error('no room');
  // It has been asked itself.
  child.expandedMs = 1.2 * REFRESH_MS;
  for (const interfaceNumber of [30, 1]) context.map.link(node, interfaceNumber, child, -1);
  context.nowMs += 1.2 * REFRESH_MS;
  node.heardMs = context.nowMs;
  crawl.go();
  t.same(readPages(), [18]);
  t.same(
    node.links.filter(({ to }) => to === child).map((link) => link.interfaceNumber),
    [1],
  );
});

t.test('what stays the same is read less and less often, and a dead end is from the start', async (t) => {
  const context = makeContext(rng);
  const { map } = context;
  const [relay, end] = [makeKey(rng), makeKey(rng)];
  const node = map.ensure(relay.publicKey, relay.address, 21, true, 0);
  if (node === null || map.link(map.self, 0, node, 0) === null) throw new Error('no room');
  map.addPath(node, newPath(labelOfInterface(0), true, 0, 0), context.isInUse);
  const others = [end, makeKey(rng)];
  const listing = () => others.map((other, i) => [other, labelOfInterface(i + 2)] as const);
  const crawl = createCrawl(context);
  /** When each was read, in units of the refresh. */
  const read = { relay: [] as number[], end: [] as number[] };
  for (const stepMs = REFRESH_MS / 4; context.nowMs < 16 * REFRESH_MS; context.nowMs += stepMs) {
    node.heardMs = context.nowMs;
    map.version++;
    crawl.go();
    for (let sent = context.effects.at(-1); sent !== undefined; sent = context.effects.at(-1)) {
      const isRelay = sent.type === 'send' && equal(sent.key, relay.publicKey);
      const isEnd = sent.type === 'send' && equal(sent.key, end.publicKey);
      if (isRelay) answerQuery(context, relay, listing());
      else
        answerQuery(context, others.find(({ publicKey }) => sent.type === 'send' && equal(publicKey, sent.key)) ?? end);
      if (isRelay) read.relay.push(context.nowMs / REFRESH_MS);
      if (isEnd) read.end.push(context.nowMs / REFRESH_MS);
    }
    // A relay with one more peer is read as often as at first.
    if (context.nowMs === 8 * REFRESH_MS) others.push(makeKey(rng));
  }
  const waits = (times: readonly number[]) => times.slice(1).map((at, i) => Math.round(at - (times[i] ?? 0)));
  t.same(waits(read.relay).slice(0, 3), [1, 2, 4]);
  t.ok(waits(read.relay).slice(3).includes(1), `${waits(read.relay)}`);
  t.ok(
    waits(read.end).every((wait) => wait >= STEADY_REFRESH_MS / REFRESH_MS),
    `${waits(read.end)}`,
  );
});

t.test('of nodes that come and go far away few are read, of the nearest all', async (t) => {
  const context = makeContext(rng);
  const { map } = context;
  const nodes = Array.from({ length: 150 }, () => makeKey(rng));
  for (const [i, { publicKey, address }] of nodes.entries()) {
    const node = map.ensure(publicKey, address, 21, true, 0);
    const path = newPath(labelOfInterface(i + 2), false, 0, 0);
    addRtt(path.trips, 20, 0);
    if (node !== null) map.addPath(node, path, context.isInUse);
  }
  const crawl = createCrawl(context);
  /** All begin anew, as nodes do that were forgotten. @returns how many are read */
  const anew = (): number => {
    for (const node of map.nodes()) node.expandedMs = Number.NEGATIVE_INFINITY;
    map.version++;
    crawl.go();
    return new Set(answerAll(context, nodes, crawl.go)).size;
  };
  const read: number[] = [];
  // Far enough apart for the budget of bytes; in between one or two more may be read.
  for (; read.length < 5; context.nowMs += 100_000) read.push(anew());
  t.equal(read[0], LOCAL_NODES, 'all at the start');
  for (const count of read.slice(3)) t.ok(count > REFRESHED_NODES && count < REFRESHED_NODES + 5, `${count}`);
});

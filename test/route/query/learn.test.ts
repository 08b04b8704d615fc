import t from 'tap';
import { HOP_COST_MS, PATHS_PER_NODE } from '../../../src/route/limits.ts';
import { newPath } from '../../../src/route/map/known-path.ts';
import type { MapNode } from '../../../src/route/map/map.ts';
import type { Context } from '../../../src/route/query/context.ts';
import { learn } from '../../../src/route/query/learn.ts';
import { emitReply, newTxid, type Received, readMessage } from '../../../src/route/query/messages.ts';
import type { Label } from '../../../src/wire/index.ts';
import { makeContext } from '../bench.ts';
import { makeKey, seededRng } from '../mini-world.ts';

const rng = seededRng(8);
const [own, near, far, third] = [makeKey(rng), makeKey(rng), makeKey(rng), makeKey(rng)];

/** We have a link of 4 ms one way to `near`, as interface 0. */
function bench(): { context: Context; peer: MapNode } {
  const context = makeContext(rng, own);
  const { map } = context;
  context.nowMs = 100;
  const peer = map.ensure(near.publicKey, near.address, 21, true, 0);
  const link = peer === null ? null : map.link(map.self, 0, peer, 0);
  if (peer === null || link === null) throw new Error('no room');
  map.setCost(link, 4);
  return { context, peer };
}

function reply(label: Label): Received {
  const received = readMessage(emitReply(21, newTxid(rng), [], label));
  if (received === null) throw new Error('not readable');
  return received;
}

function hear(context: Context, label: Label, rttMs: number | null): ReturnType<typeof learn> {
  return learn(context, { key: far.publicKey, address: far.address, label, received: reply(label), rttMs });
}

t.test('a reply over one hop more than is known proves node, link and path', async (t) => {
  const { context, peer } = bench();
  const { node, path } = hear(context, 0x153n, 20);
  t.equal(node?.heardMs, 100);
  t.equal(path?.label, 0x153n);
  t.equal(path?.trips.ms, 20);
  t.ok(peer.links.some((link) => link.to === node && link.interfaceNumber === 2));
});

t.test('a reply over more unknown hops proves the path, but no link', async (t) => {
  const { context, peer } = bench();
  const { path } = hear(context, 0x1553n, 20);
  t.equal(path?.label, 0x1553n);
  t.equal(peer.links.length, 0);
});

t.test('what a path takes beyond our own link is charged to the links nobody has measured', async (t) => {
  const { context, peer } = bench();
  hear(context, 0x153n, 20);
  t.equal(peer.links[0]?.costMs, 6);
  t.equal(context.map.self.links[0]?.costMs, 4, 'our own link is measured by the link layer');
});

t.test('a link that says to be quick is charged with what it takes', async (t) => {
  const { context, peer } = bench();
  hear(context, 0x153n, 20);
  const [link] = peer.links;
  if (link === undefined) throw new Error('no link');
  context.map.setCost(link, 0.1);
  for (let i = 0; i < 10; i++) hear(context, 0x153n, 200);
  t.ok((link.costMs ?? 0) > 80, `${link.costMs}`);
});

t.test('a suspect path is good again when it answers', async (t) => {
  const { context } = bench();
  const { path } = hear(context, 0x153n, 20);
  if (path === null) throw new Error('no path');
  path.suspect = true;
  hear(context, 0x153n, 20);
  t.equal(path.suspect, false);
});

t.test('an answer to a ping with ballast proves the path and measures nothing', async (t) => {
  const { context, peer } = bench();
  const { path } = hear(context, 0x153n, null);
  t.equal(path?.trips.ms, null);
  t.equal(peer.links[0]?.costMs, null);
  hear(context, 0x153n, 20);
  const [link] = peer.links;
  if (link === undefined) throw new Error('no link');
  context.map.setCost(link, 1);
  context.nowMs = 200;
  hear(context, 0x153n, null);
  t.same([path?.trips.ms, path?.trips.recentMs, path?.goodMs], [20, [20], 200]);
  t.equal(link.costMs, 1, 'nor is it charged again with what was measured before');
});

t.test('paths are bounded: the dearest that is not in use gives way', async (t) => {
  const { context } = bench();
  const labels = [0x153n, 0x155n, 0x157n, 0x159n, 0x15bn, 0x15dn] as const;
  for (const [index, label] of labels.entries()) hear(context, label, 10 * (index + 1));
  const node = hear(context, 0x153n, 10).node;
  t.equal(node?.paths.length, PATHS_PER_NODE);
  t.ok(node?.paths.some((path) => path.label === 0x153n));
});

t.test('our own key is never a node of the map', async (t) => {
  const { context } = bench();
  const received = reply(0x153n);
  const heard = { key: own.publicKey, address: own.address, label: 0x153n, received, rttMs: 1 };
  t.same(learn(context, heard), { node: null, path: null });
});

t.test('several unmeasured links share equally what a path takes', async (t) => {
  const { context, peer } = bench();
  hear(context, 0x153n, 20);
  const [first] = peer.links;
  const end = hear(context, 0x153n, 20).node;
  if (first === undefined || end === null) throw new Error('no link');
  const last = context.map.ensure(third.publicKey, third.address, 21, true, 0);
  const link = last === null ? null : context.map.link(end, 2, last, 0);
  if (last === null || link === null) throw new Error('no room');
  first.costMs = null;
  link.costMs = null;
  learn(context, { key: third.publicKey, address: third.address, label: 0x1553n, received: reply(0x1553n), rttMs: 40 });
  t.same([first.costMs, link.costMs], [8, 8], '20 ms one way, 4 of them ours');
});

t.test('the noise of clocks leaves measured links alone', async (t) => {
  const { context, peer } = bench();
  hear(context, 0x153n, 20);
  hear(context, 0x153n, 20.8);
  t.equal(peer.links[0]?.costMs, 6);
});

t.test('a path that answers in less than our own link takes costs a link next to nothing, never less', async (t) => {
  const { context, peer } = bench();
  hear(context, 0x153n, 1);
  t.equal(peer.links[0]?.costMs, HOP_COST_MS);
});

t.test('the round trip of a direct peer is not charged: the link layer knows better', async (t) => {
  const { context, peer } = bench();
  context.map.addPath(peer, newPath(0x13n, true, 0, 0), () => false);
  const heard = { key: near.publicKey, address: near.address, label: 0x13n, received: reply(0x13n), rttMs: 500 };
  t.equal(learn(context, heard).path?.trips.ms, 500);
  t.equal(context.map.self.links[0]?.costMs, 4);
});

t.test('who asks not to be listed is not, until it says so no more', async (t) => {
  const { context } = bench();
  const received = reply(0x153n);
  if (received.message.kind !== 'reply') throw new Error('no reply');
  const shy: Received = { ...received, message: { ...received.message, dnd: true } };
  const heard = { key: far.publicKey, address: far.address, label: 0x153n, rttMs: 20 };
  t.equal(learn(context, { ...heard, received: shy }).node?.hidden, true);
  t.equal(learn(context, { ...heard, received }).node?.hidden, false);
});

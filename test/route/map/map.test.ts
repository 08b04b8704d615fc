import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import {
  HEARSAY_NODES,
  HEARSAY_PER_PARENT,
  LINKS_PER_NODE,
  MAP_NODES,
  PATHS_PER_NODE,
} from '../../../src/route/limits.ts';
import { newPath } from '../../../src/route/map/known-path.ts';
import { type MapNode, NodeMap } from '../../../src/route/map/map.ts';
import { labelOf, type Reach, shortestPaths } from '../../../src/route/map/paths.ts';
import { formNumber, hopsOf, labelOfInterface, log2, smallestBits } from '../../../src/switch/index.ts';
import { makeKey, seededRng } from '../mini-world.ts';

const rng = seededRng(21);
const people = Array.from({ length: MAP_NODES + HEARSAY_NODES }, () => makeKey(rng));

function person(index: number): { publicKey: MapNode['key']; address: MapNode['address'] } {
  const found = people[index];
  if (found === undefined) throw new Error('too few people');
  return found;
}

function newMap(): NodeMap {
  const { publicKey, address } = person(0);
  return new NodeMap(publicKey, address);
}

function add(map: NodeMap, index: number, heard = true, nowMs = index): MapNode | null {
  const { publicKey, address } = person(index);
  return map.ensure(publicKey, address, 20, heard, nowMs);
}

/** The nodes of a way, first relay first, the end included. */
function nodesOf(reach: Reach): MapNode[] {
  const nodes: MapNode[] = [];
  for (let at: Reach | null = reach; at !== null && (at.link !== null || at.base !== null); at = at.via)
    nodes.push(at.node);
  return nodes.reverse();
}

t.test('what is forgotten twice takes nobody with it who came again', async (t) => {
  const map = newMap();
  const old = add(map, 1);
  if (old === null) throw new Error('no room');
  map.remove(old);
  const again = add(map, 1);
  map.remove(old);
  t.equal(map.get(old.id), again);
  t.equal(map.size, 1);
});

t.test('the map holds its limit: hearsay makes room first, the longest unheard next', async (t) => {
  const map = newMap();
  const oldest = add(map, 1, true, 1);
  for (let i = 2; i < MAP_NODES; i++) add(map, i, true, i);
  const hearsay = add(map, MAP_NODES, false, MAP_NODES);
  t.equal(map.size, MAP_NODES);
  add(map, MAP_NODES + 1);
  t.equal(map.get(hearsay?.id ?? ''), undefined);
  t.ok(map.get(oldest?.id ?? ''));
  add(map, MAP_NODES + 2);
  t.equal(map.get(oldest?.id ?? ''), undefined);
  t.equal(map.size, MAP_NODES);
});

t.test('hearsay has its own limit, per node and in all; what is wanted stays', async (t) => {
  const map = newMap();
  const wanted = add(map, 1, false);
  if (wanted !== null) wanted.wanted = true;
  const full = HEARSAY_NODES + 50;
  for (let i = 2; i < full; i++) add(map, i, false);
  t.equal(map.size, HEARSAY_NODES);
  t.equal(map.hearsay, HEARSAY_NODES);
  t.equal(map.get(wanted?.id ?? ''), wanted);
  const liar = add(map, full);
  if (liar === null) throw new Error('no room');
  let brought = 0;
  for (let i = full + 1; i < full + 100 && map.mayBring(liar); i++, brought++) {
    const child = add(map, i, false);
    if (child !== null) map.link(liar, i - full, child, -1);
  }
  t.equal(brought, HEARSAY_PER_PARENT);
});

t.test('links and paths per node are bounded, those in use stay', async (t) => {
  const map = newMap();
  const [hub, child] = [add(map, 1), add(map, 2)];
  if (hub === null || child === null) throw new Error('no room');
  for (let number = 2; number < 200; number++) map.link(hub, number, child, -1);
  t.equal(hub.links.length, LINKS_PER_NODE);
  const used = newPath(0x13n, false, 0, 0);
  map.addPath(child, used, () => false);
  for (let i = 0; i < 20; i++)
    map.addPath(child, newPath(0x133n + BigInt(i * 32), false, 0, i), (_, path) => path === used);
  t.equal(child.paths.length, PATHS_PER_NODE);
  t.ok(child.paths.includes(used));
});

t.test('our own key never enters the map, and a link to ourselves is never passed', async (t) => {
  const map = newMap();
  t.equal(add(map, 0), null);
});

/** A random graph with interface numbers as a switch gives them out. */
const graphs = fc.record({
  count: fc.integer({ min: 2, max: 7 }),
  links: fc.array(
    fc.tuple(
      fc.nat(6),
      fc.nat(6),
      fc.constantFrom(2, 3, 7, 8, 30, 33, 200),
      fc.constantFrom(2, 5, 9, 40),
      fc.integer({ min: 1, max: 50 }),
    ),
    {
      maxLength: 16,
    },
  ),
});

t.test('spread finds the cheapest way under the rule of labels, as trying all ways does', async (t) => {
  fc.assert(
    fc.property(graphs, ({ count, links }) => {
      const map = newMap();
      const nodes: MapNode[] = [map.self];
      for (let i = 1; i < count; i++) nodes.push(add(map, i) ?? map.self);
      const used = new Set<string>();
      for (const [a, b, out, back, costMs] of links) {
        const from = nodes[a % count];
        const to = nodes[b % count];
        if (from === undefined || to === undefined || from === to || to === map.self) continue;
        if (used.has(`${from.id}${out}`)) continue;
        used.add(`${from.id}${out}`);
        const link = map.link(from, out, to, formNumber(labelOfInterface(back)) ?? 0);
        if (link !== null) map.setCost(link, costMs);
      }
      const best = shortestPaths(map, { nowMs: 0, overPaths: false });
      const expected = bruteForce(map);
      for (const node of nodes.slice(1)) {
        assert.equal(best.get(node)?.costMs.toFixed(3), expected.get(node)?.toFixed(3));
        const reach = best.get(node);
        if (reach === undefined) continue;
        const label = labelOf(reach) ?? 0n;
        assert.equal(log2(label), reach.bits);
        assert.equal(hopsOf(label)?.length, reach.hops);
        assert.equal(map.decode(label).end, node);
        assert.deepEqual(
          nodesOf(reach),
          map.decode(label).links.map((link) => link.to),
        );
      }
    }),
    { numRuns: 200 },
  );
  t.pass();
});

/** Cost of the cheapest way that fits a label, by trying all ways without repeated nodes. */
function bruteForce(map: NodeMap): Map<MapNode, number> {
  const found = new Map<MapNode, number>();
  const go = (node: MapNode, costMs: number, bits: number, backBits: number, seen: ReadonlySet<MapNode>): void => {
    for (const link of node.links) {
      if (seen.has(link.to) || link.to === map.self) continue;
      const total = bits + Math.max(smallestBits(link.interfaceNumber) ?? 0, backBits);
      const nextBack = [4, 7, 10][link.inverseForm] ?? 4;
      if (total > 59 || total + nextBack > 63) continue;
      const sumMs = costMs + (link.costMs ?? 0) + 0.05;
      found.set(link.to, Math.min(found.get(link.to) ?? Number.POSITIVE_INFINITY, sumMs));
      go(link.to, sumMs, total, nextBack, new Set([...seen, link.to]));
    }
  };
  go(map.self, 0, 0, 4, new Set([map.self]));
  return found;
}

t.test('a reply over a path of known links teaches the one that was missing, and no more', async (t) => {
  const map = newMap();
  const [a, b, c] = [add(map, 1), add(map, 2), add(map, 3)];
  if (a === null || b === null || c === null) throw new Error('no room');
  map.link(map.self, 0, a, 0);
  map.attach(b, 0x153n, 0);
  t.equal(map.decode(0x153n).end, b);
  // Two unknown hops: nothing is stored (protocol 08 §4).
  map.attach(c, 0x17773n, 0);
  t.equal(map.decode(0x17773n).end, a);
  // Somebody else answers there: the old entry was wrong.
  map.attach(c, 0x153n, 0);
  t.equal(map.decode(0x153n).end, c);
  // Nobody but the link layer says who our own peers are.
  map.attach(c, 0x13n, 0);
  t.equal(map.decode(0x13n).end, a);
});

t.test('random operations keep the graph consistent', async (t) => {
  const operations = fc.array(fc.tuple(fc.nat(5), fc.nat(20), fc.nat(20), fc.nat(12)), { maxLength: 120 });
  fc.assert(
    fc.property(operations, (list) => {
      const map = newMap();
      for (const [kind, x, y, number] of list) {
        const { address } = person(x + 1);
        const from = kind === 0 ? add(map, x + 1, false) : (map.get(Buffer.from(address).toString('hex')) ?? null);
        const to = add(map, y + 1, kind === 1);
        if (from === null || to === null) continue;
        if (kind === 2 && from !== to) map.link(from, number + 2, to, -1);
        if (kind === 3) map.link(map.self, number + 2, from, 0);
        if (kind === 4) map.remove(from);
        if (kind === 5) map.addPath(from, newPath(labelOfInterface(number + 2), false, 0, 0), () => false);
      }
      let hearsay = 0;
      for (const node of map.nodes()) {
        if (node.heardMs === Number.NEGATIVE_INFINITY) hearsay++;
        for (const link of node.links)
          assert(link.from === node && link.to.into.includes(link) && map.get(link.to.id) === link.to);
        for (const link of node.into) assert(link.to === node && link.from.links.includes(link));
        assert.equal(new Set(node.links.map((link) => link.interfaceNumber)).size, node.links.length);
      }
      assert.equal(hearsay, map.hearsay);
    }),
    { numRuns: 200 },
  );
  t.pass();
});

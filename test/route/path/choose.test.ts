import t from 'tap';
import {
  DESPERATE_MS,
  FEWER_HOPS_MS,
  FRESH_MS,
  HEALED_PROBES,
  HOLD_MS,
  LOSS_WINDOW,
  NEW_PATH_MS,
  RELEAVE_HOLD_MS,
  SELF_INFLICTED_MS,
} from '../../../src/route/limits.ts';
import { hold } from '../../../src/route/map/hold-down.ts';
import { type KnownPath, newPath } from '../../../src/route/map/known-path.ts';
import type { MapNode } from '../../../src/route/map/map.ts';
import { addProbe, correctProbe, lossPercent } from '../../../src/route/map/probes.ts';
import { addRtt, isQueued } from '../../../src/route/map/round-trips.ts';
import { choosePath, noteLeft } from '../../../src/route/path/choose.ts';
import { newTarget, type Target } from '../../../src/route/path/target.ts';
import type { Context } from '../../../src/route/query/context.ts';
import { makeContext } from '../bench.ts';
import { makeKey, seededRng } from '../mini-world.ts';

type Bench = { context: Context; node: MapNode; target: Target };

function bench(): Bench {
  const rng = seededRng(5);
  const context = makeContext(rng);
  const other = makeKey(rng);
  const node = context.map.ensure(other.publicKey, other.address, 21, true, 0);
  if (node === null) throw new Error('no room');
  return { context, node, target: newTarget(node.id, node.address, 0) };
}

/** A path of `hops` 4-bit directors that was measured `rttMs` three times. */
function path({ node, context }: Bench, hops: number, rttMs: number, last = 3n): KnownPath {
  let label = 1n;
  for (let i = 0; i < hops; i++) label = (label << 4n) | (i === hops - 1 ? last : 3n);
  const made = newPath(label, false, 0, context.nowMs);
  for (let i = 0; i < 3; i++) addRtt(made.trips, rttMs, context.nowMs);
  node.paths.push(made);
  return made;
}

function use(b: Bench, chosen: KnownPath): void {
  b.target.current = chosen;
}

t.test('the cheapest usable path is taken when there is none', async (t) => {
  const b = bench();
  path(b, 2, 50);
  const quick = path(b, 3, 10);
  t.equal(choosePath(b.context, b.node, b.target), quick);
  quick.suspect = true;
  t.not(choosePath(b.context, b.node, b.target), quick);
  b.context.nowMs = FRESH_MS + 1;
  t.equal(choosePath(b.context, b.node, b.target), null, 'what was not confirmed lately is asked first');
});

t.test('a change needs a gain of a fifth and of two milliseconds', async (t) => {
  const b = bench();
  const used = path(b, 2, 100);
  use(b, used);
  const other = path(b, 2, 84, 5n);
  t.equal(choosePath(b.context, b.node, b.target), used, '16 %');
  for (let i = 0; i < 3; i++) addRtt(other.trips, 70, 0);
  t.equal(choosePath(b.context, b.node, b.target), other);
  const small = bench();
  const short = path(small, 2, 5);
  use(small, short);
  path(small, 2, 2, 5n);
  t.equal(choosePath(small.context, small.node, small.target), short, '1.5 ms');
});

t.test('fewer hops at no greater cost are taken after fifteen seconds', async (t) => {
  const b = bench();
  const used = path(b, 3, 10);
  use(b, used);
  const short = path(b, 2, 10, 5n);
  t.equal(choosePath(b.context, b.node, b.target), used);
  b.context.nowMs = FEWER_HOPS_MS - 1;
  t.equal(choosePath(b.context, b.node, b.target), used);
  b.context.nowMs = FEWER_HOPS_MS;
  t.equal(choosePath(b.context, b.node, b.target), short);
});

t.test('a single lost probe is chance, two are not, and ten answers in a row make up for them', async (t) => {
  const b = bench();
  const probed = path(b, 2, 10);
  for (let i = 0; i < 8; i++) addProbe(probed.probes, false);
  addProbe(probed.probes, true);
  t.equal(lossPercent(probed.probes), 0);
  addProbe(probed.probes, true);
  t.equal(lossPercent(probed.probes), 20);
  for (let i = 0; i < HEALED_PROBES; i++) addProbe(probed.probes, false);
  t.equal(lossPercent(probed.probes), 0);
});

t.test('a probe that was only late is no loss', async (t) => {
  const b = bench();
  const probed = path(b, 2, 10);
  const names = Array.from({ length: 8 }, () => addProbe(probed.probes, true));
  t.equal(lossPercent(probed.probes), 100);
  for (const name of names) correctProbe(probed.probes, name);
  t.equal(lossPercent(probed.probes), 0);
  const old = addProbe(probed.probes, true);
  for (let i = 0; i < LOSS_WINDOW; i++) addProbe(probed.probes, true);
  const { lostBits } = probed.probes;
  correctProbe(probed.probes, old);
  t.equal(probed.probes.lostBits, lostBits, 'one out of the window changes nothing');
});

t.test('one slow answer moves no path, three do', async (t) => {
  const b = bench();
  const used = path(b, 2, 10);
  use(b, used);
  const other = path(b, 2, 12, 5n);
  addRtt(used.trips, 150, 0);
  addRtt(used.trips, 150, 0);
  t.equal(choosePath(b.context, b.node, b.target), used);
  addRtt(used.trips, 150, 0);
  t.ok(isQueued(used.trips, 150));
  t.equal(choosePath(b.context, b.node, b.target), other);
});

t.test('a path left with a queue is taken to cost as much as then, for ten minutes', async (t) => {
  const b = bench();
  const used = path(b, 1, 4);
  const other = path(b, 2, 6, 5n);
  b.target.demand.highRateMs = NEW_PATH_MS;
  b.context.nowMs = NEW_PATH_MS;
  for (let i = 0; i < 3; i++) addRtt(used.trips, 150, NEW_PATH_MS);
  noteLeft(b.context, used, other, b.target.demand);
  use(b, other);
  b.context.nowMs += SELF_INFLICTED_MS + 1_000;
  for (let i = 0; i < 3; i++) addRtt(used.trips, 4, b.context.nowMs);
  t.equal(choosePath(b.context, b.node, b.target), other, 'it rests, so it looks well');
  for (let i = 0; i < 3; i++) addRtt(other.trips, 900, b.context.nowMs);
  t.equal(choosePath(b.context, b.node, b.target), used, 'but the other one is far worse under the same traffic');
});

t.test(
  'a lossy path that was left once is free to be taken again; left again and again, later and later',
  async (t) => {
    const b = bench();
    const used = path(b, 1, 4);
    const other = path(b, 2, 6, 5n);
    b.context.nowMs = NEW_PATH_MS;
    const holds: number[] = [];
    for (let time = 0; time < 5; time++) {
      for (let i = 0; i < LOSS_WINDOW; i++) addProbe(used.probes, i % 2 === 0);
      noteLeft(b.context, used, other, b.target.demand);
      holds.push(Math.max(0, used.held.untilMs - b.context.nowMs));
      b.context.nowMs += 20_000;
      used.held.untilMs = 0;
    }
    t.same(holds, [0, RELEAVE_HOLD_MS, 4 * RELEAVE_HOLD_MS, HOLD_MS, HOLD_MS]);
  },
);

t.test('a path that was silent under traffic is only taken when there is nothing else', async (t) => {
  const b = bench();
  const silent = path(b, 1, 2);
  const used = path(b, 3, 40, 5n);
  use(b, used);
  hold(silent.held, Number.POSITIVE_INFINITY, 1_000);
  t.equal(choosePath(b.context, b.node, b.target), used);
  used.suspect = true;
  t.equal(choosePath(b.context, b.node, b.target), silent);
});

t.test('a path left before is tried again when the one in use becomes very lossy', async (t) => {
  const b = bench();
  const left = path(b, 1, 4);
  const used = path(b, 2, 6, 5n);
  use(b, used);
  left.held.leftMs = 0;
  hold(left.held, 200, HOLD_MS);
  for (let i = 0; i < LOSS_WINDOW; i++) addProbe(used.probes, i % 2 === 0);
  b.context.nowMs = DESPERATE_MS;
  t.equal(choosePath(b.context, b.node, b.target), used);
  b.context.nowMs = DESPERATE_MS + 1;
  t.equal(choosePath(b.context, b.node, b.target), left);
});

t.test('what is no path of the node any more, or suspect, is left for anything', async (t) => {
  const b = bench();
  const used = path(b, 1, 4);
  const dear = path(b, 3, 400, 5n);
  use(b, used);
  used.suspect = true;
  t.equal(choosePath(b.context, b.node, b.target), dear);
  used.suspect = false;
  b.node.paths.splice(0, 1);
  t.equal(choosePath(b.context, b.node, b.target), dear);
});

t.test('the wait for fewer hops begins anew when the shorter path gets dearer in between', async (t) => {
  const b = bench();
  const used = path(b, 3, 10);
  use(b, used);
  const short = path(b, 2, 10, 5n);
  choosePath(b.context, b.node, b.target);
  b.context.nowMs = FEWER_HOPS_MS - 1;
  for (let i = 0; i < 3; i++) addRtt(short.trips, 30, b.context.nowMs);
  choosePath(b.context, b.node, b.target);
  for (let i = 0; i < 3; i++) addRtt(short.trips, 10, b.context.nowMs);
  choosePath(b.context, b.node, b.target);
  b.context.nowMs = FEWER_HOPS_MS + 1;
  t.equal(choosePath(b.context, b.node, b.target), used);
  b.context.nowMs = 2 * FEWER_HOPS_MS;
  t.equal(choosePath(b.context, b.node, b.target), short);
});

t.test('a path left for one that is no better was not left for its quality', async (t) => {
  const b = bench();
  b.context.nowMs = NEW_PATH_MS;
  const used = path(b, 3, 10);
  b.context.nowMs *= 2;
  noteLeft(b.context, used, path(b, 2, 10, 5n), b.target.demand);
  t.equal(used.held.leftMs, Number.NEGATIVE_INFINITY);
});

t.test('a young path left at rest is not held against it, one with a queue under traffic for a minute', async (t) => {
  const b = bench();
  const used = path(b, 1, 4);
  const other = path(b, 2, 6, 5n);
  for (let i = 0; i < 3; i++) addRtt(used.trips, 150, 0);
  noteLeft(b.context, used, other, b.target.demand);
  t.equal(used.held.untilMs, Number.NEGATIVE_INFINITY);
  b.target.demand.highRateMs = 0;
  noteLeft(b.context, used, other, b.target.demand);
  t.equal(used.held.untilMs, RELEAVE_HOLD_MS);
});

t.test('a path that looks well seconds after it was left under traffic is held at what it cost then', async (t) => {
  const b = bench();
  const left = path(b, 1, 4);
  const used = path(b, 2, 60, 5n);
  use(b, used);
  b.context.nowMs = 2 * NEW_PATH_MS;
  left.held.leftMs = b.context.nowMs - 1_000;
  left.held.leftCostMs = 500;
  b.target.demand.highRateMs = b.context.nowMs;
  for (const one of [left, used]) {
    one.goodMs = b.context.nowMs;
    for (let i = 0; i < 3; i++) addRtt(one.trips, one === left ? 4 : 60, b.context.nowMs);
  }
  t.equal(choosePath(b.context, b.node, b.target), used);
  t.match(left.held, { costMs: 500, untilMs: b.context.nowMs + RELEAVE_HOLD_MS });
});

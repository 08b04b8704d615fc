/** The pings by which paths in use are kept measured, with answers given by hand. */

import t from 'tap';
import {
  BURST_INTERVAL_MS,
  BURST_PAUSE_MS,
  BURST_PROBES,
  MIN_HARD_MS,
  MIN_SOFT_MS,
  PROBE_BUSY_MS,
  PROBE_HEAVY_MS,
  PROBE_IDLE_MS,
  PROBE_RESTING_MS,
  REANNOUNCE_AFTER_MS,
} from '../../../src/route/limits.ts';
import { type KnownPath, newPath } from '../../../src/route/map/known-path.ts';
import type { MapNode } from '../../../src/route/map/map.ts';
import { addRtt } from '../../../src/route/map/round-trips.ts';
import { newTarget, type Target } from '../../../src/route/path/target.ts';
import { createWatch, type Watch } from '../../../src/route/path/watch.ts';
import type { Context } from '../../../src/route/query/context.ts';
import type { Label } from '../../../src/wire/index.ts';
import { answerLater, makeContext, noCrawl } from '../bench.ts';
import { makeKey, seededRng } from '../mini-world.ts';

const DIRECT = 0x13n;
const USED = 0x153n;
const SPARE = 0x155n;
const STEP_MS = 10;
const START_MS = 1_000;

class Bench {
  readonly context: Context = makeContext();
  readonly node: MapNode;
  readonly target: Target;
  readonly watch: Watch;
  /** What became of the paths, and how often the choice was made again. */
  readonly failed: Label[] = [];
  checks = 0;
  isOpen = true;
  /** Round trip of a label; null: no answer. */
  rttMs: (label: Label) => number | null = () => 10;

  constructor() {
    const { publicKey, address } = makeKey(seededRng(2));
    const { context } = this;
    context.nowMs = START_MS;
    const node = context.map.ensure(publicKey, address, 21, true, START_MS);
    if (node === null) throw new Error('no room');
    this.node = node;
    this.target = newTarget(node.id, address, START_MS);
    this.target.node = node;
    this.watch = createWatch(context, noCrawl, {
      isOpen: () => this.isOpen,
      check: () => {
        this.checks++;
      },
      fail: (_, path) => this.failed.push(path.label),
    });
  }

  path(label: Label, isPeer = false): KnownPath {
    const path = newPath(label, isPeer, 0, START_MS);
    for (let i = 0; i < 3; i++) addRtt(path.trips, 10, START_MS);
    this.node.paths.push(path);
    return path;
  }

  /** Lets time pass. @returns the labels of the pings that went out, with the time since the start */
  pass(durationMs: number): { readonly atMs: number; readonly label: Label }[] {
    const { context } = this;
    const pings: { atMs: number; label: Label }[] = [];
    const untilMs = context.nowMs + durationMs;
    while (context.nowMs < untilMs) {
      context.nowMs += STEP_MS;
      context.timers.runDue(context.nowMs);
      for (const effect of context.effects.splice(0)) {
        if (effect.type !== 'send') continue;
        pings.push({ atMs: context.nowMs - START_MS, label: effect.label });
        const rttMs = this.rttMs(effect.label);
        if (rttMs !== null) answerLater(context, this.node, effect.label, effect.content, rttMs);
      }
    }
    return pings;
  }
}

/** A target with a path in use and a spare. */
function watched(): { b: Bench; used: KnownPath; spare: KnownPath } {
  const b = new Bench();
  const used = b.path(USED);
  const spare = b.path(SPARE);
  b.target.current = used;
  b.target.spare = spare;
  return { b, used, spare };
}

function over(pings: readonly { readonly label: Label }[], label: Label): number {
  return pings.filter((ping) => ping.label === label).length;
}

t.test('a path in use is pinged the more often the more depends on it', async (t) => {
  for (const [periodMs, state] of [
    [PROBE_IDLE_MS, {}],
    [PROBE_BUSY_MS, { trafficMs: START_MS }],
    [PROBE_HEAVY_MS, { highRateMs: START_MS }],
    [PROBE_RESTING_MS, { wantedMs: -1e9 }],
  ] as const) {
    const { b } = watched();
    Object.assign(b.target.demand, state);
    b.watch.planProbe(b.target);
    t.equal(over(b.pass(0.85 * periodMs), USED), 0, `${periodMs} ms`);
    t.equal(over(b.pass(0.3 * periodMs), USED), 1, `${periodMs} ms`);
  }
});

t.test('the link of a peer is left to the link layer, but for the queue that much traffic makes', async (t) => {
  const b = new Bench();
  b.target.current = b.path(DIRECT, true);
  b.watch.planProbe(b.target);
  t.equal(over(b.pass(3 * PROBE_IDLE_MS), DIRECT), 0);
  b.target.demand.highRateMs = b.context.nowMs;
  b.watch.planProbe(b.target);
  t.ok(over(b.pass(2_000), DIRECT) >= 1);
});

t.test('the other paths are pinged in turn, so that they can be compared', async (t) => {
  const { b } = watched();
  const third = 0x157n;
  b.path(third);
  b.watch.planProbe(b.target);
  const pings = b.pass(5 * PROBE_IDLE_MS);
  t.ok(over(pings, SPARE) >= 2);
  t.ok(over(pings, third) >= 2);
  t.equal(over(pings, USED), over(pings, SPARE) + over(pings, third));
});

t.test(
  'an answer that is late raises a doubt: both paths are pinged eight times, a tenth of a second apart',
  async (t) => {
    const { b } = watched();
    b.rttMs = (label) => (label === USED ? MIN_SOFT_MS + 100 : 10);
    b.watch.planProbe(b.target);
    const pings = b.pass(1.2 * PROBE_IDLE_MS + 2_000);
    t.equal(over(pings, SPARE), BURST_PROBES + 1);
    t.equal(over(pings, USED), BURST_PROBES + 1);
    const times = pings.filter(({ label }) => label === SPARE).map(({ atMs }) => atMs);
    const [first, last] = [times[1] ?? 0, times.at(-1) ?? 0];
    t.equal(last - first, (BURST_PROBES - 1) * BURST_INTERVAL_MS);
    t.ok(b.checks >= BURST_PROBES, 'and each answer may change the choice');
  },
);

t.test('so does one that waited in a queue, though it came in time', async (t) => {
  const { b } = watched();
  b.rttMs = (label) => (label === USED ? 120 : 10);
  b.watch.planProbe(b.target);
  t.ok(over(b.pass(1.2 * PROBE_IDLE_MS + 2_000), SPARE) > BURST_PROBES);
});

t.test('a doubt about another path than the one in use raises none', async (t) => {
  const { b } = watched();
  b.rttMs = (label) => (label === SPARE ? null : 10);
  b.watch.planProbe(b.target);
  t.ok(over(b.pass(2.5 * PROBE_IDLE_MS), USED) <= 3);
  t.same(b.failed, []);
});

t.test('doubts do not follow each other faster than every two seconds', async (t) => {
  const { b, used, spare } = watched();
  const burst = () => b.watch.burst(b.target, b.node, [used, spare]);
  burst();
  burst();
  t.equal(over(b.pass(1_500), USED), BURST_PROBES);
  burst();
  t.equal(over(b.pass(BURST_PAUSE_MS - 1_600), USED), 0);
  b.pass(200);
  burst();
  t.equal(over(b.pass(1_000), USED), BURST_PROBES);
});

t.test(
  'a path that does not answer at all fails; one lost ping among others that came through is no failure',
  async (t) => {
    const { b } = watched();
    b.rttMs = (label) => (label === USED ? null : 10);
    b.watch.planProbe(b.target);
    b.pass(1.2 * PROBE_IDLE_MS + 2 * MIN_HARD_MS);
    t.ok(b.failed.includes(USED));
    const healthy = watched();
    let pings = 0;
    healthy.b.rttMs = (label) => (label === USED && pings++ === 0 ? null : 10);
    healthy.b.watch.planProbe(healthy.b.target);
    healthy.b.pass(1.2 * PROBE_IDLE_MS + 2 * MIN_HARD_MS);
    t.ok(pings > BURST_PROBES, 'it was doubted');
    t.same(healthy.b.failed, []);
  },
);

t.test('after a change the new path is pinged a few times, and no longer when it is left again', async (t) => {
  const { b, used, spare } = watched();
  b.watch.reannounce(b.target, used);
  t.equal(over(b.pass(4_000), USED), REANNOUNCE_AFTER_MS.length);
  b.watch.reannounce(b.target, used);
  b.pass(500);
  b.target.current = spare;
  t.equal(over(b.pass(4_000), USED), 0);
});

t.test('nobody is pinged for a target that is forgotten', async (t) => {
  const { b, used, spare } = watched();
  b.watch.planProbe(b.target);
  b.watch.planImprove(b.target);
  b.watch.reannounce(b.target, used);
  b.watch.burst(b.target, b.node, [used, spare]);
  b.isOpen = false;
  t.same(b.pass(2 * PROBE_IDLE_MS), []);
});

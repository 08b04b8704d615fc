/** Trains of padded pings, with answers given by hand. */

import t from 'tap';
import {
  EXCHANGE_BYTES,
  HEAVY_MS,
  IMPATIENT_MS,
  MIN_HARD_MS,
  NARROW_MS,
  PASSED_MS,
  TRAIN_PADDING_BYTES,
  TRAIN_PINGS,
  TRAIN_SPREAD_MS,
  URGENT_BURST_BYTES,
} from '../../../src/route/limits.ts';
import { type KnownPath, newPath } from '../../../src/route/map/known-path.ts';
import type { MapNode } from '../../../src/route/map/map.ts';
import { addRtt } from '../../../src/route/map/round-trips.ts';
import { newTarget, type Target } from '../../../src/route/path/target.ts';
import { needsTrain, sendTrain } from '../../../src/route/path/train.ts';
import type { Label } from '../../../src/wire/index.ts';
import { answerLater, makeContext } from '../bench.ts';
import { MiniWorld, makeKey, seededRng, triangle } from '../mini-world.ts';

const USED = 0x153n;
const OTHER = 0x155n;
const START_MS = 1_000;
/** As many answers may be missing. */
const MISSING = TRAIN_PINGS / 8;

/** A target with much traffic over `used`; the train goes to `other`. */
class Bench {
  readonly context = makeContext();
  readonly node: MapNode;
  readonly target: Target;
  readonly used: KnownPath;
  readonly other: KnownPath;
  /** Round trip of each ping of a train; null: no answer. */
  rttMs: (index: number) => number | null = () => 10;
  /** When trains ended. */
  readonly endedMs: number[] = [];

  constructor() {
    const { publicKey, address } = makeKey(seededRng(2));
    const { context } = this;
    context.nowMs = START_MS;
    const node = context.map.ensure(publicKey, address, 21, true, START_MS);
    if (node === null) throw new Error('no room');
    this.node = node;
    this.used = this.#path(USED);
    this.other = this.#path(OTHER);
    this.target = newTarget(node.id, address, START_MS);
    Object.assign(this.target, { node, current: this.used });
    this.target.demand.highRateMs = START_MS;
  }

  #path(label: Label): KnownPath {
    const path = newPath(label, false, 0, START_MS);
    addRtt(path.trips, 10, START_MS);
    this.node.paths.push(path);
    return path;
  }

  /** Leaves room in the budget for so many pings of a train. */
  leaveRoomFor(pings: number): void {
    const bytes = URGENT_BURST_BYTES - pings * (EXCHANGE_BYTES + TRAIN_PADDING_BYTES);
    this.context.budget.mayAsk('urgent', this.context.nowMs, bytes - EXCHANGE_BYTES);
  }

  /** Sends a train. @returns the sizes of its pings */
  send(): number[] {
    const { context, node, target, other } = this;
    sendTrain(context, target, node, other, () => this.endedMs.push(context.nowMs));
    const sizes: number[] = [];
    for (const effect of context.effects.splice(0)) {
      if (effect.type !== 'send' || effect.label !== OTHER) continue;
      const rttMs = this.rttMs(sizes.length);
      sizes.push(effect.content.length);
      if (rttMs !== null) answerLater(context, node, OTHER, effect.content, rttMs);
    }
    return sizes;
  }

  /** Sends a train and lets all its pings end, by an answer or as lost. */
  sendAndEnd(): void {
    this.send();
    this.pass(MIN_HARD_MS);
  }

  pass(durationMs: number): void {
    const { context } = this;
    for (const endMs = context.nowMs + durationMs; context.nowMs < endMs; ) {
      context.nowMs++;
      context.timers.runDue(context.nowMs);
    }
  }

  get isPassed(): boolean {
    return this.other.capacity.passedMs > START_MS;
  }
}

/** Answers as a queue spreads them: the last comes so much later than the first. */
function spreadOver(durationMs: number): (index: number) => number {
  return (index) => 10 + (index * durationMs) / (TRAIN_PINGS - 1);
}

t.test('a train is sixteen pings with ballast at once, one train at a time', async (t) => {
  const b = new Bench();
  const sizes = b.send();
  t.equal(sizes.length, TRAIN_PINGS);
  t.ok(Math.min(...sizes) >= TRAIN_PADDING_BYTES);
  t.same(b.send(), []);
  b.pass(9);
  t.same(b.endedMs, []);
  b.pass(1);
  t.same(b.endedMs, [START_MS + 10], 'it ends with its last answer');
  t.equal(b.send().length, TRAIN_PINGS);
});

t.test(
  'the verdict is by how far the answers are spread; that all are late together, as after a stall, is no queue',
  async (t) => {
    for (const [rttMs, isPassed] of [
      [() => 250, true],
      [spreadOver(TRAIN_SPREAD_MS), true],
      [spreadOver(TRAIN_SPREAD_MS + 1), false],
    ] as const) {
      const b = new Bench();
      b.rttMs = rttMs;
      b.sendAndEnd();
      t.equal(b.isPassed, isPassed);
      t.equal(b.endedMs.length, 1);
    }
  },
);

t.test(
  'a train that went there just behind the one of the other end is spread less, but late as a whole',
  async (t) => {
    const spread = spreadOver(TRAIN_SPREAD_MS / 2);
    for (const [lateMs, isPassed] of [
      [0, true],
      [1.5 * TRAIN_SPREAD_MS, true],
      [2 * TRAIN_SPREAD_MS, false],
    ] as const) {
      const b = new Bench();
      b.rttMs = (index) => lateMs + spread(index);
      b.sendAndEnd();
      t.equal(b.isPassed, isPassed, `${lateMs} ms late`);
    }
  },
);

t.test('an eighth of the answers may be missing, no more', async (t) => {
  for (const [missing, isPassed] of [
    [MISSING, true],
    [MISSING + 1, false],
    [TRAIN_PINGS, false],
  ] as const) {
    const b = new Bench();
    b.rttMs = (index) => (index < missing ? null : 10);
    b.sendAndEnd();
    t.equal(b.isPassed, isPassed, `${missing} missing`);
    t.equal(b.endedMs.length, 1);
  }
});

t.test('a train that the budget cuts short proves nothing, however quick its answers are', async (t) => {
  for (const room of [0, 1, TRAIN_PINGS / 2, TRAIN_PINGS - MISSING - 1]) {
    const b = new Bench();
    b.leaveRoomFor(room);
    t.equal(b.send().length, room);
    b.pass(MIN_HARD_MS);
    t.notOk(b.isPassed, `${room} sent`);
    t.equal(b.endedMs.length, 1);
    t.notOk(b.target.watching.isTrying);
    t.same(b.send(), [], 'and the next has to wait');
  }
});

t.test('after a failure the next train waits, the longer the more failed, until one passes', async (t) => {
  const b = new Bench();
  const fail = (pauseMs: number): void => {
    b.rttMs = spreadOver(2 * TRAIN_SPREAD_MS);
    t.equal(b.send().length, TRAIN_PINGS);
    b.pass(10 + 2 * TRAIN_SPREAD_MS);
    t.equal(b.endedMs.at(-1), b.context.nowMs);
    b.pass(pauseMs - 1);
    t.same(b.send(), [], `${pauseMs} ms`);
    b.pass(1);
  };
  const last = NARROW_MS.at(-1) ?? 0;
  for (const pauseMs of [...NARROW_MS, last]) fail(pauseMs);
  t.notOk(b.isPassed);
  b.rttMs = () => 10;
  b.sendAndEnd();
  t.ok(b.isPassed);
  fail(NARROW_MS[0] ?? 0);
  t.equal(b.send().length, TRAIN_PINGS, 'the count began anew');
});

t.test('only much traffic that can wait needs a train, to a path that has not passed lately', async (t) => {
  const cases: readonly [title: string, isNeeded: boolean, change: (b: Bench) => unknown][] = [
    ['never tried', true, () => undefined],
    ['passed just now', false, (b) => b.sendAndEnd()],
    ['passed long ago', true, (b) => Object.assign(b.other.capacity, { passedMs: b.context.nowMs - PASSED_MS - 1 })],
    ['passed, and a train is under way', true, (b) => [b.sendAndEnd(), b.send()]],
    ['failed', true, (b) => Object.assign(b, { rttMs: () => null }).sendAndEnd()],
    ['little traffic', false, (b) => Object.assign(b.target.demand, { highRateMs: b.context.nowMs - HEAVY_MS })],
    ['no path in use', false, (b) => Object.assign(b.target, { current: null })],
    ['the path in use is broken', false, (b) => Object.assign(b.used, { suspect: true })],
    ['the path in use is forgotten', false, (b) => b.context.map.dropPath(b.node, b.used)],
    ['the path in use is slow', false, (b) => Object.assign(b.used.trips, { ms: 2 * IMPATIENT_MS })],
  ];
  for (const [title, isNeeded, change] of cases) {
    const b = new Bench();
    change(b);
    t.equal(needsTrain(b.context, b.target, b.other), isNeeded, title);
  }
});

t.test('what the pings of a train take is not the round trip of the path', async (t) => {
  const world = new MiniWorld();
  triangle(world);
  // A train takes some 45 ms there, a ping without ballast less than 3.
  world.impair(0, 2, { bytesPerMs: 400 }, 200);
  world.want(0, 2);
  world.run(20_000);
  const { address } = world.node(2);
  const hops = (): number => world.walk(0, world.path(0, 2) ?? 0n).length;
  const carry = (): void => {
    const label = world.path(0, 2);
    if (label !== undefined) world.tell(0, { type: 'pathGood', address, label, rttMs: null, lossPercent: 0 });
    world.after(50, carry);
  };
  carry();
  world.run(3_000);
  t.equal(hops(), 2);
  const before = world.node(0).sentBytes;
  world.impair(0, 2, {}, 1);
  world.run(30_000, () => hops() === 1);
  t.equal(hops(), 1);
  t.ok(world.node(0).sentBytes - before > TRAIN_PINGS * TRAIN_PADDING_BYTES, 'a train went there first');
  const chosen = world.node(0).log.findLast(({ effect }) => effect.type === 'usePath')?.effect;
  const rttMs = chosen?.type === 'usePath' ? chosen.rttMs : null;
  t.ok(rttMs !== null && rttMs >= 2 && rttMs < 3, `${rttMs} ms`);
});

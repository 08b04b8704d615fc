import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import t from 'tap';
import { FRAME_SIZES, LONG_PING_MS, LONG_PING_SPARSE_MS, RAISE_MS, TOLD_MS } from '../../src/link/limits.ts';
import {
  isCut,
  limitOf,
  longAnswered,
  longAsked,
  notTold,
  type PathMtu,
  tickPathMtu,
  unknownPathMtu,
} from '../../src/link/path-mtu.ts';

/** Round trip of everything that passes. */
const RTT_MS = 10;

/** A link whose path carries frames up to a length, and a kernel that may be told to cut them. */
class Line {
  nowMs = 1_000;
  mtu: PathMtu;
  /** What passes in one piece, and whether fragments do. */
  carriesBytes = 2_000;
  passesFragments = true;
  canTell = true;
  /** Long frames of other traffic, per second. */
  framesPerSecond = 0;
  passesShort = true;
  lossy = false;
  sent: { readonly atMs: number; readonly bytes: number }[] = [];
  tells: number[] = [];
  #longFrames = 0;
  #shortAnsweredMs = Number.NEGATIVE_INFINITY;
  #answers: { readonly atMs: number; readonly leftMs: number; readonly bytes: number }[] = [];
  #toldMs = Number.NEGATIVE_INFINITY;

  constructor() {
    this.mtu = unknownPathMtu();
  }

  passes(bytes: number): boolean {
    const isInPieces = this.passesFragments && this.nowMs - this.#toldMs < TOLD_MS;
    return this.passesShort && (bytes <= this.carriesBytes || isInPieces);
  }

  run(forMs: number): void {
    for (const endMs = this.nowMs + forMs; this.nowMs < endMs; this.nowMs += 10) this.#step();
  }

  /** @returns how long it took, null when it did not happen */
  until(isDone: () => boolean, limitMs: number): number | null {
    const beginMs = this.nowMs;
    for (; this.nowMs < beginMs + limitMs; this.nowMs += 10) {
      if (isDone()) return this.nowMs - beginMs;
      this.#step();
    }
    return null;
  }

  #step(): void {
    const { nowMs } = this;
    this.#longFrames += this.framesPerSecond / 100;
    for (const answer of this.#answers.filter(({ atMs }) => atMs <= nowMs)) {
      if (answer.bytes === 0) this.#shortAnsweredMs = Math.max(this.#shortAnsweredMs, answer.leftMs);
      else this.mtu = longAnswered(this.mtu, answer.bytes, answer.leftMs, nowMs);
    }
    this.#answers = this.#answers.filter(({ atMs }) => atMs > nowMs);
    const traffic = {
      longFrames: Math.floor(this.#longFrames),
      shortAnsweredMs: this.#shortAnsweredMs,
      rttMs: RTT_MS,
      isLossy: this.lossy,
    };
    const { next, effects, dueMs } = tickPathMtu(this.mtu, traffic, nowMs);
    assert.ok(dueMs > nowMs);
    this.mtu = next;
    for (const effect of effects) {
      if (effect.type === 'tell') {
        this.tells.push(nowMs);
        if (this.canTell) this.#toldMs = nowMs;
        else this.mtu = notTold(this.mtu);
        continue;
      }
      const bytes = effect.type === 'long' ? effect.frameBytes : 0;
      this.sent.push({ atMs: nowMs, bytes });
      if (bytes === 0 ? this.passesShort : this.passes(bytes))
        this.#answers.push({ atMs: nowMs + RTT_MS, leftMs: nowMs, bytes });
    }
  }
}

t.test('a link that came up is asked once; without long frames that is all', async (t) => {
  const line = new Line();
  line.run(600_000);
  t.same(line.sent, [{ atMs: 1_000, bytes: FRAME_SIZES[0] }]);
  t.equal(line.mtu.provenBytes, FRAME_SIZES[0]);
  t.equal(limitOf(line.mtu), null);
});

t.test('a stream is asked about twice a second, few long frames seldom', async (t) => {
  const line = new Line();
  line.run(1_000);
  for (const [perSecond, everyMs] of [
    [1_000, LONG_PING_MS],
    [5, LONG_PING_SPARSE_MS],
  ] as const) {
    line.framesPerSecond = perSecond;
    line.sent = [];
    line.run(20_000);
    const wanted = 20_000 / everyMs;
    t.ok(Math.abs(line.sent.length - wanted) <= 2, `${line.sent.length} of ${wanted}`);
  }
});

t.test('a black hole is found within a second of a stream, and the kernel told once', async (t) => {
  for (let offsetMs = 0; offsetMs < 500; offsetMs += 50) {
    const line = new Line();
    line.framesPerSecond = 1_000;
    line.run(3_000 + offsetMs);
    line.carriesBytes = 1_250;
    const tookMs = line.until(() => line.tells.length > 0, 5_000);
    t.ok(tookMs !== null && tookMs <= 1_000, `${tookMs} ms`);
    line.run(60_000);
    t.equal(line.tells.length, 1);
    t.ok(isCut(line.mtu, line.nowMs));
    t.equal(limitOf(line.mtu), null, 'whole frames pass, in fragments');
    t.equal(line.mtu.provenBytes, FRAME_SIZES[0]);
  }
});

t.test('a link with a small MTU from the beginning is cut up before anybody sends', async (t) => {
  const line = new Line();
  line.carriesBytes = 1_250;
  const tookMs = line.until(() => line.mtu.provenBytes === FRAME_SIZES[0], 5_000);
  t.ok(tookMs !== null && tookMs <= 1_000, `${tookMs} ms`);
});

for (const framesPerSecond of [0, 1_000])
  t.test(
    `what the kernel forgets it is told again in time, if the hole is still there (${framesPerSecond})`,
    async (t) => {
      const line = new Line();
      line.framesPerSecond = framesPerSecond;
      line.carriesBytes = 1_250;
      line.run(TOLD_MS + 5_000);
      t.equal(line.tells.length, 2);
      const [first = 0, second = 0] = line.tells;
      t.ok(second - first - TOLD_MS <= 250, `a gap of ${second - first - TOLD_MS} ms`);
      line.carriesBytes = 2_000;
      line.sent = [];
      line.run(TOLD_MS + 5_000);
      t.equal(line.tells.length, 2, 'and not when it is gone');
      t.notOk(isCut(line.mtu, line.nowMs));
      if (framesPerSecond > 0) return;
      line.sent = [];
      line.run(2 * TOLD_MS);
      t.same(line.sent, [], 'then all is as if it had never been');
    },
  );

t.test('where fragments do not pass, or nobody can be told, the longest that passes is found', async (t) => {
  for (const canTell of [true, false])
    for (const size of FRAME_SIZES.slice(1)) {
      const line = new Line();
      line.passesFragments = false;
      line.canTell = canTell;
      line.carriesBytes = size + 3;
      const tookMs = line.until(() => line.mtu.provenBytes === size, 20_000);
      t.ok(tookMs !== null && tookMs < 6_000, `${size}: ${tookMs} ms`);
      t.equal(limitOf(line.mtu), size);
      t.equal(line.tells.length, 1);
      line.carriesBytes = 2_000;
      const backMs = line.until(() => limitOf(line.mtu) === null, 120_000);
      t.ok(backMs !== null && backMs <= 60_000, `${size}: whole again after ${backMs} ms`);
    }
});

t.test('the raise timer grows to ten minutes', async (t) => {
  const line = new Line();
  line.canTell = false;
  line.carriesBytes = 1_240;
  line.run(60_000);
  line.sent = [];
  line.run(7_200_000);
  const whole = line.sent.filter(({ bytes }) => bytes === FRAME_SIZES[0]);
  t.ok(whole.length >= 2 * 12 && whole.length <= 2 * 16, `${whole.length} pings in two hours`);
  t.equal(limitOf(line.mtu), 1_232);
  t.equal(RAISE_MS.at(-1), 600_000);
});

t.test('a path that carries nothing long is left alone until the raise timer', async (t) => {
  const line = new Line();
  line.canTell = false;
  line.carriesBytes = 300;
  line.run(10_000);
  t.equal(line.mtu.provenBytes, null);
  t.equal(limitOf(line.mtu), FRAME_SIZES.at(-1));
  line.sent = [];
  line.run(600_000);
  t.ok(line.sent.length < 20, `${line.sent.length}`);
});

t.test('a silent link is no black hole', async (t) => {
  const line = new Line();
  line.framesPerSecond = 1_000;
  line.run(5_000);
  line.passesShort = false;
  line.run(5_000);
  t.equal(line.tells.length, 0);
  t.ok(line.sent.slice(-20).every(({ atMs }) => atMs > 5_000));
  line.passesShort = true;
  line.run(5_000);
  t.equal(line.tells.length, 0, 'nor is one that comes back');
});

t.test('accidents on a lossy link are no black hole, one in a million', async (t) => {
  // Each long ping is lost with one in five: as many in a row as count happen, on a lossy link, once in 15000 times.
  const line = new Line();
  line.lossy = true;
  line.framesPerSecond = 1_000;
  let random = 7;
  const passes = line.passes.bind(line);
  line.passes = (bytes) => {
    random = (Math.imul(random, 1_103_515_245) + 12_345) >>> 0;
    return random / 2 ** 32 > 0.2 && passes(bytes);
  };
  line.run(600_000);
  t.equal(line.tells.length, 0);
});

t.test('who is asked in pairs looks at its own direction, and single pings go on asking nobody', async (t) => {
  const quiet = longAnswered(unknownPathMtu(), FRAME_SIZES[0] as number, 0, 10);
  const known = { ...quiet, wanted: false, lastPingMs: 0 };
  const once = longAsked(known, 10_000);
  t.notOk(once.wanted);
  t.notOk(longAsked(once, 10_500).wanted);
  t.ok(longAsked(once, 10_100).wanted);
  t.notOk(longAsked({ ...once, lastPingMs: 10_050 }, 10_100).wanted, 'it is looking already');
});

t.test('whatever is answered and lost, what is asked for is bounded', async () => {
  const step = fc.record({ ms: fc.nat(3_000), short: fc.boolean(), long: fc.option(fc.nat(5)), frames: fc.nat(100) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let mtu = unknownPathMtu();
      let [nowMs, frames, shortMs, sent] = [0, 0, 0, 0];
      for (const { ms, short, long, frames: more } of steps) {
        nowMs += ms;
        frames += more;
        if (short) shortMs = nowMs;
        if (long !== null) mtu = longAnswered(mtu, FRAME_SIZES[long] as number, nowMs - 5, nowMs);
        const isLossy = more % 2 === 0;
        const taken = tickPathMtu(mtu, { longFrames: frames, shortAnsweredMs: shortMs, rttMs: null, isLossy }, nowMs);
        mtu = taken.next;
        sent += taken.effects.length;
        assert.ok(taken.dueMs > nowMs);
        assert.ok(taken.effects.length <= 3);
        assert.ok(mtu.openMs.length <= 12);
        assert.ok(mtu.size >= 0 && mtu.size < FRAME_SIZES.length);
      }
      assert.ok(sent <= 3 * steps.length);
    }),
  );
});

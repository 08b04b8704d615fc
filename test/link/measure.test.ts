import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { LOSS_MIN_PACKETS, LOSS_PINGS, LOSS_WINDOW_MS, RTT_SAMPLES, SETTLE_MS } from '../../src/link/limits.ts';
import {
  costMs,
  forgetLosses,
  jitterMs,
  loss,
  type Measure,
  notePing,
  noteTraffic,
  quality,
  rttMs,
  rttP95Ms,
  unmeasured,
} from '../../src/link/measure.ts';

function after(...rtts: readonly (number | null)[]): Measure {
  const measure = unmeasured(0);
  for (const rtt of rtts) notePing(measure, rtt);
  return measure;
}

t.test('nothing is known before the first ping', async (t) => {
  const measure = unmeasured(0);
  t.same(
    [rttMs, rttP95Ms, jitterMs, loss, quality].map((figure) => figure(measure)),
    [null, null, null, null, null],
  );
});

t.test('the round trip is the median, so that one slow ping moves nothing', async (t) => {
  const measure = after(10, 11, 12, 900, 11);
  t.equal(rttMs(measure), 11);
  t.equal(rttP95Ms(measure), 900);
});

t.test('jitter is the mean change from ping to ping', async (t) => {
  t.equal(jitterMs(after(10)), null);
  t.equal(jitterMs(after(10, 14, 10, 10)), 8 / 3);
});

t.test('only the last pings count', async (t) => {
  const measure = after(...Array.from({ length: 50 }, () => 100), ...Array.from({ length: RTT_SAMPLES }, () => 5));
  t.equal(rttMs(measure), 5);
  t.equal(measure.rttsMs.length, RTT_SAMPLES);
  const lossy = after(...Array.from({ length: 8 }, () => null), ...Array.from({ length: LOSS_PINGS - 8 }, () => 5));
  t.equal(loss(lossy), 8 / LOSS_PINGS);
  notePing(lossy, 5);
  t.equal(loss(lossy), 7 / LOSS_PINGS);
  t.equal(lossy.lostPings.length, LOSS_PINGS);
});

/** Traffic over the same keys for long: what the handshake skipped is not counted any more. */
function settled(measure: Measure, received: number, lost: number): Measure {
  noteTraffic(measure, { received, lost }, 1, -2 * SETTLE_MS);
  noteTraffic(measure, { received, lost }, 1, 0);
  return measure;
}

t.test('traffic, while it flows, says what is lost', async (t) => {
  const measure = settled(after(5, 5, null, 5), 0, 0);
  noteTraffic(measure, { received: 90, lost: 10 }, 1, LOSS_WINDOW_MS - 1);
  t.equal(loss(measure), 0.25, 'the window is open');
  noteTraffic(measure, { received: 90, lost: 10 }, 1, LOSS_WINDOW_MS);
  t.equal(loss(measure), 0.1);
  noteTraffic(measure, { received: 190, lost: 10 }, 1, 2 * LOSS_WINDOW_MS);
  t.equal(loss(measure), 0);
  noteTraffic(measure, { received: 190 + LOSS_MIN_PACKETS - 1, lost: 10 }, 1, 3 * LOSS_WINDOW_MS);
  t.equal(loss(measure), 0.25, 'too little traffic: the pings again');
});

t.test('with new keys nothing is measured until the handshake is long over', async (t) => {
  for (const row of [1, 2]) {
    const measure = settled(unmeasured(0), 1_000, 0);
    noteTraffic(measure, { received: 30, lost: 3 }, row, LOSS_WINDOW_MS);
    t.equal(loss(measure), null);
    noteTraffic(measure, { received: 130, lost: 6 }, row, 2 * LOSS_WINDOW_MS);
    t.equal(loss(measure), null, 'its gaps in the counters are none of the line');
    noteTraffic(measure, { received: 130, lost: 6 }, row, 2 * LOSS_WINDOW_MS + SETTLE_MS);
    noteTraffic(measure, { received: 220, lost: 16 }, row, 3 * LOSS_WINDOW_MS + SETTLE_MS);
    t.equal(loss(measure), 0.1);
  }
});

t.test('late packets that fill gaps never make the loss negative', async (t) => {
  const measure = settled(unmeasured(0), 0, 0);
  noteTraffic(measure, { received: 100, lost: 50 }, 1, LOSS_WINDOW_MS);
  noteTraffic(measure, { received: 200, lost: 20 }, 1, 2 * LOSS_WINDOW_MS);
  t.equal(loss(measure), null);
});

t.test('a link that was down and is up again has lost nothing yet', async (t) => {
  const measure = after(5, null, 5);
  forgetLosses(measure);
  t.equal(loss(measure), null);
  t.equal(rttMs(measure), 5);
});

t.test('cost is half the round trip, a penalty for loss and a trifle per hop', async (t) => {
  t.equal(costMs(after(20, 20, 20)), 10.05);
  const one = after(...Array.from({ length: 19 }, () => 20), null);
  t.ok(Math.abs(costMs(one) - (10 + 25 + 0.05)) < 1e-9, '5 ms for each of 5 %');
  t.equal(costMs(after(20, 20, 20, null)), 10 + 200 + 0.05);
});

t.test('quality is 100 for a fast clean link and falls with loss, jitter and distance', async (t) => {
  t.equal(quality(after(1, 1, 1)), 100);
  t.equal(quality(after(500, 500)), 90);
  t.equal(quality(after(10, 110, 10, 110)), 90 - 2);
  t.equal(quality(after(1, null)), 20);
});

t.test('figures stay in their ranges, and more loss never costs less', async (t) => {
  const pings = fc.array(fc.option(fc.double({ min: 0, max: 60_000, noNaN: true })), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(pings, (rtts) => {
      const measure = after(...rtts);
      const score = quality(measure);
      assert(score === null || (score >= 0 && score <= 100));
      const share = loss(measure);
      assert(share !== null && share >= 0 && share <= 1);
      const [median, high] = [rttMs(measure) ?? 0, rttP95Ms(measure) ?? 0];
      assert(high >= median);
      const before = costMs(measure);
      const oldest = measure.lostPings.length === LOSS_PINGS && measure.lostPings[0] === true;
      notePing(measure, null);
      assert(oldest || costMs(measure) >= before);
    }),
  );
  t.pass();
});

import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { createTokenBucket } from '../../src/base/index.ts';

t.test('a burst passes, then the rate', async (t) => {
  const bucket = createTokenBucket({ ratePerSecond: 10, burst: 3 }, 1000);
  t.same(
    [1, 2, 3, 4].map(() => bucket.take(1000)),
    [true, true, true, false],
  );
  t.notOk(bucket.take(1099));
  t.ok(bucket.take(1100));
  t.notOk(bucket.take(1101));
});

t.test('all tokens asked for are taken, or none', async (t) => {
  const bucket = createTokenBucket({ ratePerSecond: 1, burst: 5 }, 0);
  t.notOk(bucket.take(0, 6));
  t.ok(bucket.take(0, 5));
  t.equal(bucket.available(2000), 2);
});

t.test('a clock that steps back gives nothing', async (t) => {
  const bucket = createTokenBucket({ ratePerSecond: 1000, burst: 1 }, 5000);
  t.ok(bucket.take(5000));
  t.notOk(bucket.take(4000));
  t.notOk(bucket.take(5000));
  t.ok(bucket.take(5001));
});

t.test('over any time no more than burst plus rate passes', async (t) => {
  const gaps = fc.array(fc.nat(500), { maxLength: 100 });
  fc.assert(
    fc.property(gaps, fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 20 }), (waits, rate, burst) => {
      const bucket = createTokenBucket({ ratePerSecond: rate, burst }, 0);
      let nowMs = 0;
      let passed = 0;
      for (const wait of waits) {
        nowMs += wait;
        if (bucket.take(nowMs)) passed++;
      }
      assert.ok(passed <= burst + (nowMs * rate) / 1000 + 1e-6);
    }),
  );
  t.pass();
});

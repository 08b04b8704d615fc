import t from 'tap';
import { corrected, theirTimeMs } from '../../src/supernode/clock-skew.ts';

t.test('the first reply tells the time, half a round trip after the question', (t) => {
  const clock = corrected(null, { sentMs: 1_000, rttMs: 100, receivedMs: 5_050 });
  t.same(clock, { skewMs: -4_000, jumped: false });
  t.equal(theirTimeMs(clock, 2_000), 6_000);
  t.end();
});

t.test('later ones correct by half the difference', (t) => {
  const clock = corrected({ skewMs: -4_000 }, { sentMs: 1_000, rttMs: 0, receivedMs: 5_100 });
  t.same(clock, { skewMs: -4_050, jumped: false });
  t.end();
});

t.test('a jump of more than five seconds either way begins anew', (t) => {
  for (const receivedMs of [10_002, 0]) {
    const clock = corrected({ skewMs: -4_000 }, { sentMs: 1_001, rttMs: 0, receivedMs });
    t.same(clock, { skewMs: 1_001 - receivedMs, jumped: true });
  }
  t.equal(corrected({ skewMs: 0 }, { sentMs: 0, rttMs: 0, receivedMs: 5_000 }).jumped, false);
  t.end();
});

t.test('a time before 1970 is written as 1970', (t) => {
  t.equal(theirTimeMs({ skewMs: 500 }, 100), 0);
  t.end();
});

import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { readDebug, watchTimers } from '../../src/daemon/debug.ts';

t.test('debugging aids are off unless they are named, and unknown words change nothing', async (t) => {
  const none = { poison: false, timers: false, portable: false, noGuard: false, avx2: false, without: [] };
  t.same(readDebug(undefined), none);
  t.same(readDebug(''), none);
  t.same(readDebug('timers'), { ...none, timers: true });
  t.same(readDebug(' poison , timers,verbose'), { ...none, poison: true, timers: true });
  t.same(readDebug('avx2'), { ...none, avx2: true });
  t.same(readDebug('udpReceive,portable,tunOffload'), {
    ...none,
    portable: true,
    without: ['tunOffload', 'udpReceive'],
  });
});

t.test('the gauge of timers shows that the event loop was blocked, and begins anew when it was read', async (t) => {
  const lateUs = watchTimers();
  await sleep(60);
  const end = performance.now() + 300;
  while (performance.now() < end);
  await sleep(30);
  t.ok(lateUs() > 200_000);
  // A busy machine may block it again, but not each time.
  for (let tries = 0; tries < 50 && lateUs() > 200_000; tries++) await sleep(60);
  t.ok(lateUs() < 200_000);
});

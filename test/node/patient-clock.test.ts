import t from 'tap';
import type { Clock } from '../../src/base/index.ts';
import { CATCH_UP_MS, LATE_MS } from '../../src/node/limits.ts';
import { patientClock } from '../../src/node/patient-clock.ts';

/** A clock whose timers ring when the test says so. */
function handClock() {
  const timers: { dueMs: number; run: () => void; cancelled: boolean }[] = [];
  let nowMs = 1_000;
  const clock: Clock = {
    nowMs: () => nowMs,
    after: (delayMs, run) => {
      const timer = { dueMs: nowMs + delayMs, run, cancelled: false };
      timers.push(timer);
      return {
        cancel: () => {
          timer.cancelled = true;
        },
      };
    },
  };
  /** The process runs again at a moment: all timers that are due ring. */
  const wake = (atMs: number): void => {
    nowMs = atMs;
    for (const timer of timers.splice(0)) {
      if (timer.cancelled) continue;
      if (timer.dueMs <= nowMs) timer.run();
      else timers.push(timer);
    }
  };
  return { clock: patientClock(clock), wake };
}

t.test('a timer that rings in time rings', async (t) => {
  const { clock, wake } = handClock();
  let rings = 0;
  clock.after(100, () => rings++);
  wake(1_099);
  t.equal(rings, 0);
  wake(1_100 + LATE_MS);
  t.equal(rings, 1);
});

t.test('one that is late waits once, until the sockets have been read, and no longer', async (t) => {
  const { clock, wake } = handClock();
  let rings = 0;
  clock.after(100, () => rings++);
  wake(2_000);
  t.equal(rings, 0);
  wake(2_000 + CATCH_UP_MS - 1);
  t.equal(rings, 0);
  wake(9_000);
  t.equal(rings, 1, 'late again: it rings all the same');
});

t.test('a timer can be cancelled at any time', async (t) => {
  const { clock, wake } = handClock();
  let rings = 0;
  clock.after(100, () => rings++).cancel();
  const late = clock.after(100, () => rings++);
  wake(3_000);
  late.cancel();
  wake(9_000);
  t.equal(rings, 0);
});

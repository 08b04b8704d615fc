import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { TimerQueue } from '../../../src/route/query/timer-queue.ts';

t.test('timers run in order of time, equal ones in the order they were made', async (t) => {
  fc.assert(
    fc.property(fc.array(fc.nat(20), { maxLength: 60 }), (times) => {
      const timers = new TimerQueue();
      const ran: [number, number][] = [];
      for (const [index, atMs] of times.entries()) timers.at('probe', atMs, () => ran.push([atMs, index]));
      timers.runDue(20);
      const sorted = times
        .map((atMs, index): [number, number] => [atMs, index])
        .sort((a, b) => a[0] - b[0] || a[1] - b[1]);
      assert.deepEqual(ran, sorted);
      assert.equal(timers.nextDueMs(), Number.POSITIVE_INFINITY);
    }),
  );
  t.pass();
});

t.test('nothing runs early, and cancelled ones never', async (t) => {
  const timers = new TimerQueue();
  const ran: string[] = [];
  timers.at('probe', 10, () => ran.push('ten'));
  const cancelled = timers.at('probe', 5, () => ran.push('five'));
  cancelled.cancel();
  cancelled.cancel();
  t.equal(timers.nextDueMs(), 10);
  timers.runDue(9);
  t.same(ran, []);
  timers.runDue(10);
  t.same(ran, ['ten']);
});

t.test('what waits is counted by name, cancelled timers left out', async (t) => {
  const timers = new TimerQueue();
  timers.at('probe', 10, () => undefined);
  timers.at('probe', 20, () => undefined);
  timers.at('improve', 30, () => undefined).cancel();
  t.same(timers.waiting(), { probe: 2 });
  timers.runDue(10);
  t.same(timers.waiting(), { probe: 1 });
});

import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { VirtualClock } from '../../src/sim/virtual-clock.ts';

t.test('what is due at the same time runs in the order in which it was asked for', async (t) => {
  const clock = new VirtualClock(0);
  const ran: number[] = [];
  for (let i = 0; i < 20; i++) clock.after(5, () => ran.push(i));
  clock.runFor(5);
  t.same(
    ran,
    Array.from({ length: 20 }, (_, i) => i),
  );
});

t.test('a call sees the time it was due at, and may ask for another one now', async (t) => {
  const clock = new VirtualClock(0);
  const seen: number[] = [];
  clock.after(3, () => {
    seen.push(clock.nowMs());
    clock.after(0, () => seen.push(clock.nowMs()));
  });
  clock.runUntil(10);
  t.same(seen, [3, 3]);
  t.equal(clock.nowMs(), 10);
  t.equal(clock.pending, 0);
});

t.test('a cancelled timer never runs, and cancelling again is harmless', async (t) => {
  const clock = new VirtualClock(0);
  const timer = clock.after(1, () => t.fail('ran'));
  timer.cancel();
  timer.cancel();
  clock.runFor(2);
  const late = clock.after(1, () => t.pass('ran once'));
  clock.runFor(2);
  late.cancel();
});

t.test('any mixture of timers and cancellations runs in order of time', async (t) => {
  const actions = fc.array(fc.record({ delayMs: fc.nat(50), cancel: fc.boolean(), advanceMs: fc.nat(3) }));
  fc.assert(
    fc.property(actions, (list) => {
      const clock = new VirtualClock(0);
      const ran: { dueMs: number; index: number }[] = [];
      const expected: { dueMs: number; index: number }[] = [];
      list.forEach(({ delayMs, cancel, advanceMs }, index) => {
        const dueMs = clock.nowMs() + delayMs;
        const timer = clock.after(delayMs, () => {
          assert.equal(clock.nowMs(), dueMs);
          ran.push({ dueMs, index });
        });
        if (cancel) timer.cancel();
        else expected.push({ dueMs, index });
        clock.runFor(advanceMs);
      });
      clock.runFor(100);
      expected.sort((a, b) => a.dueMs - b.dueMs || a.index - b.index);
      assert.deepEqual(ran, expected);
    }),
  );
  t.pass();
});

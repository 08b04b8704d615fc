import t from 'tap';
import type { Logger } from '../../src/base/index.ts';
import { bootMs, SleepWatch } from '../../src/daemon/sleep-watch.ts';
import { VirtualClock } from '../../src/sim/virtual-clock.ts';

/** A watch over clocks that a test moves. */
function watched() {
  const clock = new VirtualClock();
  const state = { sleptMs: 0, offsetMs: 0 };
  const lines: string[] = [];
  const log = (event: string, fields?: unknown) => void lines.push(`${event} ${JSON.stringify(fields)}`);
  const wakes: (readonly [number, number])[] = [];
  const stopping = {
    nowMs: () => clock.nowMs() + state.offsetMs,
    after: (delayMs: number, run: () => void) => clock.after(delayMs, run),
  };
  const watch = new SleepWatch(
    { clock: stopping, bootMs: () => clock.nowMs() + state.offsetMs + state.sleptMs },
    { debug: log, info: log, warn: log, error: log } as Logger,
    (gapMs, sleptMs) => wakes.push([gapMs, sleptMs]),
  );
  const run = (forMs: number): void => clock.runUntil(clock.nowMs() + forMs);
  return { state, lines, wakes, watch, run };
}

t.test('time that passes as it should is nothing to speak of, and a busy second is none', async (t) => {
  const { state, wakes, run } = watched();
  run(3_600_000);
  state.offsetMs += 1_500;
  run(10_000);
  state.sleptMs += 1_500;
  run(10_000);
  t.same(wakes, []);
});

t.test('the machine slept: the clock of the process stood, and this is told once', async (t) => {
  const { state, lines, wakes, run } = watched();
  run(10_500);
  state.sleptMs += 3_600_000;
  run(60_000);
  t.same(wakes, [[3_601_000, 3_600_000]]);
  t.same(lines, ['network.woke {"gapMs":3601000,"cause":"the machine slept"}']);
  state.sleptMs += 2_001;
  run(1_000);
  t.equal(wakes.length, 2, 'and the next time');
});

t.test('the process was stopped: its clock went on, and a look came late', async (t) => {
  const { state, lines, wakes, run } = watched();
  run(10_500);
  state.offsetMs += 10_000;
  run(60_000);
  t.same(wakes, [[11_000, 0]]);
  t.match(lines, [/the process was stopped/]);
});

t.test('a clock that was set back wakes nobody, and a closed watch says nothing', async (t) => {
  const { state, wakes, watch, run } = watched();
  state.sleptMs -= 10_000;
  run(5_000);
  watch.close();
  state.sleptMs += 60_000;
  run(5_000);
  t.same(wakes, []);
});

t.test('the time since boot runs as the clock does', async (t) => {
  const [boot, clock] = [bootMs(), performance.now()];
  await new Promise((resolve) => setTimeout(resolve, 200));
  const drift = bootMs() - boot - (performance.now() - clock);
  t.ok(Math.abs(drift) < 30, `${drift} ms`);
});

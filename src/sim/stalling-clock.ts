/** The clock of a process that now and then gets no processor: its timers are late, and time goes on. */
import type { Clock } from '../base/index.ts';

/**
 * @param stalledForMs milliseconds until the process runs again, 0 while it does
 */
export function stallingClock(clock: Clock, stalledForMs: () => number): Clock {
  const after: Clock['after'] = (delayMs, run) => {
    let timer = clock.after(delayMs, fire);
    function fire(): void {
      const waitMs = stalledForMs();
      if (waitMs > 0) timer = clock.after(waitMs, fire);
      else run();
    }
    return { cancel: () => timer.cancel() };
  };
  return { nowMs: () => clock.nowMs(), after };
}

/**
 * The clock of a node that is not blamed for a busy machine. When its process gets no processor for a while, all timers ring
 * late and at once, before the sockets are read in which the answers wait: whoever acts at that moment gives up peers that
 * are there and counts losses that were none. So a timer that rings late waits once more, until what has arrived is read.
 */
import type { Clock } from '../base/index.ts';
import { CATCH_UP_MS, LATE_MS } from './limits.ts';

/** Wraps a clock. The time is that of the clock; only timers that are late ring a little later. */
export function patientClock(clock: Clock): Clock {
  const after: Clock['after'] = (delayMs, run) => {
    const dueMs = clock.nowMs() + delayMs;
    let timer = clock.after(delayMs, () => {
      if (clock.nowMs() - dueMs <= LATE_MS) run();
      else timer = clock.after(CATCH_UP_MS, run);
    });
    return { cancel: () => timer.cancel() };
  };
  return { nowMs: () => clock.nowMs(), after };
}

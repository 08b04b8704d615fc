/** The real clock and the real random source (design rule 1: everywhere else they are parameters). */
import { randomBytes } from 'node:crypto';
import type { Clock, Rng } from '../base/index.ts';

/** Monotonic time of this process. */
export const realClock: Clock = {
  nowMs: () => performance.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return { cancel: () => clearTimeout(timer) };
  },
};

/** The operating system's randomness. */
export const realRng: Rng = { bytes: (count) => new Uint8Array(randomBytes(count)) };

/** The real clock and the real random source (design rule 1: everywhere else they are parameters). */
import { randomBytes } from 'node:crypto';
import type { Clock, Rng } from '../base/index.ts';
import { LOOP_STEP_MS } from './limits.ts';

/** Monotonic time of this process. Nothing rings before its time. */
export const realClock: Clock = {
  nowMs: () => performance.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, Math.ceil(delayMs) + LOOP_STEP_MS);
    return { cancel: () => clearTimeout(timer) };
  },
};

/** The operating system's randomness. */
export const realRng: Rng = { bytes: (count) => new Uint8Array(randomBytes(count)) };

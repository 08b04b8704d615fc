/**
 * Did the machine sleep, or was this process stopped? The clock of the process stands while the machine is suspended, the
 * time since boot goes on: when they drift apart, it slept. A look that comes late by the clock of the process itself means
 * that it was stopped (SIGSTOP, a frozen virtual machine). Either way all links are to be asked.
 */
import { uptime } from 'node:os';
import type { Clock, Logger, Timer } from '../base/index.ts';
import { LATE_LOOK_MS, SLEEP_LOOK_MS, SLEPT_MS } from './limits.ts';

/** The two clocks. */
export type SleepClocks = {
  /** Stands in suspend, and has the timers: `realClock`. */
  readonly clock: Clock;
  /** Milliseconds since boot, suspend included; steps of 10 ms do. */
  readonly bootMs: () => number;
};

/** What the kernel says of the time since boot (/proc/uptime): CLOCK_BOOTTIME in steps of 10 ms. */
export function bootMs(): number {
  return uptime() * 1000;
}

/** Looks every second until it is closed. */
export class SleepWatch {
  readonly #clocks: SleepClocks;
  readonly #log: Logger;
  readonly #onWake: (gapMs: number, sleptMs: number) => void;
  #timer: Timer;
  #lastMs: number;
  #lastBootMs: number;

  /** @param onWake how long nothing happened here, and for how much of that the clock stood */
  constructor(clocks: SleepClocks, log: Logger, onWake: (gapMs: number, sleptMs: number) => void) {
    this.#clocks = clocks;
    this.#log = log;
    this.#onWake = onWake;
    this.#lastMs = clocks.clock.nowMs();
    this.#lastBootMs = clocks.bootMs();
    this.#timer = this.#again();
  }

  close(): void {
    this.#timer.cancel();
  }

  #again(): Timer {
    return this.#clocks.clock.after(SLEEP_LOOK_MS, () => this.#look());
  }

  #look(): void {
    const nowMs = this.#clocks.clock.nowMs();
    const nowBootMs = this.#clocks.bootMs();
    const passedMs = nowMs - this.#lastMs;
    const stoodMs = nowBootMs - this.#lastBootMs - passedMs;
    this.#lastMs = nowMs;
    this.#lastBootMs = nowBootMs;
    this.#timer = this.#again();
    const sleptMs = stoodMs > SLEPT_MS ? stoodMs : 0;
    if (sleptMs === 0 && passedMs <= SLEEP_LOOK_MS + LATE_LOOK_MS) return;
    const gapMs = Math.round(passedMs + sleptMs);
    this.#log.info('network.woke', { gapMs, cause: sleptMs > 0 ? 'the machine slept' : 'the process was stopped' });
    this.#onWake(gapMs, sleptMs);
  }
}

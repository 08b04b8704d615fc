/**
 * Time as a parameter: the daemon passes the real clock, the simulator a virtual one (design rule 1).
 * Milliseconds are monotonic and start anywhere; only differences mean something.
 */

/** A pending call; `cancel` is idempotent and harmless after the call has run. */
export type Timer = { readonly cancel: () => void };

/** Where a layer gets time from. */
export type Clock = {
  /** Monotonic milliseconds, with fractions; never goes back. */
  readonly nowMs: () => number;
  /** Runs `run` once, `delayMs` (>= 0) from now. */
  readonly after: (delayMs: number, run: () => void) => Timer;
};

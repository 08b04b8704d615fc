/** Rate limits: a bucket that fills with time and is emptied by events. Time comes in with each call. */

/** `burst` tokens at most, `ratePerSecond` new ones a second. */
export type BucketOptions = { readonly ratePerSecond: number; readonly burst: number };

/** One limit for one source. */
export type TokenBucket = {
  /** Takes `count` tokens (default 1), all or none. @param nowMs clock of the node; a step back counts as no time */
  readonly take: (nowMs: number, count?: number) => boolean;
  /** Tokens there now, with fractions. */
  readonly available: (nowMs: number) => number;
};

/** Makes a full bucket. */
export function createTokenBucket(options: BucketOptions, nowMs: number): TokenBucket {
  let tokens = options.burst;
  let filledMs = nowMs;
  function fill(atMs: number): number {
    const elapsedMs = Math.max(0, atMs - filledMs);
    tokens = Math.min(options.burst, tokens + (elapsedMs * options.ratePerSecond) / 1000);
    filledMs = Math.max(filledMs, atMs);
    return tokens;
  }
  return {
    take: (atMs, count = 1) => {
      if (fill(atMs) < count) return false;
      tokens -= count;
      return true;
    },
    available: fill,
  };
}

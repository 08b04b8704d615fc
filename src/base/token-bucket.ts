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
  return new Bucket(options, nowMs);
}

/** A class, because every session and every asker has one: an object of closures would be four times as large. */
class Bucket implements TokenBucket {
  readonly #options: BucketOptions;
  #tokens: number;
  #filledMs: number;

  constructor(options: BucketOptions, nowMs: number) {
    this.#options = options;
    this.#tokens = options.burst;
    this.#filledMs = nowMs;
  }

  take(nowMs: number, count = 1): boolean {
    if (this.available(nowMs) < count) return false;
    this.#tokens -= count;
    return true;
  }

  available(nowMs: number): number {
    const { burst, ratePerSecond } = this.#options;
    const elapsedMs = Math.max(0, nowMs - this.#filledMs);
    this.#tokens = Math.min(burst, this.#tokens + (elapsedMs * ratePerSecond) / 1000);
    this.#filledMs = Math.max(this.#filledMs, nowMs);
    return this.#tokens;
  }
}

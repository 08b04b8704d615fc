/**
 * Who tries passwords gets few answers: some at once, then one a second per host (abuse case A2). It is the wrong ones
 * only that wait: the right password is always looked at, so nobody is kept out by the guesses of others.
 */
import { BoundedMap, createTokenBucket, type TokenBucket } from '../base/index.ts';
import { FAILURE_BURST, FAILURES_PER_SECOND, MAX_HOSTS } from './limits.ts';

/** Failures of all hosts. Times are milliseconds of the node's clock. */
export class Throttle {
  readonly #hosts = new BoundedMap<string, TokenBucket>(MAX_HOSTS);

  /** A password of `host` was wrong. @returns whether it is told so, and noted */
  failed(host: string, nowMs: number): boolean {
    const known = this.#hosts.get(host);
    const bucket = known ?? createTokenBucket({ ratePerSecond: FAILURES_PER_SECOND, burst: FAILURE_BURST }, nowMs);
    if (known === undefined) this.#hosts.set(host, bucket);
    return bucket.take(nowMs);
  }
}

/** Slows down whoever tries passwords: a few tries at once, then one a second per host (abuse case A2). */
import { BoundedMap, createTokenBucket, type TokenBucket } from '../base/index.ts';
import { FAILURE_BURST, FAILURES_PER_SECOND, MAX_HOSTS } from './limits.ts';

/** Failures of all hosts. Times are milliseconds of the node's clock. */
export class Throttle {
  readonly #hosts = new BoundedMap<string, TokenBucket>(MAX_HOSTS);

  /** May `host` try a password now? Otherwise it is not even looked at. */
  mayTry(host: string, nowMs: number): boolean {
    return (this.#hosts.get(host)?.available(nowMs) ?? FAILURE_BURST) >= 1;
  }

  /** A password of `host` was wrong. */
  failed(host: string, nowMs: number): void {
    const known = this.#hosts.get(host);
    const bucket = known ?? createTokenBucket({ ratePerSecond: FAILURES_PER_SECOND, burst: FAILURE_BURST }, nowMs);
    if (known === undefined) this.#hosts.set(host, bucket);
    bucket.take(nowMs);
  }
}

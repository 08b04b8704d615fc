/** Attempts that were turned away, for `status`: bounded, newest first, one entry per endpoint, key and reason. */
import { createTokenBucket, type TokenBucket } from '../base/index.ts';
import { CREDENTIAL_REFUSALS } from '../channel/index.ts';
import type { PublicKey } from '../crypto/index.ts';
import { MAX_REFUSED, REFUSAL_BURST, REFUSALS_PER_SECOND } from './limits.ts';

/** Why strangers are turned away, as far as we can know. */
export const REFUSAL_REASONS = [
  ...CREDENTIAL_REFUSALS,
  'key in use at another address',
  'too many links of this login',
  'no place left',
] as const;

/** One of them. */
export type RefusalReason = (typeof REFUSAL_REASONS)[number];

/** One entry; `endpoint` is text. */
export type Refusal = {
  readonly endpoint: string;
  readonly key: PublicKey | null;
  readonly reason: RefusalReason;
  readonly count: number;
};

/** The bounded list. */
export class Refusals {
  readonly #entries = new Map<string, Refusal>();
  readonly #budget: TokenBucket;

  constructor(nowMs: number) {
    this.#budget = createTokenBucket({ ratePerSecond: REFUSALS_PER_SECOND, burst: REFUSAL_BURST }, nowMs);
  }

  /** May another one be noted? Asked before the work of finding out what to note. */
  wanted(nowMs: number): boolean {
    return this.#budget.available(nowMs) >= 1;
  }

  /** Counts one attempt and moves it to the front; the oldest entry gives way. Under a flood only a few are noted. */
  note(endpoint: string, key: PublicKey | null, reason: RefusalReason, nowMs: number): void {
    if (!this.#budget.take(nowMs)) return;
    const id = `${endpoint} ${reason} ${key?.join() ?? ''}`;
    const count = (this.#entries.get(id)?.count ?? 0) + 1;
    this.#entries.delete(id);
    this.#entries.set(id, { endpoint, key, reason, count });
    if (this.#entries.size <= MAX_REFUSED) return;
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest);
      break;
    }
  }

  /** Newest first. */
  list(): readonly Refusal[] {
    return [...this.#entries.values()].reverse();
  }
}

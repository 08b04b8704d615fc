/** How much control traffic a router may cause: answers per asker, background upkeep, urgent queries, hints. */
import { BoundedMap, createTokenBucket, type TokenBucket } from '../../base/index.ts';
import {
  ALL_ANSWERS_PER_SECOND,
  ANSWERS_PER_SECOND,
  ERRORS_BURST,
  ERRORS_PER_SECOND,
  EXCHANGE_BYTES,
  HINTS_BURST,
  HINTS_PER_SECOND,
  MAX_ASKERS,
  REFINE_BURST_BYTES,
  REFINE_BYTES_PER_SECOND,
  SIZE_BURST_BYTES,
  SIZE_BYTES_PER_SECOND,
  UPKEEP_BURST_BYTES,
  UPKEEP_BYTES_PER_SECOND,
  URGENT_BURST_BYTES,
  URGENT_BYTES_PER_SECOND,
} from '../limits.ts';

/** What a query is for: somebody waits, a size is to be proven, a path in use may get better, or the tables are kept. */
export type Purpose = 'urgent' | 'size' | 'refine' | 'upkeep';

/** The budgets of one router. */
export class Budget {
  readonly #askers = new BoundedMap<string, TokenBucket>(MAX_ASKERS);
  readonly #answers: TokenBucket;
  readonly #queries: Readonly<Record<Purpose, TokenBucket>>;
  readonly #hints: TokenBucket;
  readonly #errors: TokenBucket;

  constructor(nowMs: number) {
    this.#answers = createTokenBucket({ ratePerSecond: ALL_ANSWERS_PER_SECOND, burst: ALL_ANSWERS_PER_SECOND }, nowMs);
    this.#queries = {
      urgent: createTokenBucket({ ratePerSecond: URGENT_BYTES_PER_SECOND, burst: URGENT_BURST_BYTES }, nowMs),
      size: createTokenBucket({ ratePerSecond: SIZE_BYTES_PER_SECOND, burst: SIZE_BURST_BYTES }, nowMs),
      refine: createTokenBucket({ ratePerSecond: REFINE_BYTES_PER_SECOND, burst: REFINE_BURST_BYTES }, nowMs),
      upkeep: createTokenBucket({ ratePerSecond: UPKEEP_BYTES_PER_SECOND, burst: UPKEEP_BURST_BYTES }, nowMs),
    };
    this.#errors = createTokenBucket({ ratePerSecond: ERRORS_PER_SECOND, burst: ERRORS_BURST }, nowMs);
    this.#hints = createTokenBucket({ ratePerSecond: HINTS_PER_SECOND, burst: HINTS_BURST }, nowMs);
  }

  /** Whether this asker gets an answer now (protocol 08 §7). */
  mayAnswer(id: string, nowMs: number): boolean {
    let bucket = this.#askers.get(id);
    if (bucket === undefined) {
      bucket = createTokenBucket({ ratePerSecond: ANSWERS_PER_SECOND, burst: ANSWERS_PER_SECOND }, nowMs);
      this.#askers.set(id, bucket);
    }
    return bucket.take(nowMs) && this.#answers.take(nowMs);
  }

  /** Whether one more query may be sent. @param ballast bytes of padding in it */
  mayAsk(purpose: Purpose, nowMs: number, ballast: number): boolean {
    return this.#queries[purpose].take(nowMs, EXCHANGE_BYTES + ballast);
  }

  /** Whether a stranger's query may make us ask back. */
  mayFollowHint(nowMs: number): boolean {
    return this.#hints.take(nowMs);
  }

  /** Whether one more ERROR frame is looked at. */
  mayHeedError(nowMs: number): boolean {
    return this.#errors.take(nowMs);
  }
}

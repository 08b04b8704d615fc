/**
 * All timers of routing, on one page: what each is for, and which numbers of `limits.ts` set it. Whatever happens later
 * goes through the queue of `query/timer-queue.ts` under one of these names; the gauges of a router say how many wait.
 */
export const TIMERS = {
  /** Twice the expected round trip, MIN_SOFT_MS at least: the query is late, another is sent. */
  queryLate: 'query/pending',
  /** Six times the expected round trip, MIN_HARD_MS to MAX_HARD_MS: the query is lost. */
  queryLost: 'query/pending',
  /** MIN_HARD_MS after the first of several queries: somebody waits, and gets "no answer". */
  impatience: 'query/verify',
  /** SEARCH_RETRY_MS, doubling to MAX_SEARCH_RETRY_MS: a target without a path is searched again. */
  searchAgain: 'path/resolve',
  /** PROBE_HEAVY_MS, PROBE_BUSY_MS, PROBE_IDLE_MS, PROBE_RESTING_MS: the paths of a target are pinged. */
  probe: 'path/watch',
  /** BURST_INTERVAL_MS: the next ping of a burst. */
  burst: 'path/watch',
  /** BURST_INTERVAL_MS: the next pair of a long and a short ping. */
  examine: 'path/watch',
  /** REANNOUNCE_AFTER_MS: queries over a new path, for stock far ends. */
  announceAgain: 'path/watch',
  /** IMPROVE_MS: a round that looks for better paths of a target. */
  improve: 'path/watch',
  /** PIN_PATH_MS after a query over another path: one over the path in use. */
  pinPath: 'path/targets',
  /** UPKEEP_MS: the most overdue contact is asked whether it lives. */
  maintain: 'search/contacts',
  /** JOIN_DELAY_MS, then JOIN_STEP_MS from bucket to bucket, then REJOIN_MS: look-ups that fill the buckets. */
  bootstrap: 'search/contacts',
  /** AROUND_AGAIN_MS, doubling while it finds nearer ones; at once when one of the closest is gone: who is close to us. */
  selfLookup: 'search/contacts',
} as const;

/** The name of a timer. */
export type TimerName = keyof typeof TIMERS;

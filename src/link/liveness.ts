/**
 * Is a peer alive, and when is it pinged? Pure: time comes in, what is to be done goes out.
 * Source: protocol 04 §7 for what peers expect; the times are those of `limits.ts`.
 *
 *   phase     condition at a tick                              next   effect
 *   --------  -----------------------------------------------  -----  -----------
 *   dialling  attempt due                                      same   ping
 *   any       `hurry` (the network changed)                    same   ping at the next tick
 *   alive     silent long enough, for its traffic              alive  ping
 *   alive     silent too long, enough pings unanswered         dead   down, ping
 *   dead      attempt due                                      dead   ping
 *   any       `heard` (a packet of an established session)     alive  up if it was not alive
 */
import {
  BUSY_DEAD_MS,
  BUSY_DEAD_PINGS,
  BUSY_MEMORY_MS,
  BUSY_PING_MS,
  CONFIRM_PING_MS,
  HURRY_MS,
  IDLE_DEAD_MS,
  IDLE_DEAD_PINGS,
  IDLE_PING_MS,
  MEASURE_PING_MS,
  QUIET_SHARE,
  REPLY_MS,
  RESTING_PING_MS,
  RETRY_FIRST_MS,
  RETRY_MAX_MS,
  RETRY_SPREAD,
  RETRY_STEADY_FOR_MS,
  RETRY_STEADY_MS,
  SILENT_PING_MS,
  WATCH_BURST,
  WATCH_FOR_MS,
  WATCH_PING_MS,
  WATCH_PINGS_PER_SECOND,
} from './limits.ts';

/** What is known of one peer's liveness. Times are milliseconds of the node's clock. */
export type Liveness = {
  readonly phase: 'dialling' | 'alive' | 'dead';
  /** Since when it is in this phase. */
  readonly sinceMs: number;
  /** Last ping sent. */
  readonly lastPingMs: number;
  /** Pings sent since the last packet heard. */
  readonly unanswered: number;
  /** Attempts made while dialling or dead. */
  readonly attempts: number;
  /** Factor of the next wait, 0.9 to 1.1, so that peers do not march in step. */
  readonly jitter: number;
  /** When it was last to be found out at once whether it is there; for HURRY_MS it has the timers of traffic. */
  readonly hurriedMs: number;
  /** Since when the link is watched closely; null = it is not. */
  readonly watchedSinceMs: number | null;
  /** Pings that close watching may still send, as of `budgetMs`. */
  readonly budget: number;
  readonly budgetMs: number;
};

/** What the tables know at a tick. */
export type Traffic = {
  /** Last packet heard in an established session. */
  readonly lastInMs: number;
  /** Last data packet (not a ping) sent. */
  readonly lastDataOutMs: number;
  /** Many packets came in up to then: whoever only receives says nothing that would have to be answered. */
  readonly isStream?: boolean;
  /** It is heard, but has not answered yet: it is asked until it does. */
  readonly unconfirmed?: boolean;
  /** The last ping was not answered itself, whatever else was heard: the next one, which tells whether it is lost, after this time. */
  readonly openPingMs?: number | null;
  /** For how long nothing has happened on it and nothing has depended on it, ms. */
  readonly quietForMs?: number;
};

/** What the caller does: send a ping, or tell everybody that the peer is gone. */
export type LivenessEffect = 'ping' | 'down';

/** Next state, what to do, and when to look again. */
export type LivenessStep = {
  readonly next: Liveness;
  readonly effects: readonly LivenessEffect[];
  readonly dueMs: number;
};

/** A peer that has not been heard yet: the first attempt is due at once. */
export function dialling(nowMs: number): Liveness {
  return {
    phase: 'dialling',
    sinceMs: nowMs,
    lastPingMs: Number.NEGATIVE_INFINITY,
    unanswered: 0,
    attempts: 0,
    jitter: 1,
    hurriedMs: Number.NEGATIVE_INFINITY,
    watchedSinceMs: null,
    budget: WATCH_BURST,
    budgetMs: nowMs,
  };
}

/** Begins to watch a link closely, because its loss changed; it ends by itself after WATCH_FOR_MS. */
export function watch(peer: Liveness, nowMs: number): Liveness {
  return { ...peer, watchedSinceMs: nowMs };
}

/** Something changed under all links: each is asked at once, and soon given up or begun anew. */
export function hurry(peer: Liveness, nowMs: number): Liveness {
  const isAlive = peer.phase === 'alive';
  return { ...peer, hurriedMs: nowMs, unanswered: 0, attempts: 0, sinceMs: isAlive ? peer.sinceMs : nowMs };
}

/** Was it hurried lately? */
export function isHurried({ hurriedMs }: Liveness, nowMs: number): boolean {
  return nowMs - hurriedMs < HURRY_MS;
}

/**
 * A packet of an established session arrived.
 * @returns the same object when nothing changed, which is the common case
 */
export function heard(peer: Liveness, nowMs: number): { readonly next: Liveness; readonly cameUp: boolean } {
  if (peer.phase === 'alive') return { next: peer.unanswered === 0 ? peer : { ...peer, unanswered: 0 }, cameUp: false };
  const next: Liveness = { ...peer, phase: 'alive', sinceMs: nowMs, unanswered: 0, attempts: 0 };
  return { next, cameUp: true };
}

/**
 * Time passed.
 * @param jitter factor for the wait that begins now, 0.9 to 1.1
 */
export function tick(peer: Liveness, traffic: Traffic, jitter: number, nowMs: number): LivenessStep {
  return peer.phase === 'alive' ? tickAlive(peer, traffic, jitter, nowMs) : tickSilent(peer, jitter, nowMs);
}

function tickAlive(peer: Liveness, traffic: Traffic, jitter: number, nowMs: number): LivenessStep {
  const hurried = isHurried(peer, nowMs);
  // What was silent before a change of network may not have been asked: that says nothing.
  const silentSinceMs = hurried ? Math.max(traffic.lastInMs, peer.hurriedMs) : traffic.lastInMs;
  const silentMs = nowMs - silentSinceMs;
  const isUsed = nowMs - traffic.lastDataOutMs < BUSY_MEMORY_MS;
  // What leaves soon after something came in is mostly the answer to it, and nobody answers that.
  const hasTraffic = isUsed && traffic.lastDataOutMs > traffic.lastInMs + REPLY_MS;
  const isStream = traffic.isStream === true;
  const busy = hasTraffic || isStream || (hurried && traffic.lastInMs <= peer.hurriedMs);
  const unanswered = traffic.lastInMs > peer.lastPingMs ? 0 : peer.unanswered;
  const dead =
    (busy && silentMs >= BUSY_DEAD_MS && unanswered >= BUSY_DEAD_PINGS) ||
    (silentMs >= IDLE_DEAD_MS && unanswered >= IDLE_DEAD_PINGS);
  if (dead) {
    const next: Liveness = {
      ...peer,
      phase: 'dead',
      sinceMs: nowMs,
      lastPingMs: nowMs,
      attempts: 1,
      jitter,
      unanswered,
    };
    return { next, effects: ['down', 'ping'], dueMs: nowMs + retryMs(next, nowMs) };
  }
  const dueMs = alivePingDueMs(peer, traffic, busy);
  if (nowMs < dueMs) {
    const next = unanswered === peer.unanswered ? peer : { ...peer, unanswered };
    // The next packet may be the one that is not answered; not each of them is reported.
    const lookMs = isUsed || isStream ? lookAgainMs(traffic, nowMs) : Number.POSITIVE_INFINITY;
    return { next, effects: [], dueMs: Math.min(dueMs, lookMs, verdictDueMs(next, silentSinceMs, busy, nowMs)) };
  }
  const isOver = peer.watchedSinceMs !== null && nowMs - peer.watchedSinceMs > WATCH_FOR_MS;
  const watchedSinceMs = isOver ? null : peer.watchedSinceMs;
  const spent = peer.watchedSinceMs === null ? 0 : 1;
  const budget = Math.max(0, budgetAt(peer, nowMs) - spent);
  const pinged = { lastPingMs: nowMs, unanswered: unanswered + 1, jitter };
  const next: Liveness = { ...peer, ...pinged, watchedSinceMs, budget, budgetMs: nowMs };
  const againMs = Math.min(alivePingDueMs(next, traffic, busy), verdictDueMs(next, silentSinceMs, busy, nowMs));
  return { next, effects: ['ping'], dueMs: againMs };
}

/** When the pings already unanswered are enough to call the peer dead; Infinity while they are not. */
function verdictDueMs(peer: Liveness, silentSinceMs: number, busy: boolean, nowMs: number): number {
  const busyMs = busy && peer.unanswered >= BUSY_DEAD_PINGS ? silentSinceMs + BUSY_DEAD_MS : Number.POSITIVE_INFINITY;
  const idleMs = peer.unanswered >= IDLE_DEAD_PINGS ? silentSinceMs + IDLE_DEAD_MS : Number.POSITIVE_INFINITY;
  const dueMs = Math.min(busyMs, idleMs);
  // A verdict that was due already hangs on traffic, not on time.
  return dueMs > nowMs ? dueMs : Number.POSITIVE_INFINITY;
}

/** While data goes out: when the silence since the last packet heard would be long enough for a ping. */
function lookAgainMs({ lastInMs }: Traffic, nowMs: number): number {
  const atMs = lastInMs + BUSY_PING_MS;
  return atMs > nowMs ? atMs : nowMs + BUSY_PING_MS;
}

/** A ping is due after silence, or regularly while the link is watched. */
function alivePingDueMs(peer: Liveness, traffic: Traffic, busy: boolean): number {
  if (peer.lastPingMs < peer.hurriedMs) return peer.hurriedMs;
  if (traffic.unconfirmed === true) return peer.lastPingMs + CONFIRM_PING_MS * peer.jitter;
  // A ping without answer is followed by others soon: a peer that restarted is found out by a new handshake.
  const isSilent = peer.unanswered > 0 && peer.lastPingMs > traffic.lastInMs;
  const quietMs = quietPingMs(traffic.quietForMs ?? 0);
  const everyMs = (busy ? BUSY_PING_MS : isSilent ? SILENT_PING_MS : quietMs) * peer.jitter;
  const { openPingMs = null } = traffic;
  const openMs = openPingMs === null ? Number.POSITIVE_INFINITY : peer.lastPingMs + openPingMs * peer.jitter;
  const afterSilenceMs = Math.min(Math.max(traffic.lastInMs, peer.lastPingMs) + everyMs, openMs);
  // Traffic keeps a link from being silent, so that its round trip would never be measured again.
  const lastMs = Math.max(peer.lastPingMs, peer.sinceMs);
  const againMs = Math.max(MEASURE_PING_MS, quietMs) * peer.jitter;
  const measureMs = traffic.lastDataOutMs > lastMs ? lastMs + againMs : Number.POSITIVE_INFINITY;
  if (peer.watchedSinceMs === null) return Math.min(afterSilenceMs, measureMs);
  const affordedMs = peer.budgetMs + (Math.max(0, 1 - peer.budget) / WATCH_PINGS_PER_SECOND) * 1_000;
  return Math.min(afterSilenceMs, Math.max(peer.lastPingMs + WATCH_PING_MS * peer.jitter, affordedMs));
}

/** The quieter a link was, and the longer, the less often it is asked. */
function quietPingMs(quietForMs: number): number {
  return Math.min(RESTING_PING_MS, Math.max(IDLE_PING_MS, quietForMs * QUIET_SHARE));
}

/** What close watching may spend at a moment: it fills with time. */
function budgetAt({ budget, budgetMs }: Liveness, nowMs: number): number {
  return Math.min(WATCH_BURST, budget + ((nowMs - budgetMs) / 1_000) * WATCH_PINGS_PER_SECOND);
}

function tickSilent(peer: Liveness, jitter: number, nowMs: number): LivenessStep {
  const dueMs = peer.attempts === 0 ? nowMs : peer.lastPingMs + retryMs(peer, peer.lastPingMs);
  if (nowMs < dueMs) return { next: peer, effects: [], dueMs };
  const next: Liveness = { ...peer, lastPingMs: nowMs, attempts: peer.attempts + 1, jitter };
  return { next, effects: ['ping'], dueMs: nowMs + retryMs(next, nowMs) };
}

/** Wait after the attempt made at `atMs`. */
function retryMs(peer: Liveness, atMs: number): number {
  // Spread wider than other waits: two ends that gave each other up in the same instant must not go on in step.
  const spread = 1 + (peer.jitter - 1) * RETRY_SPREAD;
  const first = RETRY_FIRST_MS[peer.attempts - 1];
  if (first !== undefined) return first * spread;
  const overMs = atMs - peer.sinceMs - RETRY_STEADY_FOR_MS;
  if (overMs < 0) return RETRY_STEADY_MS * spread;
  // Doubling waits that began RETRY_STEADY_FOR_MS ago: each lasts about as long as all before it together.
  return Math.min(RETRY_MAX_MS, Math.max(RETRY_STEADY_MS, overMs)) * spread;
}

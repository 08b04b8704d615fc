/**
 * A second address of a peer: one that it may have moved to, or the one that it moved from. What comes from there is the
 * peer's as what comes from its endpoint is; nothing is sent there but a challenge. Source: RFC 9000 §8.2, §9; SECURITY.md.
 *
 *   a newer packet of the peer from there    a series of challenges begins, if none did lately
 *   the challenge answered, and not          the link moves there
 *     from the address that it has
 *   AWAY_MS without such a packet            the address is forgotten
 *   the link went back to where it was       challenges there for two minutes
 *     dialled, since it was silent
 */
import {
  AWAY_CHANGE_MS,
  AWAY_MS,
  CHALLENGE_AGAIN_MS,
  CHALLENGE_EVERY_MS,
  CHALLENGES,
  RETURN_CHALLENGES,
  RETURN_EVERY_MS,
  SETTLED_MS,
  SETTLED_SILENT_MS,
} from './limits.ts';
import type { SocketEndpoint } from './types.ts';

/** Where it is. */
export type AwayPlace = {
  readonly endpoint: SocketEndpoint;
  /** Endpoint slot of the engine. */
  readonly slot: number;
  /** SOCKET of the newest packet from there. */
  arrival: number;
};

/** Such an address of one peer; times are milliseconds of the node's clock. */
export type Away = AwayPlace & {
  /** Tells its challenges from those of others. */
  readonly id: number;
  readonly madeMs: number;
  /** When the last series of challenges began, how many are left of it, and when the next one is due. */
  sinceMs: number;
  left: number;
  readonly everyMs: number;
  nextMs: number;
  untilMs: number;
};

/** What decides whether a link may move now. */
export type Settled = {
  /** When it moved last; null: never. */
  readonly movedMs: number | null;
  /** When anything was heard from the address that it has. */
  readonly hereInMs: number;
};

/** A peer was heard from a new address. */
export function foundAway(place: AwayPlace, id: number, nowMs: number): Away {
  const series = { sinceMs: nowMs, left: CHALLENGES, everyMs: CHALLENGE_EVERY_MS, nextMs: nowMs };
  return { ...place, id, madeMs: nowMs, ...series, untilMs: nowMs + AWAY_MS };
}

/** The link moved on: packets are under way from where it was. */
export function leftBehind(place: AwayPlace, id: number, nowMs: number): Away {
  const series = { sinceMs: nowMs, left: 0, everyMs: CHALLENGE_EVERY_MS, nextMs: Number.POSITIVE_INFINITY };
  return { ...place, id, madeMs: nowMs, ...series, untilMs: nowMs + AWAY_MS };
}

/** The link went back to where it was dialled because nothing was heard from there: perhaps only our own cable was out. */
export function lastSeen(place: AwayPlace, id: number, nowMs: number): Away {
  const series = { sinceMs: nowMs, left: RETURN_CHALLENGES, everyMs: RETURN_EVERY_MS, nextMs: nowMs };
  return { ...place, id, madeMs: nowMs, ...series, untilMs: nowMs + RETURN_CHALLENGES * RETURN_EVERY_MS };
}

/** A newer packet came from there. */
export function heardAway(away: Away, arrival: number, nowMs: number): void {
  away.arrival = arrival;
  away.untilMs = Math.max(away.untilMs, nowMs + AWAY_MS);
  if (away.left > 0 || nowMs < away.sinceMs + CHALLENGE_AGAIN_MS) return;
  away.sinceMs = nowMs;
  away.left = CHALLENGES;
  away.nextMs = nowMs;
}

/** May another address take the place of this one? */
export function mayGiveWay(away: Away | null, nowMs: number): boolean {
  return away === null || nowMs >= away.madeMs + AWAY_CHANGE_MS;
}

/** Is a challenge to be sent now? Then it is counted; when the next one is due is in `nextMs`. */
export function takeChallenge(away: Away, settled: Settled, nowMs: number): boolean {
  if (away.left === 0 || nowMs < away.nextMs) return false;
  const mayMoveMs = movableMs(settled, nowMs);
  if (nowMs < mayMoveMs) {
    away.nextMs = mayMoveMs;
    return false;
  }
  away.left--;
  away.nextMs = away.left === 0 ? Number.POSITIVE_INFINITY : nowMs + away.everyMs;
  return true;
}

/**
 * A challenge was answered: does the link move? Not if anything came from its own address since: who is still there, or
 * got the challenge handed on by somebody who copies its packets, stays.
 * @param sentMs when the challenge left
 */
export function mayMove(settled: Settled, sentMs: number, nowMs: number): boolean {
  return settled.hereInMs <= sentMs && nowMs >= movableMs(settled, nowMs);
}

/** When a link that moved lately may move again. */
function movableMs({ movedMs, hereInMs }: Settled, nowMs: number): number {
  return movedMs === null || nowMs >= movedMs + SETTLED_MS ? nowMs : hereInMs + SETTLED_SILENT_MS;
}

/**
 * What the traffic of a session tells about its path: silence where answers are due, and loss on the way here.
 * Source: docs/routing.md, "Quality and failover", protocol 07 §6.
 */
import type { RowStats } from '../channel/index.ts';
import { DOUBT_MS, LOSS_MIN_PACKETS, LOSS_WINDOW_MS, SILENT_MS } from './limits.ts';
import type { Session, SessionEffect } from './session.ts';

/**
 * Silence under traffic: first doubts, then verdicts, repeated while it lasts.
 * @param unansweredSinceMs first user packet since the last valid one arrived; Infinity = nothing unanswered
 */
export function watchPath(session: Session, unansweredSinceMs: number, nowMs: number): readonly SessionEffect[] {
  if (unansweredSinceMs > nowMs || session.label === null) {
    session.doubtReportMs = 0;
    session.silentReportMs = 0;
    return [];
  }
  const silentMs = nowMs - unansweredSinceMs;
  if (silentMs >= SILENT_MS && nowMs >= session.silentReportMs) {
    session.silentReportMs = nowMs + SILENT_MS;
    return [{ type: 'pathSilent', session, label: session.label }];
  }
  if (silentMs >= DOUBT_MS && silentMs < SILENT_MS && nowMs >= session.doubtReportMs) {
    session.doubtReportMs = nowMs + DOUBT_MS;
    return [{ type: 'pathDoubt', session, label: session.label }];
  }
  return [];
}

/** Gaps in the incoming counters tell the loss of the way here; a window with too little traffic tells nothing. */
export function measureLoss(session: Session, { received, lost }: RowStats, nowMs: number): void {
  const { window } = session;
  if (nowMs - window.startMs < LOSS_WINDOW_MS) return;
  const got = received - window.received;
  const missed = lost - window.lost;
  session.loss = got >= 0 && missed >= 0 && got + missed >= LOSS_MIN_PACKETS ? missed / (got + missed) : null;
  window.startMs = nowMs;
  window.received = received;
  window.lost = lost;
}

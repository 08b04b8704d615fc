/**
 * How long the packets are that a session sends: whatever proves that its path works has to be as long, since a relay may drop
 * large packets only. Source: docs/routing.md, "Quality and failover".
 */
import { dataHeader } from '../wire/index.ts';
import { SIZE_WINDOW_MS } from './limits.ts';
import type { SessionNumber, SessionTable } from './table.ts';

/** The longest packets of two windows, bytes of plaintext. */
export type SentSizes = { recentBytes: number; beforeBytes: number; turnedMs: number; toldBytes: number };

/** Nothing was sent yet. */
export function newSentSizes(nowMs: number): SentSizes {
  return { recentBytes: 0, beforeBytes: 0, turnedMs: nowMs, toldBytes: 0 };
}

/** Takes what session `number` of the table sent since the last call. @returns the longest content of the last seconds, bytes */
export function longestSent(sizes: SentSizes, table: SessionTable, number: SessionNumber, nowMs: number): number {
  sizes.recentBytes = Math.max(sizes.recentBytes, table.longestOut[number] as number);
  table.longestOut[number] = 0;
  const bytes = Math.max(sizes.recentBytes, sizes.beforeBytes);
  if (nowMs - sizes.turnedMs >= SIZE_WINDOW_MS) {
    sizes.beforeBytes = sizes.recentBytes;
    sizes.recentBytes = 0;
    sizes.turnedMs = nowMs;
  }
  return Math.max(0, bytes - dataHeader.SIZE);
}

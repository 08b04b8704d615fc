/**
 * How many errors the switch makes: a budget per arriving interface, and one error at a time per label, so that neither
 * a flood of bad labels doubles the traffic nor a fast flow hides the failure from a slow one. Source: protocol 05 §7.
 */
import { createTokenBucket, type TokenBucket } from '../base/index.ts';
import { ERROR_BURST, ERRORS_PER_SECOND, REMEMBERED_LABELS, SAME_LABEL_PAUSE_MS } from './limits.ts';
import { INTERFACE_COUNT } from './spec.ts';

/** Decides which errors are sent. */
export type ErrorLimiter = {
  /**
   * Takes one error out of the budget; ask only when an error may be sent at all (`mayReport`).
   * @param from interface the packet came in by
   * @param received the packet, at least 8 bytes
   * @returns false: send nothing and count it
   */
  readonly allow: (from: number, received: Uint8Array, nowMs: number) => boolean;
  /** Forgets an interface whose number was given back. */
  readonly forget: (from: number) => void;
};

/** A limiter with full budgets. Its memory is fixed. */
export function createErrorLimiter(): ErrorLimiter {
  const buckets: (TokenBucket | undefined)[] = new Array(INTERFACE_COUNT);
  // One slot per hash of interface and label; a newcomer takes over the slot, which costs at most one more error.
  const high = new Uint32Array(REMEMBERED_LABELS);
  const low = new Uint32Array(REMEMBERED_LABELS);
  const interfaces = new Int16Array(REMEMBERED_LABELS).fill(-1);
  const sentMs = new Float64Array(REMEMBERED_LABELS);

  const allow = (from: number, received: Uint8Array, nowMs: number): boolean => {
    if (received.length < 8 || from < 0 || from >= INTERFACE_COUNT) return false;
    const view = new DataView(received.buffer, received.byteOffset, 8);
    const labelHigh = view.getUint32(0);
    const labelLow = view.getUint32(4);
    const slot = slotOf(labelHigh, labelLow, from);
    const known = high[slot] === labelHigh && low[slot] === labelLow && interfaces[slot] === from;
    if (known && nowMs - (sentMs[slot] ?? 0) < SAME_LABEL_PAUSE_MS) return false;
    const bucket = buckets[from] ?? createTokenBucket({ ratePerSecond: ERRORS_PER_SECOND, burst: ERROR_BURST }, nowMs);
    buckets[from] = bucket;
    if (!bucket.take(nowMs)) return false;
    high[slot] = labelHigh;
    low[slot] = labelLow;
    interfaces[slot] = from;
    sentMs[slot] = nowMs;
    return true;
  };

  const forget = (from: number): void => {
    buckets[from] = undefined;
    for (let slot = 0; slot < REMEMBERED_LABELS; slot++) if (interfaces[slot] === from) interfaces[slot] = -1;
  };

  return { allow, forget };
}

function slotOf(labelHigh: number, labelLow: number, from: number): number {
  const mixed = Math.imul(labelHigh ^ Math.imul(labelLow, 0x9e3779b1) ^ from, 0x85ebca6b);
  return ((mixed ^ (mixed >>> 15)) >>> 0) % REMEMBERED_LABELS;
}

/**
 * Which sizes pass a path. A short ping proves nothing about long packets: a relay may drop those only (a hole in the path's MTU,
 * or somebody who means it). So what carries long packets is proven by pings as long, and the evidence about them is kept apart
 * from that about short ones. A ping proves the way there; the way back is for the far end to prove.
 * Source: docs/routing.md, "Quality and failover".
 */
import { HOLE_RETRY_MS, PROVEN_MS, SHORT_BYTES } from '../limits.ts';
import { newProbeRecord, type ProbeRecord } from './probes.ts';

/** What is known about long packets on one path. Sizes are bytes of a router message. */
export type SizeRecord = ProbeRecord & {
  /** The longest that was answered lately, and when. */
  provenBytes: number;
  provenMs: number;
  /** As long and longer ones are lost, though short ones pass; Infinity = no hole is known. */
  holeBytes: number;
  /** When the hole was looked at last, when it is again, and how often it was still there. */
  retriedMs: number;
  retryMs: number;
  retries: number;
  /** When long probes last went there one after the other, and whether they are under way. */
  examinedMs: number;
  examining: boolean;
};

/** Nothing is known yet. */
export function newSizeRecord(): SizeRecord {
  return {
    ...newProbeRecord(),
    provenBytes: 0,
    provenMs: Number.NEGATIVE_INFINITY,
    holeBytes: Number.POSITIVE_INFINITY,
    retriedMs: Number.NEGATIVE_INFINITY,
    retryMs: Number.NEGATIVE_INFINITY,
    retries: 0,
    examinedMs: Number.NEGATIVE_INFINITY,
    examining: false,
  };
}

/** Whether packets of this size are long: more than any ping proves. */
export function isLong(bytes: number): boolean {
  return bytes > SHORT_BYTES;
}

/** Whether nothing speaks against packets of this size. */
export function passes(sizes: SizeRecord, bytes: number): boolean {
  return bytes < sizes.holeBytes;
}

/** Whether packets of this size are known to pass. */
export function isProven(sizes: SizeRecord, bytes: number, nowMs: number): boolean {
  return !isLong(bytes) || (bytes <= sizes.provenBytes && nowMs - sizes.provenMs < PROVEN_MS);
}

/** Long packets are lost on this path until then, as far as is known (ms); null = nothing speaks against them. */
export function holeUntilMs({ holeBytes, retryMs }: SizeRecord): number | null {
  return holeBytes === Number.POSITIVE_INFINITY ? null : retryMs;
}

/** A probe of this size was answered. */
export function noteProven(sizes: SizeRecord, bytes: number, nowMs: number): void {
  if (bytes >= sizes.holeBytes) {
    sizes.holeBytes = Number.POSITIVE_INFINITY;
    sizes.retries = 0;
  }
  if (bytes < sizes.provenBytes && nowMs - sizes.provenMs < PROVEN_MS) return;
  sizes.provenBytes = bytes;
  sizes.provenMs = nowMs;
}

/** Probes of this size were lost one after the other where short ones passed, or one that looked whether it is still so. */
export function noteHole(sizes: SizeRecord, bytes: number, nowMs: number): void {
  sizes.holeBytes = Math.min(sizes.holeBytes, bytes);
  if (bytes <= sizes.provenBytes) sizes.provenBytes = 0;
  sizes.retryMs = nowMs + (HOLE_RETRY_MS[Math.min(sizes.retries, HOLE_RETRY_MS.length - 1)] ?? 0);
  sizes.retries++;
}

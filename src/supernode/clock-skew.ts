/** How far the supernode's clock is from ours, from the times of its replies. Source: protocol 09 §3. */
import { CLOCK_JUMP_MS } from './spec.ts';

/** Our clock minus theirs, ms; whatever ours counts from. */
export type ClockSkew = { readonly skewMs: number };

/**
 * Takes a reply into account.
 * @param known null before the first
 * @param sentMs, rttMs by our clock
 * @param receivedMs by theirs
 * @returns `jumped`: the clock moved so far that nothing said before holds
 */
export function corrected(
  known: ClockSkew | null,
  { sentMs, rttMs, receivedMs }: { readonly sentMs: number; readonly rttMs: number; readonly receivedMs: number },
): ClockSkew & { readonly jumped: boolean } {
  const measuredMs = sentMs + rttMs / 2 - receivedMs;
  if (known === null) return { skewMs: measuredMs, jumped: false };
  const differenceMs = measuredMs - known.skewMs;
  if (Math.abs(differenceMs) > CLOCK_JUMP_MS) return { skewMs: measuredMs, jumped: true };
  return { skewMs: known.skewMs + differenceMs / 2, jumped: false };
}

/** A moment of our clock as the supernode writes it, never negative. */
export function theirTimeMs({ skewMs }: ClockSkew, ownMs: number): number {
  return Math.max(0, Math.round(ownMs - skewMs));
}

/**
 * How long frames may be on one link. A path that loses long frames only answers every ping of the usual length, so the longest
 * are asked for by pings as long (RFC 8899 in spirit: search, black hole detection, raise timer). Pure: time and what is known
 * come in, what is to be sent or told goes out.
 *
 *   what is seen                                             what is done
 *   -------------------------------------------------------  -------------------------------------------------
 *   the link came up; long frames flow; the peer asks so     one long ping
 *   it is not answered in time                               pairs of a long ping and a short one
 *   so many long ones are passed by by short ones            black hole: the kernel is told to cut frames up
 *   the kernel has forgotten it                              pairs at once: is it still so?
 *   that does not help, or nobody can be told                the next shorter size is tried, down to the shortest
 *   the raise timer, which doubles up to ten minutes         the longest size is tried once more
 *
 * A ping proves both directions. Each end looks after its own, and one that is asked in pairs looks at once.
 */
import {
  BLACK_HOLE_PINGS,
  BLACK_HOLE_PINGS_AGAIN,
  BLACK_HOLE_PINGS_LOSSY,
  BLACK_HOLE_PINGS_TOLD,
  FRAME_SIZES,
  LONG_PING_FRAMES,
  LONG_PING_MS,
  LONG_PING_SPARSE_MS,
  LONG_PING_WAIT_MS,
  PAIR_MS,
  PASSED_BY_MS,
  RAISE_MS,
  TOLD_MS,
  TOLD_TRIAL_MS,
} from './limits.ts';

/** What is known of one link. Times are milliseconds of the node's clock. */
export type PathMtu = {
  /** Longest frame that was answered since the link came up, bytes; null = none yet. */
  readonly provenBytes: number | null;
  /** The size that is relied upon or tried: its place in FRAME_SIZES. */
  readonly size: number;
  /** When the kernel was told to cut up what is longer than the least MTU; null = it was not. */
  readonly toldMs: number | null;
  /** Nobody has refused to tell it. */
  readonly canTell: boolean;
  /** When the long pings of this size left that are not answered, oldest first. */
  readonly openMs: readonly number[];
  readonly lastPingMs: number;
  /** How many long frames had been sent then. */
  readonly framesThen: number;
  /** The longest size is tried again at this time; null = it is the one in use. */
  readonly raiseMs: number | null;
  readonly raises: number;
  /** A ping is wanted as soon as may be: the link came up, or the peer asks in pairs. */
  readonly wanted: boolean;
  /** When the last long ping of the peer came. */
  readonly askedMs: number;
};

/** What the tables know at a tick. */
export type FrameTraffic = {
  /** Frames sent so far that are longer than every path carries. */
  readonly longFrames: number;
  /** When the last short ping that was answered had left. */
  readonly shortAnsweredMs: number;
  /** Median round trip, null before the first. */
  readonly rttMs: number | null;
  /** Short pings are lost as well, now and then. */
  readonly isLossy: boolean;
};

/** What the caller does: a long ping of so many bytes, a short one behind it, or tell the kernel that it must cut. */
export type PathMtuEffect =
  | { readonly type: 'long'; readonly frameBytes: number }
  | { readonly type: 'short' }
  | { readonly type: 'tell' };

/** Next state, what to do in this order, and when to look again. */
export type PathMtuStep = {
  readonly next: PathMtu;
  readonly effects: readonly PathMtuEffect[];
  readonly dueMs: number;
};

/** The link came up: what was known of it before may be of another path. What the kernel was told, it still knows. */
export function unknownPathMtu(toldMs: number | null = null): PathMtu {
  return {
    provenBytes: null,
    size: 0,
    toldMs,
    canTell: true,
    openMs: [],
    lastPingMs: Number.NEGATIVE_INFINITY,
    framesThen: 0,
    raiseMs: null,
    raises: 0,
    wanted: true,
    askedMs: Number.NEGATIVE_INFINITY,
  };
}

/** Whether the kernel cuts up long frames, as far as is known. */
export function isCut({ toldMs }: PathMtu, nowMs: number): boolean {
  return toldMs !== null && nowMs - toldMs < TOLD_MS;
}

/** Longer frames than this are lost, bytes; null = no such limit is known. */
export function limitOf({ size }: PathMtu): number | null {
  return size === 0 ? null : (FRAME_SIZES[size] ?? null);
}

/** A long ping was answered. @param frameBytes its size @param leftMs when it left */
export function longAnswered(mtu: PathMtu, frameBytes: number, leftMs: number, nowMs: number): PathMtu {
  const provenBytes = Math.max(mtu.provenBytes ?? 0, frameBytes);
  const at = FRAME_SIZES.indexOf(frameBytes);
  if (at < 0 || at > mtu.size) return { ...mtu, provenBytes };
  const openMs = at < mtu.size ? [] : mtu.openMs.filter((sentMs) => sentMs > leftMs);
  const raiseMs = at === 0 ? null : (mtu.raiseMs ?? nowMs + (RAISE_MS[0] ?? 0));
  // It went in one piece: the path has become wider.
  const toldMs = at === 0 && hasForgotten(mtu, leftMs) ? null : mtu.toldMs;
  return { ...mtu, provenBytes, size: at, openMs, raiseMs, raises: at === 0 ? 0 : mtu.raises, toldMs };
}

/** A long ping of the peer came: two in short order mean that it is in doubt, perhaps about what we send. */
export function longAsked(mtu: PathMtu, nowMs: number): PathMtu {
  const isPair = nowMs - mtu.askedMs < 2 * PAIR_MS;
  return { ...mtu, askedMs: nowMs, wanted: mtu.wanted || (isPair && nowMs - mtu.lastPingMs >= 2 * PAIR_MS) };
}

/** The kernel could not be told: shorter sizes are all that is left. */
export function notTold(mtu: PathMtu): PathMtu {
  return { ...mtu, toldMs: null, canTell: false };
}

/** Time passed, while the link is up. */
export function tickPathMtu(mtu: PathMtu, traffic: FrameTraffic, nowMs: number): PathMtuStep {
  return mtu.openMs.length > 0 ? tickOpen(mtu, traffic, nowMs) : tickQuiet(mtu, traffic, nowMs);
}

/** Nothing is under way: when is the next ping due? */
function tickQuiet(mtu: PathMtu, { longFrames }: FrameTraffic, nowMs: number): PathMtuStep {
  const since = longFrames - mtu.framesThen;
  const everyMs = since >= LONG_PING_FRAMES ? LONG_PING_MS : LONG_PING_SPARSE_MS;
  const trafficMs = since > 0 ? mtu.lastPingMs + everyMs : Number.POSITIVE_INFINITY;
  const isRaise = mtu.raiseMs !== null && mtu.raiseMs <= nowMs;
  const isExpired = mtu.size === 0 && hasForgotten(mtu, nowMs);
  const expiryMs = mtu.toldMs === null || mtu.size > 0 ? Number.POSITIVE_INFINITY : mtu.toldMs + TOLD_MS;
  const dueMs = mtu.wanted ? nowMs : Math.min(trafficMs, expiryMs, mtu.raiseMs ?? Number.POSITIVE_INFINITY);
  if (nowMs < dueMs) return { next: mtu, effects: [], dueMs };
  if (isRaise) {
    // Beside the size in use: a loss here proves nothing new, and says nothing of that one.
    const raises = mtu.raises + 1;
    const waitMs = RAISE_MS[Math.min(raises, RAISE_MS.length - 1)] ?? 0;
    const next = { ...mtu, raises, raiseMs: nowMs + waitMs, wanted: false };
    return { next, effects: [long(0), long(0)], dueMs: nowMs + PAIR_MS };
  }
  const next = { ...mtu, openMs: [nowMs], lastPingMs: nowMs, framesThen: longFrames, wanted: false };
  if (!isExpired) return { next, effects: [long(mtu.size)], dueMs: nowMs + LONG_PING_WAIT_MS };
  return { next, effects: [long(0), { type: 'short' }], dueMs: nowMs + PASSED_BY_MS };
}

/** The kernel was told something once, and does not know it any more. */
function hasForgotten({ toldMs }: PathMtu, nowMs: number): boolean {
  return toldMs !== null && nowMs - toldMs >= TOLD_MS;
}

/** Long pings are not answered yet: late, lost, or swallowed for their length? */
function tickOpen(mtu: PathMtu, traffic: FrameTraffic, nowMs: number): PathMtuStep {
  const { shortAnsweredMs, rttMs, isLossy, longFrames } = traffic;
  const { openMs, lastPingMs } = mtu;
  const isPassedBy = (sentMs: number): boolean => sentMs <= shortAnsweredMs && nowMs - sentMs >= PASSED_BY_MS;
  const wanted = pingsWanted(mtu, isLossy);
  if (openMs.filter(isPassedBy).length >= wanted) return blackHole(mtu, longFrames, nowMs);
  // Where short ones are not answered either, more than decide would tell nothing: then it begins anew, seldom.
  const isEnough = openMs.length > wanted;
  const isHurried = openMs.length > 1 || hasForgotten(mtu, lastPingMs);
  const waitMs = isEnough ? LONG_PING_SPARSE_MS : isHurried ? PAIR_MS : LONG_PING_WAIT_MS + (rttMs ?? 0);
  const dueMs = lastPingMs + waitMs;
  if (nowMs < dueMs) return { next: mtu, effects: [], dueMs: Math.min(dueMs, nowMs + PASSED_BY_MS) };
  const sent = { lastPingMs: nowMs, framesThen: longFrames, wanted: false };
  const next = { ...mtu, ...sent, openMs: isEnough ? [nowMs] : [...openMs, nowMs] };
  return { next, effects: [long(mtu.size), { type: 'short' }], dueMs: nowMs + PASSED_BY_MS };
}

/** How many have to be lost one after the other before they count. */
function pingsWanted(mtu: PathMtu, isLossy: boolean): number {
  const { size, toldMs, lastPingMs } = mtu;
  // Told a moment ago: the other end may still have to find out about its direction.
  if (size === 0 && toldMs !== null && lastPingMs - toldMs < TOLD_TRIAL_MS) return BLACK_HOLE_PINGS_TOLD;
  if (isLossy) return BLACK_HOLE_PINGS_LOSSY;
  return hasForgotten(mtu, lastPingMs) ? BLACK_HOLE_PINGS_AGAIN : BLACK_HOLE_PINGS;
}

function blackHole(mtu: PathMtu, longFrames: number, nowMs: number): PathMtuStep {
  const sent = { openMs: [nowMs], lastPingMs: nowMs, framesThen: longFrames, wanted: false };
  const isTrial = mtu.toldMs !== null && nowMs - mtu.toldMs < 2 * TOLD_TRIAL_MS;
  if (mtu.size === 0 && mtu.canTell && !isTrial) {
    const next = { ...mtu, ...sent, toldMs: nowMs, provenBytes: null };
    return { next, effects: [{ type: 'tell' }, long(0), { type: 'short' }], dueMs: nowMs + PASSED_BY_MS };
  }
  const size = Math.min(mtu.size + 1, FRAME_SIZES.length - 1);
  const raiseMs = mtu.raiseMs ?? nowMs + (RAISE_MS[0] ?? 0);
  // Not even the shortest passes: it waits for the raise timer.
  if (size === mtu.size) {
    const next = { ...mtu, openMs: [], lastPingMs: nowMs, framesThen: longFrames, provenBytes: null, raiseMs };
    return { next, effects: [], dueMs: raiseMs };
  }
  const next = { ...mtu, ...sent, size, provenBytes: null, raiseMs };
  return { next, effects: [long(size), { type: 'short' }], dueMs: nowMs + PASSED_BY_MS };
}

function long(size: number): PathMtuEffect {
  return { type: 'long', frameBytes: FRAME_SIZES[size] ?? 0 };
}

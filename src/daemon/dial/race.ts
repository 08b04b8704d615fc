/**
 * Which of the places of one peer are dialled, and which is kept: a machine without time or network, after RFC 8305 §5 for
 * the race and protocol 04 §4.5 for what stands beside a link that is in use. A way is a link to one place.
 *
 *   what is there                         what is done
 *   ------------------------------------  ------------------------------------------------------------------------------
 *   no way that answers                   the next place is dialled, each STAGGER_MS after the one before; all stay dialled
 *   the first answers                     for COMPARE_MS others may still come up; then the best is kept
 *   the one that is kept falls silent     as with no way, and it stays beside the others
 *   another answers                       both for HOLD_MS, so that traffic moves before a link goes; then the best is kept;
 *                                         one that is down goes at once
 *   one way, and it answers               nothing
 *
 * "Answers" is a link that is established and has no pings open that should have been answered.
 */
import { COMPARE_MS, HOLD_MS, ROUND_MS, STAGGER_MS } from './limits.ts';

/** A link to one place. */
export type Way = {
  readonly place: string;
  readonly dialledMs: number;
  /** Since when it is established; null: it is not. */
  readonly upMs: number | null;
  readonly wasUp: boolean;
};

/** The ways of one peer, the one dialled first at the head. */
export type Race = {
  readonly ways: readonly Way[];
  /** Before this no further place is dialled. */
  readonly nextMs: number;
  /** Dialled last: the next one follows it. */
  readonly last: string | null;
};

/** Nothing is dialled. */
export const BEGIN: Race = { ways: [], nextMs: Number.NEGATIVE_INFINITY, last: null };

/** How a way looks now. */
export type Sight = {
  readonly isUp: boolean;
  /** Pings are open that should have been answered. */
  readonly isDoubtful: boolean;
  /** The lower, the better; compared only among ways that answer. */
  readonly costMs: number;
  /** False: the other side has one link for a key, so two would take it from each other (stock v20, protocol 04 §4.5). */
  readonly mayStay: boolean;
};

/** What is known at a step. */
export type Given = {
  /** Where the peer may be, the most wanted first, each once. */
  readonly places: readonly string[];
  readonly sights: ReadonlyMap<string, Sight>;
  /** There is a link to the peer that is none of these ways, such as one that it began. */
  readonly isReached: boolean;
  /** May one more link be made beside the first? */
  readonly mayAdd: boolean;
};

/** What to do; nothing is done twice. */
export type RaceEffect = { readonly type: 'dial' | 'drop'; readonly place: string };

/** The next state, what to do, and when time alone changes something. */
export type RaceStep = { readonly next: Race; readonly effects: readonly RaceEffect[]; readonly dueMs: number };

/** Time passed, or something was seen. */
export function step(race: Race, given: Given, nowMs: number): RaceStep {
  const ways = race.ways.map((way) => seenNow(way, given.sights.get(way.place), nowMs));
  const good = ways.filter(({ place, upMs }) => upMs !== null && given.sights.get(place)?.isDoubtful === false);
  return good.length === 0 ? raced({ ...race, ways }, given, nowMs) : settled({ ...race, ways }, good, given, nowMs);
}

/** A place could not be dialled: its turn is over, and the next one need not wait. */
export function failed(race: Race, place: string): Race {
  return { ...race, ways: race.ways.filter((way) => way.place !== place), nextMs: Number.NEGATIVE_INFINITY };
}

/**
 * The network is another: ways that are not up are given up, and all places are tried from the first on.
 * @param onlyLost those stay that never were up
 */
export function begunAnew(
  race: Race,
  onlyLost: boolean,
): { readonly next: Race; readonly effects: readonly RaceEffect[] } {
  const isGone = ({ upMs, wasUp }: Way): boolean => upMs === null && (wasUp || !onlyLost);
  const ways = race.ways.filter((way) => !isGone(way));
  const effects = race.ways.filter(isGone).map(({ place }) => drop(place));
  return { next: { ...BEGIN, ways }, effects };
}

function seenNow(way: Way, sight: Sight | undefined, nowMs: number): Way {
  if (sight?.isUp === true) return asUp(way, nowMs);
  return way.upMs === null ? way : { ...way, upMs: null };
}

/** A way that is established, now or since it was first seen to be. */
export function asUp(way: Way, nowMs: number): Way {
  return way.upMs === null ? { ...way, upMs: nowMs, wasUp: true } : way;
}

function raced(race: Race, { places, isReached, mayAdd }: Given, nowMs: number): RaceStep {
  const [oldest] = race.ways;
  // Whoever is reached otherwise needs no race; that it is dialled at all is what somebody asked for.
  const isGone = (way: Way): boolean =>
    way.upMs === null && (!places.includes(way.place) || (isReached && way !== oldest));
  const gone = race.ways.filter(isGone);
  const kept = race.ways.filter((way) => !gone.includes(way));
  const drops = gone.map(({ place }) => drop(place));
  const rest = (dueMs: number): RaceStep => ({ next: { ...race, ways: kept }, effects: drops, dueMs });
  const place = inTurn(places, race.last).find((one) => !kept.some((way) => way.place === one));
  if (place === undefined || (isReached && kept.length > 0)) return rest(Number.POSITIVE_INFINITY);
  if (kept.length > 0 && nowMs < race.nextMs) return rest(race.nextMs);
  const way: Way = { place, dialledMs: nowMs, upMs: null, wasUp: false };
  const dialled = (ways: readonly Way[], effects: readonly RaceEffect[]): RaceStep => ({
    next: { ways: [...ways, way], nextMs: nowMs + STAGGER_MS, last: place },
    effects: [...effects, { type: 'dial', place }],
    dueMs: nowMs + STAGGER_MS,
  });
  if (kept.length === 0 || mayAdd) return dialled(kept, drops);
  // No number to spare: whoever had a round without an answer gives way.
  const [first] = kept.filter(({ upMs }) => upMs === null);
  if (first === undefined) return rest(Number.POSITIVE_INFINITY);
  if (nowMs < first.dialledMs + ROUND_MS) return rest(first.dialledMs + ROUND_MS);
  return dialled(
    kept.filter((one) => one !== first),
    [...drops, drop(first.place)],
  );
}

function settled(race: Race, good: readonly Way[], { sights }: Given, nowMs: number): RaceStep {
  const upMs = good.map((way) => way.upMs ?? nowMs);
  const [firstMs, latestMs] = [Math.min(...upMs), Math.max(...upMs)];
  const isDoubted = race.ways.some((way) => way.upMs !== null && !good.includes(way));
  const isChange = latestMs - firstMs > COMPARE_MS || isDoubted;
  const mayStay = good.every(({ place }) => sights.get(place)?.mayStay === true);
  const holdMs = mayStay ? HOLD_MS : 0;
  const decideMs = isChange ? latestMs + holdMs : firstMs + COMPARE_MS;
  const best = good.reduce((a, b) => (costOf(b, sights) < costOf(a, sights) ? b : a));
  // What is down is of no use to us, and pings that go out there would keep the other side from seeing it.
  const isKept = (way: Way): boolean =>
    nowMs >= decideMs ? way === best : way.upMs !== null || nowMs < latestMs + COMPARE_MS;
  const ways = race.ways.filter(isKept);
  const effects = race.ways.filter((way) => !isKept(way)).map(({ place }) => drop(place));
  const dueMs =
    ways.length === 1 ? Number.POSITIVE_INFINITY : Math.min(decideMs, afterMs(latestMs + COMPARE_MS, nowMs));
  return { next: { ...race, ways }, effects, dueMs };
}

function afterMs(atMs: number, nowMs: number): number {
  return atMs > nowMs ? atMs : Number.POSITIVE_INFINITY;
}

/** All places once, beginning after the one that was dialled last. */
function inTurn(places: readonly string[], last: string | null): readonly string[] {
  const at = last === null ? -1 : places.indexOf(last);
  return [...places.slice(at + 1), ...places.slice(0, at + 1)];
}

function costOf({ place }: Way, sights: Given['sights']): number {
  return sights.get(place)?.costMs ?? Number.POSITIVE_INFINITY;
}

function drop(place: string): RaceEffect {
  return { type: 'drop', place };
}

/** What was seen lately: rings of one sample a second, bounded in time and in the number of peers. */
import { BRIDGED_SECONDS, HISTORY_PEERS, HISTORY_SECONDS } from './limits.ts';

/** One measurement of a peer; null = not known. Rates in bytes per second. */
export type Sample = {
  readonly rttMs: number | null;
  readonly lossPercent: number | null;
  readonly quality: number | null;
  readonly rxBps: number | null;
  readonly txBps: number | null;
};

/** A sample and its second. */
export type Dated = { readonly atS: number; readonly sample: Sample };

export type Metric = keyof Sample;

const METRICS: readonly Metric[] = ['rttMs', 'lossPercent', 'quality', 'rxBps', 'txBps'];

/** How the seconds of a column become one value. */
export type Fold = 'mean' | 'least' | 'most';

/** Which part of a history: columns of `secondsEach`, the last one holds `nowS`. */
export type Span = { readonly nowS: number; readonly columns: number; readonly secondsEach: number };

/** The last HISTORY_SECONDS of one thing; the slot of a second is its number modulo that. */
export class Track {
  readonly #rings: ReadonlyMap<Metric, Float32Array>;
  #lastS = Number.NEGATIVE_INFINITY;

  constructor() {
    this.#rings = new Map(METRICS.map((metric) => [metric, new Float32Array(HISTORY_SECONDS).fill(Number.NaN)]));
  }

  /** Second of the newest sample. */
  get lastS(): number {
    return this.#lastS;
  }

  /** Keeps `sample` for second `atS`; one that is not newer than the last replaces it or is ignored. */
  add(atS: number, sample: Sample): void {
    if (atS < this.#lastS) return;
    const missed = Math.min(atS - this.#lastS - 1, HISTORY_SECONDS);
    for (const metric of METRICS) {
      const ring = this.#rings.get(metric);
      if (ring === undefined) continue;
      const value = sample[metric] ?? Number.NaN;
      for (let back = 1; back <= missed; back++) {
        ring[slot(atS - back)] = missed <= BRIDGED_SECONDS ? value : Number.NaN;
      }
      ring[slot(atS)] = value;
    }
    this.#lastS = atS;
  }

  /** Adds to the rates of a second that is not newer than the last sample: a part of a sum that became known later. */
  raise(atS: number, rxBps: number, txBps: number): void {
    if (atS > this.#lastS || atS <= this.#lastS - HISTORY_SECONDS) return;
    for (const [metric, part] of [
      ['rxBps', rxBps],
      ['txBps', txBps],
    ] as const) {
      const ring = this.#rings.get(metric);
      const known = ring?.[slot(atS)] ?? Number.NaN;
      if (ring !== undefined) ring[slot(atS)] = Number.isNaN(known) ? part : known + part;
    }
  }

  /** One value per column, oldest first. Columns begin at multiples of their length, so that old ones do not change. */
  columns(metric: Metric, span: Span, fold: Fold): readonly (number | null)[] {
    const ring = this.#rings.get(metric);
    const lastColumn = Math.floor(span.nowS / span.secondsEach);
    return Array.from({ length: span.columns }, (_, index) => {
      const start = (lastColumn - span.columns + 1 + index) * span.secondsEach;
      return ring === undefined ? null : this.#folded(ring, start, span.secondsEach, fold);
    });
  }

  #folded(ring: Float32Array, start: number, seconds: number, fold: Fold): number | null {
    let sum = 0;
    let count = 0;
    let least = Number.POSITIVE_INFINITY;
    let most = Number.NEGATIVE_INFINITY;
    const from = Math.max(Math.ceil(start), this.#lastS - HISTORY_SECONDS + 1);
    const until = Math.min(Math.ceil(start + seconds) - 1, this.#lastS);
    for (let second = from; second <= until; second++) {
      const value = ring[slot(second)] ?? Number.NaN;
      if (Number.isNaN(value)) continue;
      sum += value;
      count++;
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
    if (count === 0) return null;
    return fold === 'mean' ? sum / count : fold === 'least' ? least : most;
  }
}

/** The tracks of all peers, and of all of them together. */
export class History {
  readonly #tracks = new Map<string, Track>();
  readonly #firstSeenS = new Map<string, number>();
  /** Rates of all peers together. */
  readonly total = new Track();

  /** The track of a peer; undefined if nothing was seen of it. */
  of(id: string): Track | undefined {
    return this.#tracks.get(id);
  }

  /** How many peers are remembered. */
  get size(): number {
    return this.#tracks.size;
  }

  /** Keeps a sample of a peer. */
  add(id: string, atS: number, sample: Sample): void {
    const track = this.#tracks.get(id) ?? new Track();
    track.add(atS, sample);
    // Newest last: the first of the map is the one that was not seen for longest.
    this.#tracks.delete(id);
    this.#tracks.set(id, track);
    if (!this.#firstSeenS.has(id)) this.#firstSeenS.set(id, atS);
    if (this.#tracks.size <= HISTORY_PEERS) return;
    for (const oldest of this.#tracks.keys()) {
      this.#tracks.delete(oldest);
      this.#firstSeenS.delete(oldest);
      break;
    }
  }

  /**
   * Puts samples that the daemon remembers, oldest first, before what was seen since.
   * @param inTotal whether they count in the total; only sensible if those of all peers are given
   */
  prepend(id: string, samples: readonly Dated[], inTotal: boolean): void {
    const seen = this.#tracks.get(id);
    const firstSeenS = this.#firstSeenS.get(id) ?? Number.POSITIVE_INFINITY;
    const track = new Track();
    for (const { atS, sample } of samples) {
      track.add(atS, sample);
      if (inTotal && atS < firstSeenS) this.total.raise(atS, sample.rxBps ?? 0, sample.txBps ?? 0);
    }
    this.#firstSeenS.set(id, Math.min(firstSeenS, samples[0]?.atS ?? firstSeenS));
    if (seen !== undefined && seen.lastS > track.lastS) copyNewer(seen, track);
    this.#tracks.set(id, track);
  }
}

function copyNewer(from: Track, to: Track): void {
  const first = Math.max(to.lastS + 1, from.lastS - HISTORY_SECONDS + 1);
  const span = { nowS: from.lastS, columns: from.lastS - first + 1, secondsEach: 1 };
  const of = (metric: Metric) => from.columns(metric, span, 'mean');
  const [rttMs, lossPercent, quality, rxBps, txBps] = METRICS.map(of);
  for (let index = 0; index < span.columns; index++) {
    to.add(first + index, {
      rttMs: rttMs?.[index] ?? null,
      lossPercent: lossPercent?.[index] ?? null,
      quality: quality?.[index] ?? null,
      rxBps: rxBps?.[index] ?? null,
      txBps: txBps?.[index] ?? null,
    });
  }
}

function slot(second: number): number {
  return ((second % HISTORY_SECONDS) + HISTORY_SECONDS) % HISTORY_SECONDS;
}

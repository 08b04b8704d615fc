/**
 * Virtual time: a heap of things to happen. Nothing waits, everything that is due runs to completion, one after the
 * other; what is due at the same time runs in the order in which it was scheduled. The same calls give the same run.
 */
import { type Clock, MeshError, type Timer } from '../base/index.ts';

/** Children per node of the heap: flatter than a binary one, with fewer moves when most events are near. */
const ARITY = 4;

/** Where a clock begins: real monotonic clocks do not begin at 0 either. */
const START_MS = 1_000_000;

/** Something that will happen. Owners may reuse one after it has fired; the clock writes the other fields. */
export type Scheduled = {
  atMs: number;
  /** Orders what is due at the same time. */
  sequence: number;
  /** Place in the heap, -1 = not scheduled. */
  place: number;
  readonly fire: () => void;
};

class VirtualTimer implements Scheduled, Timer {
  atMs = 0;
  sequence = 0;
  place = -1;
  readonly #clock: VirtualClock;
  readonly #run: () => void;

  constructor(clock: VirtualClock, run: () => void) {
    this.#clock = clock;
    this.#run = run;
  }

  fire(): void {
    this.#run();
  }

  cancel(): void {
    this.#clock.remove(this);
  }
}

/** A clock that only moves when told to. */
export class VirtualClock implements Clock {
  #nowMs: number;
  #sequence = 0;
  #fired = 0;
  readonly #heap: Scheduled[] = [];

  /** @param startMs first value of `nowMs` */
  constructor(startMs = START_MS) {
    this.#nowMs = startMs;
  }

  /** Things scheduled and not yet done. */
  get pending(): number {
    return this.#heap.length;
  }

  /** Things done so far. */
  get fired(): number {
    return this.#fired;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, run: () => void): Timer {
    const timer = new VirtualTimer(this, run);
    this.schedule(timer, this.#nowMs + delayMs);
    return timer;
  }

  /**
   * Lets `event` happen at `atMs`, now if that is past; an event that is scheduled already moves.
   * @throws MeshError ERR_TIME if `atMs` is not a number: it would put the whole heap out of order
   */
  schedule(event: Scheduled, atMs: number): void {
    if (Number.isNaN(atMs)) throw new MeshError('ERR_TIME', 'a timer was set to a time that is not a number');
    if (event.place >= 0) this.remove(event);
    event.atMs = Math.max(atMs, this.#nowMs);
    event.sequence = this.#sequence++;
    this.#up(event, this.#heap.length);
  }

  /** Takes `event` back; harmless when it is not scheduled. */
  remove(event: Scheduled): void {
    const place = event.place;
    if (place < 0) return;
    event.place = -1;
    const last = this.#heap.pop();
    if (last === undefined || last === event) return;
    this.#down(last, place);
    if (last.place === place) this.#up(last, place);
  }

  /** Does everything due until `untilMs`, which is the time afterwards. */
  runUntil(untilMs: number): void {
    for (let first = this.#heap[0]; first !== undefined && first.atMs <= untilMs; first = this.#heap[0]) {
      this.#nowMs = first.atMs;
      this.remove(first);
      this.#fired++;
      first.fire();
    }
    if (untilMs > this.#nowMs) this.#nowMs = untilMs;
  }

  /** Does everything due within the next `durationMs`. */
  runFor(durationMs: number): void {
    this.runUntil(this.#nowMs + durationMs);
  }

  #up(event: Scheduled, from: number): void {
    const heap = this.#heap;
    let place = from;
    while (place > 0) {
      const above = (place - 1) >> 2;
      const parent = heap[above] as Scheduled;
      if (!isBefore(event, parent)) break;
      heap[place] = parent;
      parent.place = place;
      place = above;
    }
    heap[place] = event;
    event.place = place;
  }

  #down(event: Scheduled, from: number): void {
    const heap = this.#heap;
    const size = heap.length;
    let place = from;
    for (;;) {
      const firstChild = place * ARITY + 1;
      if (firstChild >= size) break;
      const end = Math.min(firstChild + ARITY, size);
      let least = heap[firstChild] as Scheduled;
      for (let child = firstChild + 1; child < end; child++) {
        const candidate = heap[child] as Scheduled;
        if (isBefore(candidate, least)) least = candidate;
      }
      if (!isBefore(least, event)) break;
      const free = least.place;
      heap[place] = least;
      least.place = place;
      place = free;
    }
    heap[place] = event;
    event.place = place;
  }
}

function isBefore(a: Scheduled, b: Scheduled): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.sequence < b.sequence);
}

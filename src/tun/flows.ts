/**
 * Flows that may be answered: a table of fixed size, in sets of eight. No address is stored, only a keyed hash; nothing is
 * allocated per packet.
 *
 * Who gives way in a full set: what has ended, then what was never answered (a scan), then the flow that was silent longest
 * among those with the most relatives in the set: flows with the same local port, the same far port or the same far
 * address. So a program with ten thousand flows displaces its own, and an idle ssh session of somebody else stays.
 */
import { FLOW_REFRESH_MS, FLOW_SETS, FLOWS_PER_SET } from './limits.ts';

/** How far a flow is; from `ANSWERED` on it is one that somebody uses. */
export const FLOW = { ended: 0, unanswered: 1, answered: 2, weAreDone: 3, theyAreDone: 4 } as const;

/** Flows of one kind. Times are milliseconds of the node's clock. */
export class FlowTable {
  /** 0: the place was never taken. */
  readonly #tags = new Int32Array(FLOW_SETS * FLOWS_PER_SET);
  /** One byte each of the far address, the far port and the local port. */
  readonly #kin = new Int32Array(FLOW_SETS * FLOWS_PER_SET);
  readonly #seenMs = new Float64Array(FLOW_SETS * FLOWS_PER_SET);
  readonly #endsMs = new Float64Array(FLOW_SETS * FLOWS_PER_SET);
  readonly #state = new Uint8Array(FLOW_SETS * FLOWS_PER_SET);

  /** The place of a flow that may be answered, -1 if there is none. @param tag its hash, not 0 */
  find(tag: number, nowMs: number): number {
    const start = (tag >>> SET_SHIFT) * FLOWS_PER_SET;
    for (let at = start; at < start + FLOWS_PER_SET; at++) {
      if (this.#tags[at] === tag && nowMs < (this.#endsMs[at] as number)) return at;
    }
    return -1;
  }

  /** How far the flow is whose place `find` named. */
  stateAt(at: number): number {
    return this.#state[at] as number;
  }

  /** Was this flow noted so lately that one more packet says nothing new? */
  isFresh(at: number, nowMs: number): boolean {
    return nowMs - (this.#seenMs[at] as number) < FLOW_REFRESH_MS;
  }

  /** A flow is in a state from now on, and ends after `lifeMs` of silence. */
  set(at: number, state: number, lifeMs: number, nowMs: number): void {
    this.#state[at] = state;
    this.#seenMs[at] = nowMs;
    this.#endsMs[at] = nowMs + lifeMs;
  }

  /** Somebody answered: no reason to live longer (RFC 4787 §4.3 leaves that to packets of ours), but to stay. */
  markAnswered(at: number): void {
    this.#state[at] = FLOW.answered;
  }

  /** Takes a place for a flow, its own if it has one. @param kin three bytes that it shares with its relatives */
  enter(tag: number, kin: number, state: number, lifeMs: number, nowMs: number): void {
    const at = this.#placeFor(tag, kin, nowMs);
    this.#tags[at] = tag;
    this.#kin[at] = kin;
    this.set(at, state, lifeMs, nowMs);
  }

  #placeFor(tag: number, kin: number, nowMs: number): number {
    const start = (tag >>> SET_SHIFT) * FLOWS_PER_SET;
    for (let at = start; at < start + FLOWS_PER_SET; at++) if (this.#tags[at] === tag) return at;
    let place = start;
    let leastWorth = Number.POSITIVE_INFINITY;
    for (let at = start; at < start + FLOWS_PER_SET; at++) {
      const worth = this.#worth(at, start, kin, nowMs);
      const isOlder = (this.#seenMs[at] as number) < (this.#seenMs[place] as number);
      if (worth > leastWorth || (worth === leastWorth && !isOlder)) continue;
      leastWorth = worth;
      place = at;
    }
    return place;
  }

  /** The least worth gives way: nothing, ended, unanswered, then many relatives before few. */
  #worth(at: number, start: number, newcomer: number, nowMs: number): number {
    if (this.#tags[at] === 0 || nowMs >= (this.#endsMs[at] as number)) return -1;
    const state = this.#state[at] as number;
    return state < FLOW.answered ? state : FLOW.answered + FLOWS_PER_SET - this.#relatives(at, start, newcomer);
  }

  /** With how many of its set, and the newcomer, the flow at `at` shares its most common property. */
  #relatives(at: number, start: number, newcomer: number): number {
    const own = this.#kin[at] as number;
    let most = 0;
    for (let shift = 0; shift < 24; shift += 8) {
      const mask = 0xff << shift;
      let count = (newcomer & mask) === (own & mask) ? 1 : 0;
      for (let other = start; other < start + FLOWS_PER_SET; other++) {
        if (other !== at && ((this.#kin[other] as number) & mask) === (own & mask)) count++;
      }
      if (count > most) most = count;
    }
    return most;
  }
}

/** The upper bits of a tag are its set. */
const SET_SHIFT = 32 - Math.log2(FLOW_SETS);

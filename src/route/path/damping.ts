/**
 * Ways that fail again and again are not taken back each time they answer: a link that is down two seconds and up two loses a
 * third of what goes over it, for as long as it does. As in RFC 2439: each failure adds a penalty, which halves with time; from
 * one limit on the way is held, until the penalty is below another. One failure holds nothing: a peer that restarts is used
 * again at once. What is held is taken all the same where nothing else is left.
 *
 * Remembered by label, since the one-hop way to a peer is a new one each time its link comes up.
 */
import { BoundedMap } from '../../base/index.ts';
import type { Label } from '../../wire/index.ts';
import {
  DAMPED_PATHS,
  DAMPING_CEILING,
  DAMPING_HALF_LIFE_MS,
  DAMPING_HOLD,
  DAMPING_PENALTY,
  DAMPING_REUSE,
} from '../limits.ts';
import { hold } from '../map/hold-down.ts';
import type { KnownPath } from '../map/known-path.ts';

type Record = { penalty: number; atMs: number; isHeld: boolean };

/** The failures of the ways to one target. */
export class Damping {
  readonly #records = new BoundedMap<Label, Record>(DAMPED_PATHS);

  /** A way failed: it was lost with its link, reported broken, or did not answer. */
  failed(label: Label, nowMs: number): void {
    const record = this.#records.get(label) ?? { penalty: 0, atMs: nowMs, isHeld: false };
    record.penalty = Math.min(DAMPING_CEILING, penaltyAt(record, nowMs) + DAMPING_PENALTY);
    record.atMs = nowMs;
    record.isHeld ||= record.penalty > DAMPING_HOLD;
    this.#records.set(label, record);
    this.#records.touch(label);
  }

  /** A way was left because it was bad: a failure, if it failed lately. A link that flaps is often left before it is given up. */
  left(label: Label, nowMs: number): void {
    const record = this.#records.get(label);
    if (record !== undefined && penaltyAt(record, nowMs) >= DAMPING_REUSE) this.failed(label, nowMs);
  }

  /** Holds those of the paths that failed too often, until the penalty has gone. */
  apply(paths: readonly KnownPath[], nowMs: number): void {
    if (this.#records.size === 0) return;
    for (const path of paths) {
      const record = this.#records.get(path.label);
      if (record === undefined || !record.isHeld) continue;
      const restMs = DAMPING_HALF_LIFE_MS * Math.log2(penaltyAt(record, nowMs) / DAMPING_REUSE);
      if (restMs > 0) hold(path.held, Number.POSITIVE_INFINITY, nowMs + restMs);
      else record.isHeld = false;
    }
  }
}

function penaltyAt({ penalty, atMs }: Record, nowMs: number): number {
  return penalty * 0.5 ** ((nowMs - atMs) / DAMPING_HALF_LIFE_MS);
}

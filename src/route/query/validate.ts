/** Asking a node over a path until it answers or enough tries are lost: the step before any use of a label. Source: protocol 08 §8. */
import { addressKey } from '../../crypto/index.ts';
import { hopsOf } from '../../switch/index.ts';
import type { Label } from '../../wire/index.ts';
import { MIN_HARD_MS, UNKNOWN_RTT_MS, VERIFY_TRIES } from '../limits.ts';
import type { KnownPath } from '../map/known-path.ts';
import { addProbe, correctProbe } from '../map/probes.ts';
import { noteProven } from '../map/sizes.ts';
import type { Purpose } from './budget.ts';
import type { Context } from './context.ts';
import { padding, type QueryName } from './messages.ts';
import type { Answer, Respondent } from './pending.ts';

/** A question that is repeated. */
export type Validation = {
  readonly to: Respondent;
  readonly label: Label;
  readonly purpose: Purpose;
  /** Default `pn`. */
  readonly query?: QueryName;
  readonly target?: Uint8Array | null;
  /** Pads a `pn` to this length: it asks whether the size passes, and counts as evidence about long packets. */
  readonly bytes?: number;
  readonly expectedMs?: number;
  /** Sendings in all; default 3. */
  readonly tries?: number;
  /** Whether to end when the last sending is late (and not before 2 s), instead of when it is surely lost: somebody waits. */
  readonly impatient?: boolean;
  /** The first sending is late: others may be asked meanwhile. */
  readonly late?: () => void;
  /** Called once: the first answer, or null when all tries are lost or could not be sent. */
  readonly done: (answer: Answer | null) => void;
};

/** Sends a query, and again each time it is late. @returns false if not even the first could be sent (`done` is not called) */
export function validate(context: Context, validation: Validation): boolean {
  return new Validating(context, validation).send();
}

/** One question on its way through its sendings: several may be open at a time, since a late answer counts. */
class Validating {
  readonly #context: Context;
  readonly #validation: Validation;
  readonly #target: Uint8Array | null;
  readonly #beganMs: number;
  #sent = 0;
  #open = 0;
  #isOver = false;

  constructor(context: Context, validation: Validation) {
    const { bytes, target = null } = validation;
    this.#context = context;
    this.#validation = validation;
    this.#target = bytes === undefined ? target : padding(context.options.protocol, bytes);
    this.#beganMs = context.nowMs;
  }

  /** @returns whether the budget allowed it */
  send(): boolean {
    const { to, label, purpose, query = 'pn', expectedMs } = this.#validation;
    this.#sent++;
    /** The note that it was lost. */
    let note: number | null = null;
    const isSent = this.#context.pending.ask(this.#context, {
      to,
      label,
      query,
      target: this.#target,
      expectedMs: expectedMs ?? expectedRttMs(this.#context, to, label),
      purpose,
      answered: (answer) => this.#answered(answer, note),
      late: () => {
        note = noteLoss(this.#context, this.#validation);
        this.#late();
      },
      failed: () => {
        this.#open--;
        if (this.#open === 0) this.#end(null);
      },
    });
    if (isSent) this.#open++;
    return isSent;
  }

  #answered(answer: Answer, note: number | null): void {
    if (answer.path !== null) noteAnswer(this.#context, answer.path, this.#validation.bytes, note);
    this.#end(answer);
  }

  #late(): void {
    if (this.#isOver) return;
    const { timers, nowMs } = this.#context;
    const { tries = VERIFY_TRIES, impatient = false, late } = this.#validation;
    if (this.#sent === 1) late?.();
    if (this.#sent < tries) this.send();
    else if (impatient) timers.at('impatience', Math.max(nowMs, this.#beganMs + MIN_HARD_MS), () => this.#end(null));
  }

  #end(answer: Answer | null): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#validation.done(answer);
  }
}

/** Round trip to expect over a label: as measured, else the sum of its links, as far as they are known. */
export function expectedRttMs(context: Context, to: Respondent, label: Label): number {
  const { map } = context;
  const node = map.get(addressKey(to.address));
  const path = node === undefined ? undefined : map.pathOf(node, label);
  if (path?.trips.ms != null) return path.trips.ms;
  const { links, rest } = map.decode(label);
  let oneWayMs = (hopsOf(rest)?.length ?? 0) * map.usualCostMs;
  for (const link of links) oneWayMs += link.costMs ?? map.usualCostMs;
  return Math.max(UNKNOWN_RTT_MS, 2 * oneWayMs);
}

/** @param note of its loss, if it was late */
function noteAnswer(context: Context, path: KnownPath, bytes: number | undefined, note: number | null): void {
  const record = bytes === undefined ? path.probes : path.sizes;
  if (note !== null) correctProbe(record, note);
  else addProbe(record, false);
  if (bytes !== undefined) noteProven(path.sizes, bytes, context.nowMs);
}

/** A missing answer counts against the path as soon as it is late, until it comes after all: that is what quality is about. */
function noteLoss(context: Context, validation: Validation): number | null {
  const node = context.map.get(addressKey(validation.to.address));
  const path = node === undefined ? undefined : context.map.pathOf(node, validation.label);
  return path === undefined ? null : addProbe(validation.bytes === undefined ? path.probes : path.sizes, true);
}

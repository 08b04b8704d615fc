/** Asking a node over a path until it answers or enough tries are lost: the step before any use of a label. Source: protocol 08 §8. */
import { addressKey } from '../../crypto/index.ts';
import { hopsOf } from '../../switch/index.ts';
import type { Label } from '../../wire/index.ts';
import { MIN_HARD_MS, UNKNOWN_RTT_MS, VERIFY_TRIES } from '../limits.ts';
import { addProbe, correctProbe, type KnownPath } from '../map/known-path.ts';
import { noteProven } from '../map/sizes.ts';
import type { Purpose } from './budget.ts';
import type { Context, Destination } from './context.ts';
import { ballast, type QueryName } from './messages.ts';
import type { Answer } from './pending.ts';

/** A question that is repeated. */
export type Inquiry = {
  readonly to: Destination;
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
export function inquire(context: Context, inquiry: Inquiry): boolean {
  const tries = inquiry.tries ?? VERIFY_TRIES;
  const { bytes } = inquiry;
  const target = bytes === undefined ? (inquiry.target ?? null) : ballast(context.options.protocol, bytes);
  const beganMs = context.nowMs;
  let sent = 0;
  let open = 0;
  let ended = false;
  const end = (answer: Answer | null): void => {
    if (ended) return;
    ended = true;
    inquiry.done(answer);
  };
  const send = (): boolean => {
    sent++;
    /** The note that it was lost. */
    let note: number | null = null;
    const accepted = context.pending.ask(context, {
      to: inquiry.to,
      label: inquiry.label,
      query: inquiry.query ?? 'pn',
      target,
      expectedMs: inquiry.expectedMs ?? expectedRttMs(context, inquiry.to, inquiry.label),
      purpose: inquiry.purpose,
      answered: (answer) => {
        if (answer.path !== null) noteAnswer(context, answer.path, bytes, note);
        end(answer);
      },
      late: () => {
        note = noteLoss(context, inquiry);
        if (ended) return;
        if (sent === 1) inquiry.late?.();
        if (sent < tries) send();
        else if (inquiry.impatient === true)
          context.agenda.at(Math.max(context.nowMs, beganMs + MIN_HARD_MS), () => end(null));
      },
      failed: () => {
        open--;
        if (open === 0) end(null);
      },
    });
    if (accepted) open++;
    return accepted;
  };
  return send();
}

/** Round trip to expect over a label: as measured, else the sum of its links, as far as they are known. */
export function expectedRttMs(context: Context, to: Destination, label: Label): number {
  const { map } = context;
  const node = map.get(addressKey(to.address));
  const path = node === undefined ? undefined : map.pathOf(node, label);
  if (path?.rttMs != null) return path.rttMs;
  const { links, rest } = map.decode(label);
  let oneWayMs = (hopsOf(rest)?.length ?? 0) * map.usualCostMs;
  for (const link of links) oneWayMs += link.costMs ?? map.usualCostMs;
  return Math.max(UNKNOWN_RTT_MS, 2 * oneWayMs);
}

/** @param note of its loss, if it was late */
function noteAnswer(context: Context, path: KnownPath, bytes: number | undefined, note: number | null): void {
  const record = bytes === undefined ? path : path.sizes;
  if (note !== null) correctProbe(record, note);
  else addProbe(record, false);
  if (bytes !== undefined) noteProven(path.sizes, bytes, context.nowMs);
}

/** A missing answer counts against the path as soon as it is late, until it comes after all: that is what quality is about. */
function noteLoss(context: Context, inquiry: Inquiry): number | null {
  const node = context.map.get(addressKey(inquiry.to.address));
  const path = node === undefined ? undefined : context.map.pathOf(node, inquiry.label);
  return path === undefined ? null : addProbe(inquiry.bytes === undefined ? path : path.sizes, true);
}

/**
 * Is a path wide enough for much traffic? A single ping cannot tell, and trying it with the traffic costs a second of it: a
 * train of padded pings goes first, back to back, and a queue spreads their answers. A machine that stalls delays them all.
 * Source: docs/routing.md, "Quality and failover".
 */

import { IMPATIENT_MS, TRAIN_PADDING_BYTES, TRAIN_PINGS, TRAIN_SPREAD_MS } from '../limits.ts';
import { hasRoom, noteNarrow, notePassed } from '../map/capacity.ts';
import type { KnownPath } from '../map/known-path.ts';
import type { MapNode } from '../map/map.ts';
import { noteProven } from '../map/sizes.ts';
import type { Context } from '../query/context.ts';
import { validate } from '../query/validate.ts';
import { hasHighRate } from './demand.ts';
import type { Target } from './target.ts';

/** `tar` of a ping is read by nobody (protocol 08 §2): room for ballast. */
const PADDING = new Uint8Array(TRAIN_PADDING_BYTES);

/** Whether `path` has to prove its width before the target's traffic moves there. */
export function needsTrain({ map, nowMs }: Context, target: Target, path: KnownPath): boolean {
  const { current, node } = target;
  if (current === null || current.suspect || !hasHighRate(target.demand, nowMs) || !node?.paths.includes(current))
    return false;
  if (map.costOf(current, nowMs) >= IMPATIENT_MS) return false;
  return target.watching.isTrying || !hasRoom(path.capacity, nowMs);
}

/** Sends the train unless one is under way or the last failed just now. @param done called at its end: the verdict is in `path` */
export function sendTrain(context: Context, target: Target, node: MapNode, path: KnownPath, done: () => void): void {
  if (target.watching.isTrying || path.capacity.pausedUntilMs > context.nowMs) return;
  const rttsMs: number[] = [];
  // One more than are under way, until all are sent.
  let open = 1;
  const ended = (): void => {
    open--;
    if (open > 0) return;
    target.watching.isTrying = false;
    // Answers that are missing count as narrow, whether they were lost or never asked for: the budget was used up.
    const isNarrow = rttsMs.length < TRAIN_PINGS - TRAIN_PINGS / 8 || showsQueue(rttsMs, path.trips.baseMs);
    if (isNarrow) noteNarrow(path.capacity, context.nowMs);
    else notePassed(path.capacity, context.nowMs);
    done();
  };
  target.watching.isTrying = true;
  for (let i = 0; i < TRAIN_PINGS; i++) {
    const isSent = validate(context, {
      to: node,
      label: path.label,
      target: PADDING,
      purpose: 'urgent',
      tries: 1,
      done: (answer) => {
        if (answer !== null) rttsMs.push(answer.rttMs);
        if (answer?.path != null) noteProven(answer.path.sizes, TRAIN_PADDING_BYTES, context.nowMs);
        ended();
      },
    });
    if (!isSent) break;
    open++;
  }
  ended();
}

/** Spread answers are a queue; less spread is enough when all are late, since then the train of the other end went there just before ours. */
function showsQueue(rttsMs: readonly number[], baseMs: number | null): boolean {
  const firstMs = rttsMs[0] ?? 0;
  const lastMs = rttsMs.at(-1) ?? 0;
  const lateMs = lastMs - (baseMs ?? firstMs);
  return lastMs - firstMs > (lateMs > 2 * TRAIN_SPREAD_MS ? TRAIN_SPREAD_MS / 3 : TRAIN_SPREAD_MS);
}

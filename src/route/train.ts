/**
 * Is a path wide enough for much traffic? A single ping cannot tell, and trying it with the traffic costs a second of it: a
 * train of padded pings goes first, back to back, and what waits in a queue shows in their round trips.
 * Source: ARCHITECTURE.md, "Quality and failover".
 */
import { isUnderLoad } from './choose.ts';
import type { Context } from './context.ts';
import type { KnownPath } from './known-path.ts';
import { IMPATIENT_MS, NARROW_MS, PASSED_MS, TRAIN_PADDING_BYTES, TRAIN_PINGS } from './limits.ts';
import type { MapNode } from './map.ts';
import { isHeavy, type Target } from './target.ts';
import { inquire } from './verify.ts';

/** `tar` of a ping is read by nobody (protocol 08 §2.4): room for ballast. */
const PADDING = new Uint8Array(TRAIN_PADDING_BYTES);

/** Whether `path` has to prove its width before the target's traffic moves there. */
export function needsTrain({ map, nowMs }: Context, target: Target, path: KnownPath): boolean {
  const { current, node } = target;
  if (target.trying) return true;
  if (current === null || current.suspect || !isHeavy(target, nowMs) || !node?.paths.includes(current)) return false;
  return nowMs - path.passedMs > PASSED_MS && map.costOf(current, nowMs) < IMPATIENT_MS;
}

/** Sends the train unless one is under way. @param done called at its end: the verdict is noted in `path` */
export function sendTrain(context: Context, target: Target, node: MapNode, path: KnownPath, done: () => void): void {
  if (target.trying) return;
  let open = 1;
  let lost = 0;
  const arrived = (isLost: boolean): void => {
    open--;
    if (isLost) lost++;
    if (open > 0) return;
    target.trying = false;
    const isNarrow = isUnderLoad(path) || lost > TRAIN_PINGS / 8;
    if (isNarrow) path.narrowUntilMs = context.nowMs + NARROW_MS;
    else path.passedMs = context.nowMs;
    done();
  };
  target.trying = true;
  for (let i = 0; i < TRAIN_PINGS; i++) {
    const sent = inquire(context, {
      to: node,
      label: path.label,
      target: PADDING,
      purpose: 'urgent',
      tries: 1,
      done: (answer) => arrived(answer === null),
    });
    if (sent) open++;
  }
  arrived(false);
}

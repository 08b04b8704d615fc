/** Keeping the paths of a target measured: probes, bursts when something looks wrong, rounds of improvement. Source: docs/routing.md, "Quality and failover". */
import { jittered } from '../../base/index.ts';
import {
  BURST_INTERVAL_MS,
  BURST_PAUSE_MS,
  BURST_PROBES,
  HOLE_PAUSE_MS,
  HOLE_PROBES,
  IMPROVE_MS,
  JITTER,
  PROBE_BUSY_MS,
  PROBE_HEAVY_MS,
  PROBE_IDLE_MS,
  PROBE_RESTING_MS,
  REANNOUNCE_AFTER_MS,
} from '../limits.ts';
import type { KnownPath } from '../map/known-path.ts';
import type { MapNode } from '../map/map.ts';
import { isDoubtful, isHealing } from '../map/probes.ts';
import { isQueued } from '../map/round-trips.ts';
import { isLong, isProven, noteHole, passes } from '../map/sizes.ts';
import type { Purpose } from '../query/budget.ts';
import type { Context } from '../query/context.ts';
import type { Answer } from '../query/pending.ts';
import { validate } from '../query/validate.ts';
import type { Crawl } from '../search/crawl.ts';
import { improve } from '../search/improve.ts';
import { hasHighRate, isBusy, isIdle } from './demand.ts';
import type { Target } from './target.ts';

/** What the watch tells the owner of the targets. */
export type WatchOwner = {
  /** Whether the target is still in the table. */
  readonly isOpen: (target: Target) => boolean;
  /** Something was measured: choose again. */
  readonly check: (target: Target) => void;
  /** A path in use does not answer. */
  readonly fail: (target: Target, path: KnownPath) => void;
};

/** The watch over the targets of one router. */
export type Watch = {
  readonly planImprove: (target: Target) => void;
  readonly planProbe: (target: Target) => void;
  /** Asks once whether packets as long as the target's pass a path; where that stays open, it is examined. */
  readonly prove: (target: Target, node: MapNode, path: KnownPath) => void;
  /** Long probes and short ones over one path: do only the short ones pass? */
  readonly examine: (target: Target, node: MapNode, path: KnownPath) => void;
  /** Eight probes at short intervals over each path. */
  readonly burst: (target: Target, node: MapNode, paths: readonly (KnownPath | null)[]) => void;
  readonly reannounce: (target: Target, path: KnownPath) => void;
};

export function createWatch(context: Context, crawl: Crawl, owner: WatchOwner): Watch {
  function planImprove(target: Target): void {
    target.watching.improve?.cancel();
    const delayMs = IMPROVE_MS[Math.min(target.watching.improvements, IMPROVE_MS.length - 1)] ?? PROBE_IDLE_MS;
    target.watching.improve = context.timers.at(
      'improve',
      context.nowMs + jittered(context.options.rng, delayMs, JITTER),
      () => {
        const { node, current } = target;
        if (!owner.isOpen(target) || node === null || current === null) return;
        target.watching.improvements++;
        if (!isIdle(target.demand, context.nowMs))
          improve(context, crawl, node, current, target.spare, () => owner.check(target));
        planImprove(target);
      },
    );
  }

  function planProbe(target: Target): void {
    target.watching.probe?.cancel();
    const delayMs = jittered(context.options.rng, probePeriodMs(target), JITTER);
    target.watching.probe = context.timers.at('probe', context.nowMs + delayMs, () => {
      const { node, current } = target;
      if (!owner.isOpen(target) || node === null || current === null) return;
      target.watching.probes++;
      const heavy = hasHighRate(target.demand, context.nowMs);
      // Links of our own are watched by the link layer, but it cannot see the queue that much traffic makes.
      if (!current.isPeer || heavy) probe(target, node, current, heavy ? 'urgent' : 'refine');
      if (isLong(target.demand.bytes) && isBusy(target.demand, context.nowMs)) prove(target, node, current);
      // Under much traffic only the path in use is asked more often.
      if (!heavy || target.watching.probes % 2 === 0) probeOther(target, node, current);
      owner.check(target);
      planProbe(target);
    });
  }

  function probePeriodMs(target: Target): number {
    if (hasHighRate(target.demand, context.nowMs)) return PROBE_HEAVY_MS;
    if (isBusy(target.demand, context.nowMs)) return PROBE_BUSY_MS;
    return isIdle(target.demand, context.nowMs) ? PROBE_RESTING_MS : PROBE_IDLE_MS;
  }

  /** The other paths take turns, so that a comparison has figures of today; one that seems to heal is looked at closely. */
  function probeOther(target: Target, node: MapNode, current: KnownPath): void {
    const heavy = hasHighRate(target.demand, context.nowMs);
    const { bytes } = target.demand;
    const others = node.paths.filter((path) => path !== current && (heavy || isLong(bytes) || !path.isPeer));
    const turn = heavy ? target.watching.probes >> 1 : target.watching.probes;
    const other = others[turn % Math.max(1, others.length)];
    if (other === undefined) return;
    // Short pings over a hole would only make a stock far end answer over it.
    const isLame = isLong(bytes) && isDoubtful(other.sizes);
    if (!isProven(other.sizes, bytes, context.nowMs) || (isLame && !isHealing(other.sizes))) prove(target, node, other);
    else if (isHealing(other.probes) || isLame) burst(target, node, [other]);
    else probe(target, node, other, 'refine');
  }

  function validateLong(
    target: Target,
    node: MapNode,
    path: KnownPath,
    then: { late: () => void; answered: () => void; ended?: () => void },
  ): boolean {
    const { bytes } = target.demand;
    const done = (answer: Answer | null): void => {
      if (answer !== null) then.answered();
      then.ended?.();
    };
    return validate(context, { to: node, label: path.label, purpose: 'size', bytes, tries: 1, late: then.late, done });
  }

  function prove(target: Target, node: MapNode, path: KnownPath): void {
    const { sizes } = path;
    const late = (): void => examine(target, node, path);
    const answered = (): void => owner.check(target);
    if (passes(sizes, target.demand.bytes)) validateLong(target, node, path, { late, answered });
    else retry(target, node, path);
  }

  /** Looks whether a hole is still there; not often, unless the path in use has one as well. */
  function retry(target: Target, node: MapNode, path: KnownPath): void {
    const { sizes } = path;
    const { nowMs } = context;
    const isDesperate = target.current !== null && !passes(target.current.sizes, target.demand.bytes);
    if (nowMs < sizes.retryMs && !(isDesperate && nowMs - sizes.retriedMs >= HOLE_PAUSE_MS)) return;
    sizes.retriedMs = nowMs;
    const late = (): void => {
      noteHole(sizes, target.demand.bytes, context.nowMs);
      owner.check(target);
    };
    validateLong(target, node, path, { late, answered: () => owner.check(target) });
  }

  function examine(target: Target, node: MapNode, path: KnownPath): void {
    const { sizes } = path;
    const { nowMs, timers } = context;
    if (!isLong(target.demand.bytes) || sizes.examining || nowMs - sizes.examinedMs < HOLE_PAUSE_MS) return;
    sizes.examining = true;
    sizes.examinedMs = nowMs;
    let [open, lost, short] = [HOLE_PROBES, 0, 0];
    const judge = (): void => {
      if (!owner.isOpen(target) || lost < HOLE_PROBES || short < HOLE_PROBES / 2) return;
      lost = 0;
      context.options.counters.add('route.hole');
      noteHole(sizes, target.demand.bytes, context.nowMs);
      owner.check(target);
      if (target.current === null || passes(target.current.sizes, target.demand.bytes)) return;
      // No other is known to be better: perhaps one of them is by now, or there is one that nobody knows.
      for (const other of node.paths)
        if (other !== path && !passes(other.sizes, target.demand.bytes)) retry(target, node, other);
      improve(context, crawl, node, target.current, null, () => owner.check(target));
    };
    const ended = (): void => {
      open--;
      if (open === 0) sizes.examining = false;
    };
    for (let i = 0; i < HOLE_PROBES; i++) {
      timers.at('examine', nowMs + i * BURST_INTERVAL_MS, () => {
        if (!owner.isOpen(target)) return ended();
        const late = (): void => {
          lost++;
          judge();
        };
        const answered = (): void => {
          lost = Number.NEGATIVE_INFINITY;
          owner.check(target);
        };
        if (!validateLong(target, node, path, { late, answered, ended })) ended();
        const done = (answer: Answer | null): void => {
          if (answer !== null) short++;
          judge();
        };
        validate(context, { to: node, label: path.label, purpose: 'size', tries: 1, done });
      });
    }
  }

  /** One ping; if it is late or waited in a queue, a burst over this path and the spare tells more. */
  function probe(target: Target, node: MapNode, path: KnownPath, purpose: Purpose): void {
    const sentMs = context.nowMs;
    validate(context, {
      to: node,
      label: path.label,
      purpose,
      tries: 1,
      late: () => {
        if (path === target.current) burst(target, node, [path, target.spare]);
      },
      done: (answer) => {
        if (path === target.current) {
          // One lost packet is no failure if others came through since.
          if (answer === null && path.goodMs < sentMs) owner.fail(target, path);
          else if (answer !== null && isQueued(path.trips, answer.rttMs)) burst(target, node, [path, target.spare]);
        }
        owner.check(target);
      },
    });
  }

  function burst(target: Target, node: MapNode, paths: readonly (KnownPath | null)[]): void {
    if (target.watching.isBursting || context.nowMs - target.watching.burstMs < BURST_PAUSE_MS) return;
    target.watching.isBursting = true;
    // Nothing to compare with: look for another way now.
    if (target.spare === null && target.current !== null)
      improve(context, crawl, node, target.current, null, () => owner.check(target));
    target.watching.burstMs = context.nowMs;
    for (const path of paths) if (path !== null) examine(target, node, path);
    for (let i = 0; i < BURST_PROBES; i++) {
      context.timers.at('burst', context.nowMs + i * BURST_INTERVAL_MS, () => {
        target.watching.isBursting = i < BURST_PROBES - 1;
        for (const path of paths) {
          if (path === null || !owner.isOpen(target)) continue;
          const done = (): void => owner.check(target);
          validate(context, { to: node, label: path.label, purpose: 'urgent', tries: 1, late: done, done });
        }
      });
    }
  }

  /** Queries over the new path: a stock far end that holds on to a dead one takes them as hints (protocol 08 §3). */
  function reannounce(target: Target, path: KnownPath): void {
    for (const delayMs of REANNOUNCE_AFTER_MS) {
      context.timers.at('announceAgain', context.nowMs + delayMs, () => {
        if (!owner.isOpen(target) || target.current !== path || target.node === null) return;
        validate(context, { to: target.node, label: path.label, purpose: 'urgent', tries: 1, done: () => undefined });
      });
    }
  }

  return { planImprove, planProbe, prove, examine, burst, reannounce };
}

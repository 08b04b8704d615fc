/** Keeping the paths of a target measured: probes, bursts when something looks wrong, rounds of improvement. Source: ARCHITECTURE.md, "Quality and failover". */
import { jittered } from '../base/index.ts';
import type { Purpose } from './budget.ts';
import { isHeavy } from './choose.ts';
import type { Context } from './context.ts';
import type { Crawl } from './crawl.ts';
import { improve } from './improve.ts';
import { isQueued, type KnownPath, newestGood } from './known-path.ts';
import {
  BURST_INTERVAL_MS,
  BURST_PAUSE_MS,
  BURST_PROBES,
  BUSY_MS,
  HEALED_PROBES,
  IMPROVE_MS,
  JITTER,
  PROBE_BUSY_MS,
  PROBE_HEAVY_MS,
  PROBE_IDLE_MS,
  PROBE_RESTING_MS,
  RENEW_AFTER_MS,
} from './limits.ts';
import type { MapNode } from './map.ts';
import { isResting, type Target } from './target.ts';
import { inquire } from './verify.ts';

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
  /** Eight probes at short intervals over each path. */
  readonly burst: (target: Target, node: MapNode, paths: readonly (KnownPath | null)[]) => void;
  readonly renew: (target: Target, path: KnownPath) => void;
};

export function createWatch(context: Context, crawl: Crawl, owner: WatchOwner): Watch {
  function planImprove(target: Target): void {
    target.improve?.cancel();
    const delayMs = IMPROVE_MS[Math.min(target.improvements, IMPROVE_MS.length - 1)] ?? PROBE_IDLE_MS;
    target.improve = context.agenda.at(context.nowMs + jittered(context.options.rng, delayMs, JITTER), () => {
      const { node, current } = target;
      if (!owner.isOpen(target) || node === null || current === null) return;
      target.improvements++;
      if (!isResting(context, target)) improve(context, crawl, node, current, target.spare, () => owner.check(target));
      planImprove(target);
    });
  }

  function planProbe(target: Target): void {
    target.probe?.cancel();
    const delayMs = jittered(context.options.rng, probePeriodMs(target), JITTER);
    target.probe = context.agenda.at(context.nowMs + delayMs, () => {
      const { node, current } = target;
      if (!owner.isOpen(target) || node === null || current === null) return;
      target.probes++;
      const heavy = isHeavy(target, context.nowMs);
      // Links of our own are watched by the link layer, but it cannot see the queue that much traffic makes.
      if (!current.isPeer || heavy) probe(target, node, current, heavy ? 'urgent' : 'refine');
      // Under much traffic only the path in use is asked more often.
      if (!heavy || target.probes % 2 === 0) probeOther(target, node, current);
      owner.check(target);
      planProbe(target);
    });
  }

  function probePeriodMs(target: Target): number {
    if (isHeavy(target, context.nowMs)) return PROBE_HEAVY_MS;
    if (context.nowMs - target.trafficMs < BUSY_MS) return PROBE_BUSY_MS;
    return isResting(context, target) ? PROBE_RESTING_MS : PROBE_IDLE_MS;
  }

  /** The other paths take turns, so that a comparison has figures of today; one that seems to heal is looked at closely. */
  function probeOther(target: Target, node: MapNode, current: KnownPath): void {
    const heavy = isHeavy(target, context.nowMs);
    const others = node.paths.filter((path) => path !== current && (heavy || !path.isPeer));
    const turn = heavy ? target.probes >> 1 : target.probes;
    const other = others[turn % Math.max(1, others.length)];
    if (other === undefined) return;
    if (other.lostBits !== 0 && newestGood(other) >= 2 && newestGood(other) < HEALED_PROBES)
      burst(target, node, [other]);
    else probe(target, node, other, 'refine');
  }

  /** One ping; if it is late or waited in a queue, a burst over this path and the spare tells more. */
  function probe(target: Target, node: MapNode, path: KnownPath, purpose: Purpose): void {
    const sentMs = context.nowMs;
    inquire(context, {
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
          else if (answer !== null && isQueued(path, answer.rttMs)) burst(target, node, [path, target.spare]);
        }
        owner.check(target);
      },
    });
  }

  function burst(target: Target, node: MapNode, paths: readonly (KnownPath | null)[]): void {
    if (target.bursting || context.nowMs - target.burstMs < BURST_PAUSE_MS) return;
    target.bursting = true;
    // Nothing to compare with: look for another way now.
    if (target.spare === null && target.current !== null)
      improve(context, crawl, node, target.current, null, () => owner.check(target));
    target.burstMs = context.nowMs;
    for (let i = 0; i < BURST_PROBES; i++) {
      context.agenda.at(context.nowMs + i * BURST_INTERVAL_MS, () => {
        target.bursting = i < BURST_PROBES - 1;
        for (const path of paths) {
          if (path === null || !owner.isOpen(target)) continue;
          const done = (): void => owner.check(target);
          inquire(context, { to: node, label: path.label, purpose: 'urgent', tries: 1, late: done, done });
        }
      });
    }
  }

  /** Queries over the new path: a stock far end that holds on to a dead one takes them as hints (protocol 08 §3). */
  function renew(target: Target, path: KnownPath): void {
    for (const delayMs of RENEW_AFTER_MS) {
      context.agenda.at(context.nowMs + delayMs, () => {
        if (!owner.isOpen(target) || target.current !== path || target.node === null) return;
        inquire(context, { to: target.node, label: path.label, purpose: 'urgent', tries: 1, done: () => undefined });
      });
    }
  }

  return { planImprove, planProbe, burst, renew };
}

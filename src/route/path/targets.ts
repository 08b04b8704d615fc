/**
 * Paths for sessions: finds one, keeps it measured, keeps a spare, changes when a better one is known or this one fails.
 * Source: docs/routing.md, "Quality and failover"; protocol 08 §9, 09.
 *
 *   target has        event                      then
 *   ----------------  -------------------------  --------------------------------------------------
 *   nothing           wanted                     ping what the map offers, and search
 *   nothing           search failed              search again after 0.5, 1, 2, 4 ... 10 s while wanted
 *   any               a path answers             use it if the choice says so
 *   a path            broken or silent           spare at once, ping the old one, look for more
 *   a path            its time is up             ping it; improve; forget it when nobody wants it
 */
import { BoundedMap } from '../../base/index.ts';
import { addressKey, type Ip6, type PublicKey } from '../../crypto/index.ts';
import type { Label } from '../../wire/index.ts';
import {
  DOUBTING_PAUSE_MS,
  DOUBTING_PINGS,
  FRESH_MS,
  IMPATIENT_MS,
  LONGEST_BYTES,
  MAX_TARGETS,
  PIN_PATH_MS,
  SEARCH_RETRY_MS,
  SUSPICIOUS_LOSS_PERCENT,
} from '../limits.ts';
import { holdSilent } from '../map/hold-down.ts';
import type { KnownPath } from '../map/known-path.ts';
import type { MapNode } from '../map/map.ts';
import { addRtt } from '../map/round-trips.ts';
import { holeUntilMs, isProven, passes } from '../map/sizes.ts';
import { bestPath, type Context } from '../query/context.ts';
import { dropLoops } from '../query/loops.ts';
import { validate } from '../query/validate.ts';
import type { Crawl } from '../search/crawl.ts';
import { pickSpare } from '../search/improve.ts';
import type { Searches } from '../search/search.ts';
import { choosePath, noteLeft } from './choose.ts';
import { hasHighRate, isBusy, notePinged } from './demand.ts';
import { createResolver } from './resolve.ts';
import { cancelPlans, newTarget, type Target } from './target.ts';
import { needsTrain, sendTrain } from './train.ts';
import { createWatch } from './watch.ts';

/** The targets of one router. */
export type Targets = {
  readonly want: (address: Ip6, key: PublicKey | null, urgent: boolean) => void;
  readonly forget: (address: Ip6) => void;
  /** A node answered, or its paths changed otherwise. */
  readonly changed: (node: MapNode) => void;
  readonly silent: (address: Ip6, label: Label) => void;
  readonly good: (address: Ip6, label: Label, rttMs: number | null, lossPercent: number | null) => void;
  /** The longest packets that go to it now. */
  readonly sending: (address: Ip6, bytes: number) => void;
  /** Its session hears nothing over this label. */
  readonly doubt: (address: Ip6, label: Label) => void;
  /** We sent it a query. */
  readonly noteAsked: (id: string, label: Label) => void;
  /** It pinged us. */
  readonly asked: (address: Ip6) => void;
  /** Paths over a stretch are broken. @param sure false = only said so by somebody */
  readonly broken: (isBroken: (label: Label) => boolean, sure: boolean) => void;
  /** The link to a peer is gone: its one-hop path with it. */
  readonly lost: (node: MapNode, label: Label) => void;
  /** Whether a target has such a path. */
  readonly hasPath: (isMeant: (label: Label) => boolean) => boolean;
  /** The cost of a link of ours changed. */
  readonly reconsider: (isConcerned: (label: Label) => boolean) => void;
  readonly get: (id: string) => Target | undefined;
  readonly isInUse: (node: MapNode, path: KnownPath) => boolean;
  readonly size: () => number;
};

export function createTargets(context: Context, crawl: Crawl, searches: Searches): Targets {
  const targets = new BoundedMap<string, Target>(MAX_TARGETS, (_, target) => close(target));
  const { resolve, pingWays, search } = createResolver(context, crawl, searches, { isOpen, check, attach });
  const watch = createWatch(context, crawl, { isOpen, check, fail: (target, path) => fail(target, path, false) });

  function want(address: Ip6, key: PublicKey | null, urgent: boolean): void {
    const id = addressKey(address);
    if (id === context.map.self.id) return;
    const target = targets.get(id) ?? open(id, address);
    target.key ??= key;
    target.demand.wantedMs = context.nowMs;
    attach(target);
    const { node, current } = target;
    if (node !== null && current !== null && !current.suspect) return announce(target, node, current);
    const known = node === null ? null : bestPath(context, node, FRESH_MS);
    if (node !== null && known !== null) return adopt(target, node, known);
    resolve(target, urgent);
  }

  function open(id: string, address: Ip6): Target {
    const target = newTarget(id, address, context.nowMs);
    targets.set(id, target);
    return target;
  }

  function attach(target: Target): void {
    target.node = context.map.get(target.id) ?? null;
    if (target.node !== null) target.node.wanted = true;
  }

  function forget(address: Ip6): void {
    const target = targets.get(addressKey(address));
    if (target === undefined) return;
    targets.delete(target.id);
    close(target);
  }

  function close(target: Target): void {
    cancelPlans(target);
    if (target.node !== null) target.node.wanted = false;
    target.current = null;
    target.spare = null;
  }

  function isOpen(target: Target): boolean {
    return targets.get(target.id) === target;
  }

  function check(target: Target): void {
    if (isOpen(target) && target.node !== null) changed(target.node);
  }

  // ---- choosing ----

  function changed(node: MapNode): void {
    const target = targets.get(node.id);
    if (target === undefined) return;
    attach(target);
    if (target.node === null) return;
    if (target.watching.prunedAt !== context.map.version) {
      dropLoops(context, target.node);
      target.watching.prunedAt = context.map.version;
    }
    target.damping.apply(target.node.paths, context.nowMs);
    const path = choosePath(context, target.node, target);
    if (path !== null && path !== target.current) {
      if (needsProof(target, path)) watch.examine(target, target.node, path);
      else if (needsTrain(context, target, path)) sendTrain(context, target, target.node, path, () => check(target));
      else adopt(target, target.node, path);
    }
    target.spare = pickSpare(context, target.node, target.current, target.demand.bytes);
    tellHole(target, target.node);
  }

  /** Whether a path has to show that it carries what the path in use carries. */
  function needsProof({ current, demand, node }: Target, { sizes }: KnownPath): boolean {
    const { bytes } = demand;
    if (current === null || current.suspect || !node?.paths.includes(current)) return false;
    if (context.map.costOf(current, context.nowMs, bytes) >= IMPATIENT_MS) return false;
    return passes(current.sizes, bytes) && !isProven(sizes, bytes, context.nowMs);
  }

  function adopt(target: Target, node: MapNode, path: KnownPath): void {
    const old = target.current;
    if (old !== null && !old.suspect && noteLeft(context, old, path, target.demand))
      target.damping.left(old.label, context.nowMs);
    target.current = path;
    target.shorter = null;
    target.resolving.candidates = [];
    target.resolving.waitMs = SEARCH_RETRY_MS;
    target.resolving.retry?.cancel();
    target.resolving.retry = null;
    announce(target, node, path);
    target.spare = pickSpare(context, node, path, target.demand.bytes);
    if (!isProven(path.sizes, target.demand.bytes, context.nowMs)) watch.prove(target, node, path);
    if (old !== null) watch.reannounce(target, path);
    target.watching.improvements = 0;
    watch.planImprove(target);
    watch.planProbe(target);
  }

  function announce(target: Target, node: MapNode, path: KnownPath): void {
    target.toldHoleMs = holeUntilMs(path.sizes);
    context.effects.push({
      type: 'usePath',
      address: node.address,
      key: node.key,
      label: path.label,
      protocol: node.protocol,
      hops: path.hops,
      rttMs: path.trips.ms,
      verified: true,
      holeUntilMs: target.toldHoleMs,
      holeBytes: target.toldHoleMs === null ? 0 : path.sizes.holeBytes,
    });
  }

  /** What passes the path in use is known anew: whoever sends longer packets should hear of it. */
  function tellHole(target: Target, node: MapNode): void {
    const { current, toldHoleMs } = target;
    if (current !== null && holeUntilMs(current.sizes) !== toldHoleMs) announce(target, node, current);
  }

  // ---- failing ----

  /** Leaves a path for the spare, at once; looks for more. */
  function fail(target: Target, path: KnownPath, sure: boolean): void {
    const { node } = target;
    if (path.suspect || node === null) return;
    path.suspect = true;
    target.damping.failed(path.label, context.nowMs);
    context.map.version++;
    if (path === target.spare) target.spare = null;
    if (path !== target.current) return;
    context.options.counters.add('route.failover');
    const relays = new Set(
      context.map
        .decode(path.label)
        .links.slice(0, -1)
        .map((link) => link.to),
    );
    const next = choosePath(context, node, target);
    if (next !== null && next !== path) adopt(target, node, next);
    else if (sure) {
      target.current = null;
      context.effects.push({ type: 'dropPath', address: target.address, label: path.label });
    }
    if (!sure) validate(context, { to: node, label: path.label, purpose: 'urgent', done: () => check(target) });
    pingWays(target, node, relays);
    if (next === null || next === path) {
      target.demand.wantedMs = Math.max(target.demand.wantedMs, context.nowMs);
      search(target);
    }
  }

  function silent(address: Ip6, label: Label): void {
    const target = targets.get(addressKey(address));
    if (target === undefined || target.current === null || target.current.label !== label) return;
    target.demand.wantedMs = context.nowMs;
    const path = target.current;
    if (path.suspect) return resolve(target, true);
    holdSilent(path.held, context.nowMs);
    fail(target, path, false);
  }

  function good(address: Ip6, label: Label, rttMs: number | null, lossPercent: number | null): void {
    const target = targets.get(addressKey(address));
    if (target === undefined) return;
    const wasBusy = isBusy(target.demand, context.nowMs);
    target.demand.trafficMs = context.nowMs;
    target.demand.wantedMs = context.nowMs;
    const wasHeavy = hasHighRate(target.demand, context.nowMs);
    if (lossPercent !== null) target.demand.highRateMs = context.nowMs;
    attach(target);
    const { node, current } = target;
    if (node === null) return;
    const moved = target.demand.arrivedOver !== null && target.demand.arrivedOver !== label;
    target.demand.arrivedOver = label;
    if (current !== null && (lossPercent ?? 0) >= SUSPICIOUS_LOSS_PERCENT)
      watch.burst(target, node, [current, target.spare]);
    const path = context.map.pathOf(node, label);
    if (path !== undefined && path === current) {
      path.goodMs = context.nowMs;
      path.suspect = false;
      if (rttMs !== null) addRtt(path.trips, rttMs, context.nowMs);
      if ((!wasBusy || (!wasHeavy && lossPercent !== null)) && target.watching.probe !== null) watch.planProbe(target);
      return;
    }
    // The other end left our path, or never used it: see closely whether ours still works, and learn theirs.
    if ((path === undefined || current === null) && !context.pending.isAsking(node.id, label)) {
      validate(context, { to: node, label, purpose: 'urgent', done: () => check(target) });
    }
    if (moved && current !== null) watch.burst(target, node, [current, path ?? target.spare]);
  }

  /** What is sent got longer, or no longer is as long. */
  function sending(address: Ip6, bytes: number): void {
    const target = targets.get(addressKey(address));
    if (target === undefined) return;
    // No ping proves more.
    target.demand.bytes = Math.min(bytes, LONGEST_BYTES);
    const { node, current } = target;
    if (node === null || current === null) return;
    if (passes(current.sizes, bytes) && !isProven(current.sizes, bytes, context.nowMs))
      watch.prove(target, node, current);
    changed(node);
  }

  /** No answer for half a second, to the session's own packets: is it only the long ones that are lost? */
  function doubt(address: Ip6, label: Label): void {
    const target = targets.get(addressKey(address));
    const { node, current } = target ?? {};
    if (target !== undefined && node != null && current?.label === label) watch.examine(target, node, current);
  }

  /** A far end that pings us fast sees something wrong with what we send: it cannot say so, but we can look ourselves. */
  function asked(address: Ip6): void {
    const target = targets.get(addressKey(address));
    const { nowMs } = context;
    if (target === undefined || !isBusy(target.demand, nowMs)) return;
    const pings = notePinged(target.demand, nowMs);
    const { node, current } = target;
    if (pings < DOUBTING_PINGS || nowMs - target.watching.burstMs < DOUBTING_PAUSE_MS) return;
    if (node !== null && current !== null) watch.burst(target, node, [current, target.spare]);
  }

  /** A stock far end sends over the path of our last query: let that be the one in use. */
  function noteAsked(id: string, label: Label): void {
    const target = targets.get(id);
    const { node, current } = target ?? {};
    if (target === undefined || node == null || current == null || label === current.label) return;
    if (node.protocol === context.options.protocol || target.watching.pinPath !== null) return;
    target.watching.pinPath = context.timers.at('pinPath', context.nowMs + PIN_PATH_MS, () => {
      target.watching.pinPath = null;
      if (!isOpen(target) || target.node === null || target.current === null) return;
      const { label: used } = target.current;
      validate(context, { to: target.node, label: used, purpose: 'urgent', tries: 1, done: () => undefined });
    });
  }

  function broken(isBroken: (label: Label) => boolean, sure: boolean): void {
    for (const target of [...targets.values()]) {
      for (const path of [...(target.node?.paths ?? [])]) {
        if (!path.isPeer && isBroken(path.label)) fail(target, path, sure);
      }
    }
  }

  function hasPath(isMeant: (label: Label) => boolean): boolean {
    for (const target of targets.values()) if (target.node?.paths.some((path) => isMeant(path.label))) return true;
    return false;
  }

  function lost(node: MapNode, label: Label): void {
    const target = targets.get(node.id);
    target?.damping.failed(label, context.nowMs);
    if (target?.current?.label !== label) return;
    const next = choosePath(context, node, target);
    if (next !== null) return adopt(target, node, next);
    target.current = null;
    context.effects.push({ type: 'dropPath', address: target.address, label });
    resolve(target, true);
  }

  function reconsider(isConcerned: (label: Label) => boolean): void {
    for (const target of targets.values()) {
      if (target.node?.paths.some((path) => isConcerned(path.label))) changed(target.node);
    }
  }

  function isInUse(node: MapNode, path: KnownPath): boolean {
    const target = targets.get(node.id);
    return target !== undefined && (target.current === path || target.spare === path);
  }

  return {
    want,
    forget,
    changed,
    silent,
    good,
    sending,
    doubt,
    asked,
    noteAsked,
    broken,
    lost,
    hasPath,
    reconsider,
    get: (id) => targets.get(id),
    isInUse,
    size: () => targets.size,
  };
}

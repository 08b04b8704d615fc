/** What a reply teaches: that the node lives, that the path works, what its links cost. Source: protocol 08 §4; docs/routing.md, "Quality and failover". */

import type { Ip6, PublicKey } from '../../crypto/index.ts';
import { SELF_LABEL } from '../../switch/index.ts';
import type { Label } from '../../wire/index.ts';
import { HOP_COST_MS } from '../limits.ts';
import { type KnownPath, newPath } from '../map/known-path.ts';
import type { MapNode } from '../map/map.ts';
import { addRtt } from '../map/round-trips.ts';
import type { Context } from './context.ts';
import { isLoop } from './loops.ts';
import type { Received } from './messages.ts';

/** Who answered, over which path (already compared with the path asked), and how fast. */
export type Heard = {
  readonly key: PublicKey;
  readonly address: Ip6;
  readonly label: Label;
  readonly received: Received;
  /** Null for a ping with ballast: its time cannot be compared with that of others. */
  readonly rttMs: number | null;
};

/** Enters an answered query into the map. @returns the node and its path; null where the map has no room */
export function learn(context: Context, heard: Heard): { node: MapNode | null; path: KnownPath | null } {
  const { map, nowMs } = context;
  const { message, scheme } = heard.received;
  const node = map.ensure(heard.key, heard.address, message.protocol, true, nowMs);
  if (node === null) return { node: null, path: null };
  map.setScheme(node, scheme);
  node.hidden = message.kind === 'reply' && message.dnd;
  map.attach(node, heard.label, message.formNumber);
  const path = learnPath(context, node, heard.label, message.formNumber);
  if (path !== null && heard.rttMs !== null) {
    addRtt(path.trips, heard.rttMs, context.nowMs);
    attributeCost(context, path);
  }
  return { node, path };
}

function learnPath(context: Context, node: MapNode, label: Label, inverseForm: number): KnownPath | null {
  const { map, nowMs } = context;
  let path = map.pathOf(node, label);
  if (path === undefined) {
    if (isLoop(map, node, label)) {
      context.options.counters.add('route.loop');
      return null;
    }
    path = newPath(label, false, inverseForm, nowMs);
    map.addPath(node, path, context.isInUse);
    if (!node.paths.includes(path)) return null;
  }
  if (path.suspect) map.version++;
  context.far.forget(node.id);
  path.inverseForm = inverseForm;
  path.goodMs = nowMs;
  path.suspect = false;
  return path;
}

/**
 * Shares out among the links of a path what it measured end to end: unmeasured links first, and all remote ones if
 * there are none, so that a lie about a link costs the link. Our own links know better by themselves.
 */
function attributeCost(context: Context, path: KnownPath): void {
  const { map } = context;
  if (path.isPeer || path.trips.ms === null) return;
  const { links, rest } = map.decode(path.label);
  if (rest !== SELF_LABEL) return;
  const remote = links.filter((link) => link.from !== map.self);
  const unknown = remote.filter((link) => link.costMs === null);
  const charged = unknown.length > 0 ? unknown : remote;
  if (charged.length === 0) return;
  const halfMs = path.trips.ms / 2;
  let otherMs = 0;
  for (const link of links) if (!charged.includes(link)) otherMs += Math.min(link.costMs ?? 0, halfMs);
  if (unknown.length > 0) {
    for (const link of unknown) map.setCost(link, Math.max(HOP_COST_MS, (halfMs - otherMs) / unknown.length));
    return;
  }
  let claimedMs = 0;
  for (const link of charged) claimedMs += link.costMs ?? 0;
  const differenceMs = halfMs - otherMs - claimedMs;
  // Small differences are noise of the clock and of schedulers: leave the links alone.
  if (Math.abs(differenceMs) < Math.max(0.5, claimedMs / 5)) return;
  const shareMs = differenceMs / (2 * charged.length);
  for (const link of charged) map.setCost(link, Math.max(HOP_COST_MS, (link.costMs ?? 0) + shareMs));
}

/** The routes as the outside may see them. */

import type { Ip6, PublicKey } from '../crypto/index.ts';
import type { Label } from '../wire/index.ts';
import { lossPercent } from './map/probes.ts';
import { bestPath, type Context } from './query/context.ts';

/** One node with the best verified path to it; the same fields as `RouteSnapshot` of `node/`. */
export type RouteEntry = {
  readonly address: Ip6;
  readonly key: PublicKey;
  readonly label: Label;
  readonly hops: number;
  readonly rttUs: number | null;
  readonly lossPpm: number | null;
  /** First relay on the way; null for a direct peer. */
  readonly via: Ip6 | null;
  readonly protocol: number;
  /** Since it last proved that this label works. */
  readonly silentMs: number;
};

/** Nearest first. @param nowMs the last event may have been long ago */
export function routesOf(context: Context, nowMs = context.nowMs): readonly RouteEntry[] {
  const { map } = context;
  const routes: RouteEntry[] = [];
  for (const node of map.nodes()) {
    const path = bestPath(context, node, Number.POSITIVE_INFINITY);
    if (path === null) continue;
    const loss = lossPercent(path.probes);
    routes.push({
      address: node.address,
      key: node.key,
      label: path.label,
      hops: path.hops,
      rttUs: path.trips.ms === null ? null : Math.round(path.trips.ms * 1000),
      lossPpm: loss === null ? null : Math.round(loss * 10_000),
      via: path.isPeer ? null : (map.firstLink(path.label)?.to.address ?? null),
      protocol: node.protocol,
      silentMs: Math.max(0, nowMs - path.goodMs),
    });
  }
  routes.sort((a, b) => a.hops - b.hops || (a.label < b.label ? -1 : 1));
  return routes;
}

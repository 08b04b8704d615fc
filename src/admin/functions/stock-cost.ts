/** What our ways cost in the words of stock, for tools that compare or name them. Source: protocol 10 §2 "Router and sessions". */
import { equal } from '../../base/index.ts';
import type { NodeSnapshot, RouteSnapshot, SessionSnapshot } from '../../node/index.ts';
import { isOneHop } from '../../switch/index.ts';
import { HOP_COST, LOST_PING_FACTOR, MAX_COST, METRIC, METRIC_COST_MASK } from '../spec.ts';

/**
 * Cost of a way: 1024 a hop. A lost ping raises stock's by a seventh, an answered one takes an eighth off again, down to 1024:
 * this is where that stays in the mean with as much loss; where half is lost, it only grows.
 */
export function costOf({ hops, lossPpm }: Pick<RouteSnapshot, 'hops' | 'lossPpm'>): number {
  const loss = (lossPpm ?? 0) / 1e6;
  if (loss >= 0.5) return hops === 0 ? 0 : MAX_COST;
  return Math.min(MAX_COST, Math.round(HOP_COST * hops * LOST_PING_FACTOR ** (loss / (1 - 2 * loss))));
}

/** Metric of a session: the class of what its way is known from. */
export function metricOf({ address, label, silentMs }: SessionSnapshot, snapshot: NodeSnapshot): number {
  const { peers, routes, supernodes } = snapshot;
  const { inUse } = supernodes;
  if (inUse !== null && inUse.label === label && equal(inUse.address, address)) return METRIC.supernode;
  const route = routes.find((one) => equal(one.address, address));
  const way = label ?? route?.label ?? null;
  if (way !== null && isOneHop(way) && peers.some((peer) => peer.label === way && equal(peer.address, address)))
    return METRIC.peer;
  if (route !== undefined) return METRIC.route + (costOf(route) & METRIC_COST_MASK);
  return label === null && silentMs === null ? METRIC.dead : METRIC.incoming;
}

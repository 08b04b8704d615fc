/** What a target is wanted for: when it was last asked for, and what traffic goes there. */
import type { Label } from '../../wire/index.ts';
import { BUSY_MS, DOUBTING_MS, HEAVY_MS, RESTING_MS } from '../limits.ts';

/** Times are milliseconds of the node's clock, -Infinity = never. */
export type Demand = {
  /** Last request. */
  wantedMs: number;
  /** Last traffic that arrived. */
  trafficMs: number;
  /** When much traffic was last seen. */
  highRateMs: number;
  /** The longest of what goes there now, bytes of a router message as long. */
  bytes: number;
  /** Label of the last traffic that arrived: the way back is known to work. */
  arrivedOver: Label | null;
  /** When its pings began to come fast, and how many came: it sees something wrong with what we send. */
  pingedSinceMs: number;
  pings: number;
};

/** It is wanted from now on. */
export function newDemand(nowMs: number): Demand {
  return {
    wantedMs: nowMs,
    trafficMs: Number.NEGATIVE_INFINITY,
    highRateMs: Number.NEGATIVE_INFINITY,
    bytes: 0,
    arrivedOver: null,
    pingedSinceMs: Number.NEGATIVE_INFINITY,
    pings: 0,
  };
}

/** So much traffic flows that its loss can be told, and that it may cause loss itself. */
export function hasHighRate({ highRateMs }: Demand, nowMs: number): boolean {
  return nowMs - highRateMs < HEAVY_MS;
}

/** Traffic flows. */
export function isBusy({ trafficMs }: Demand, nowMs: number): boolean {
  return nowMs - trafficMs < BUSY_MS;
}

/** Nobody has used it for a while. */
export function isIdle({ wantedMs, trafficMs }: Demand, nowMs: number): boolean {
  return nowMs - Math.max(wantedMs, trafficMs) > RESTING_MS;
}

/** It pinged us. @returns how many pings came in quick succession */
export function notePinged(demand: Demand, nowMs: number): number {
  if (nowMs - demand.pingedSinceMs > DOUBTING_MS) {
    demand.pingedSinceMs = nowMs;
    demand.pings = 0;
  }
  return ++demand.pings;
}

/** A label to a node that the node itself has answered over, and what is known of it. Source: protocol 08 §8. */
import { hopsOf, log2 } from '../../switch/index.ts';
import type { Label } from '../../wire/index.ts';
import { HEAVY_LOSS_MS, HEAVY_LOSS_PERCENT, HOP_COST_MS, LOSS_MS_PER_PERCENT, UNKNOWN_RTT_MS } from '../limits.ts';
import { type Capacity, newCapacity } from './capacity.ts';
import { type HoldDown, newHoldDown } from './hold-down.ts';
import { lossPercent, newProbeRecord, type ProbeRecord } from './probes.ts';
import { isMeasured, newRoundTrips, type RoundTrips } from './round-trips.ts';
import { isLong, newSizeRecord, type SizeRecord } from './sizes.ts';

/** One verified path. Times are milliseconds of the node's clock. */
export type KnownPath = {
  readonly label: Label;
  readonly bits: number;
  readonly hops: number;
  /** One hop to an established peer: as good as its link, needs no pings of ours. */
  readonly isPeer: boolean;
  /** Since when we know it. */
  readonly knownMs: number;
  /** Number of the form of the far node's interface toward us: `ei` of its reply (protocol 05 §3.4). */
  inverseForm: number;
  /** Last answer, or other proof that it works. */
  goodMs: number;
  /** Reported broken or silent, and nothing heard since. */
  suspect: boolean;
  /** Its relays are being learnt. */
  walking: boolean;
  readonly trips: RoundTrips;
  /** Short probes; those of long packets are in `sizes`. */
  readonly probes: ProbeRecord;
  readonly sizes: SizeRecord;
  readonly held: HoldDown;
  readonly capacity: Capacity;
};

/** A path that has just proved itself. */
export function newPath(label: Label, isPeer: boolean, inverseForm: number, nowMs: number): KnownPath {
  return {
    label,
    bits: log2(label),
    hops: hopsOf(label)?.length ?? 1,
    isPeer,
    knownMs: nowMs,
    inverseForm,
    goodMs: nowMs,
    suspect: false,
    walking: false,
    trips: newRoundTrips(),
    probes: newProbeRecord(),
    sizes: newSizeRecord(),
    held: newHoldDown(),
    capacity: newCapacity(),
  };
}

/** Penalty of a loss: 5 ms per 1 %, 200 ms from 20 % on. */
function lossPenaltyMs(percent: number): number {
  return percent >= HEAVY_LOSS_PERCENT ? HEAVY_LOSS_MS : percent * LOSS_MS_PER_PERCENT;
}

/** Our own link with which a path begins, as the link layer knows it: it sees loss long before probes do. */
export type FirstLink = {
  readonly costMs: number;
  /** Share of the cost that is for loss. */
  readonly penaltyMs: number;
};

/**
 * What a path costs, in milliseconds: half the measured round trip, loss, and a little for each hop.
 * @param bytes size of what is to go over it: the loss of long packets counts for long ones only
 */
export function pathCostMs(path: KnownPath, first: FirstLink, nowMs: number, bytes: number): number {
  const longMs = isLong(bytes) ? lossPenaltyMs(lossPercent(path.sizes) ?? 0) : 0;
  const penaltyMs = Math.max(lossPenaltyMs(lossPercent(path.probes) ?? 0), first.penaltyMs, longMs);
  const halfMs = (path.trips.ms ?? UNKNOWN_RTT_MS) / 2;
  const hopsMs = path.hops * HOP_COST_MS;
  // The link of a peer is measured by the link layer; while it carries much, our own probes know better.
  return (
    (path.isPeer && !isMeasured(path.trips, nowMs)
      ? first.costMs - first.penaltyMs + Math.max(first.penaltyMs, longMs)
      : halfMs + penaltyMs) + hopsMs
  );
}

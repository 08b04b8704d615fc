/** Probes over a path, answered or lost: the newest of them as bits. Source: protocol 08 §8. */
import { HEALED_PROBES, LOSS_MASK, LOSS_WINDOW, MIN_LOSS_PROBES } from '../limits.ts';

/** Answered and lost probes of one kind, newest in bit 0. */
export type ProbeRecord = {
  /** 1 = lost. */
  lostBits: number;
  /** How many of the bits count. */
  counted: number;
  /** Probes ever: the names of the bits. */
  ever: number;
};

/** No probe yet. */
export function newProbeRecord(): ProbeRecord {
  return { lostBits: 0, counted: 0, ever: 0 };
}

/** Notes whether a probe was answered. @returns the name of the note, for `correctProbe` */
export function addProbe(record: ProbeRecord, lost: boolean): number {
  record.lostBits = ((record.lostBits << 1) | (lost ? 1 : 0)) & LOSS_MASK;
  record.counted = Math.min(record.counted + 1, LOSS_WINDOW);
  return record.ever++;
}

/** A probe given up for lost was only late. */
export function correctProbe(record: ProbeRecord, name: number): void {
  const age = record.ever - 1 - name;
  if (age < LOSS_WINDOW) record.lostBits &= ~(1 << age);
}

/**
 * Lost probes in per cent, 0 as soon as the newest 10 were all answered, and with a single one lost (the burst that follows
 * tells loss from chance); null with fewer than 4.
 */
export function lossPercent(record: ProbeRecord): number | null {
  if (record.counted < MIN_LOSS_PROBES) return null;
  let lost = 0;
  for (let bits = record.lostBits; bits !== 0; bits &= bits - 1) lost++;
  if (lost < 2 || newestGood(record) >= HEALED_PROBES) return 0;
  return (100 * Math.min(lost, record.counted)) / record.counted;
}

/** How many of the newest probes in a row were answered. */
export function newestGood({ lostBits, counted }: ProbeRecord): number {
  for (let count = 0; count < counted; count++) if (((lostBits >>> count) & 1) === 1) return count;
  return counted;
}

/** Probes were lost, and not enough answered since to forget it. */
export function isDoubtful(record: ProbeRecord): boolean {
  return record.lostBits !== 0 && newestGood(record) < HEALED_PROBES;
}

/** ... but the newest were answered. */
export function isHealing(record: ProbeRecord): boolean {
  return isDoubtful(record) && newestGood(record) >= 2;
}

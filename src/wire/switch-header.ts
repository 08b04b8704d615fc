/**
 * Switch header: the first 12 bytes of every packet between peers, once the link layer is removed.
 * Source: protocol 05 §1.
 *
 *      0               1               2               3
 *      0 1 2 3 4 5 6 7 0 1 2 3 4 5 6 7 0 1 2 3 4 5 6 7 0 1 2 3 4 5 6 7
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *   0 |                                                               |
 *     |                        label (64 bits)                        |
 *   4 |                                                               |
 *     +-------------+-+---+-----------+-------------------------------+
 *   8 | congestion  |S| v | shift     |         traffic class         |
 *     +-------------+-+---+-----------+-------------------------------+
 */
import { formatLabel } from '../base/index.ts';

/** Size of the header in bytes. */
export const SIZE = 12;

/** Byte offsets, in the order of the diagram. */
export const OFFSET = { label: 0, flags: 8, versionAndShift: 9, trafficClass: 10 } as const;

/** The only version that anyone sends; relays don't check it (05 §1). */
export const VERSION = 1;

/** The header as a value: every field valid, nothing left to check. */
export type SwitchHeader = {
  /** Source route, unsigned 64 bits; bit 0 is read first (05 §3). */
  readonly label: bigint;
  /** 0-127; above 0 only in errors made by a switch. */
  readonly congestion: number;
  /** Set in error packets: nobody may answer them with another error. */
  readonly suppressErrors: boolean;
  /** 0-3, carried through unchanged. */
  readonly version: number;
  /** Bits consumed so far, 0-63. */
  readonly shiftBits: number;
  /** 0-65535; relays set it to 0xffff. */
  readonly trafficClass: number;
};

/**
 * Reads a header from the start of `bytes`.
 * @returns null if there are fewer than 12 bytes; any 12 bytes are a valid header
 */
export function parse(bytes: Uint8Array): SwitchHeader | null {
  if (bytes.length < SIZE) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, SIZE);
  const flags = view.getUint8(OFFSET.flags);
  const versionAndShift = view.getUint8(OFFSET.versionAndShift);
  return {
    label: view.getBigUint64(OFFSET.label),
    congestion: flags >> 1,
    suppressErrors: (flags & 1) === 1,
    version: versionAndShift >> 6,
    shiftBits: versionAndShift & 0x3f,
    trafficClass: view.getUint16(OFFSET.trafficClass),
  };
}

/** Writes `header` into the first 12 bytes of `into`. */
export function emit(header: SwitchHeader, into: Uint8Array): void {
  const view = new DataView(into.buffer, into.byteOffset, SIZE);
  view.setBigUint64(OFFSET.label, header.label);
  view.setUint8(OFFSET.flags, (header.congestion << 1) | (header.suppressErrors ? 1 : 0));
  view.setUint8(OFFSET.versionAndShift, (header.version << 6) | header.shiftBits);
  view.setUint16(OFFSET.trafficClass, header.trafficClass);
}

/**
 * `emit` without a value, for the packet path: a header of ours as it leaves our own switch (05 §1).
 * @param labelHigh the label in two halves of 32 bits, signed or not
 * @param shiftBits those that our switch has taken
 */
export function write(view: DataView, at: number, labelHigh: number, labelLow: number, shiftBits: number): void {
  view.setInt32(at, labelHigh);
  view.setInt32(at + 4, labelLow);
  view.setInt32(at + OFFSET.flags, (((VERSION << 6) | shiftBits) << 16) | 0xffff);
}

/** The header of a packet that starts its way here (05 §1, "origin node"). */
export function original(label: bigint): SwitchHeader {
  return { label, congestion: 0, suppressErrors: false, version: VERSION, shiftBits: 0, trafficClass: 0 };
}

/** One line for people: `0000.0000.0000.0013 shift 4 error`. */
export function format(header: SwitchHeader): string {
  return `${formatLabel(header.label)} shift ${header.shiftBits}${header.suppressErrors ? ' error' : ''}`;
}

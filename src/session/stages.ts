/**
 * The session layer's part of the packet path: functions over vectors of descriptors, no object per packet.
 * Source: protocol 07 §1.2, §2; design "The packet path".
 */
import type { Counters } from '../base/index.ts';
import { type DataTable, type Handshake, openSlot, type Row, sealSlot } from '../channel/index.ts';
import { type Arena, type DescriptorIndex, descriptor } from '../packet/index.ts';
import { dataHeader, sessionWord, switchHeader } from '../wire/index.ts';
import { lookupHandle, type SessionNumber, type SessionTable } from './table.ts';

const { STRIDE, OFFSET, LENGTH, KEY, NONCE, RESULT, SPARE, FRAME_OVERHEAD } = descriptor;

// Taken out once: the packet path looks nothing up by name.
const { write: writeSwitchHeader } = switchHeader;
const { SIZE: HANDLE_BYTES, MIN_HANDLE } = sessionWord;
const { SIZE: DATA_HEADER_BYTES, contentTypeAt } = dataHeader;

/** What stands in front of a session frame: the switch header, and the handle (protocol 07 §1). */
const BEFORE_FRAME = switchHeader.SIZE + HANDLE_BYTES;
/** Bytes of a link frame before the session frame. */
export const BEFORE_SESSION_FRAME = FRAME_OVERHEAD + BEFORE_FRAME;

/** The session stages of one node. */
export type SessionStages = {
  /** Whether user data of session `number` can go the fast way. */
  readonly ready: (number: SessionNumber) => boolean;
  /**
   * Makes the plaintext at descriptor `index` (data header first) a session frame with handle and switch header in
   * front of it; both fit into the headroom. The session must be `ready`.
   */
  readonly prepareSeal: (index: DescriptorIndex, number: SessionNumber, nowMs: number) => void;
  /**
   * Takes the link frame at OFFSET of descriptor `from`, whose switch packet is for us, and sets up descriptor `to` for
   * the session frame in it. @returns false when the slow path has to look at it
   */
  readonly prepareOpen: (from: DescriptorIndex, to: DescriptorIndex) => boolean;
  /**
   * After `Engine.open` of descriptor `index`: replay check and bookkeeping.
   * @returns content type of the data header, or -1 dropped, -2 not opened with the present key
   */
  readonly acceptOpened: (index: DescriptorIndex, nowMs: number) => number;
};

/** Builds the stages over the tables of a node. */
export function createSessionStages(
  arena: Arena,
  table: SessionTable,
  data: DataTable,
  { isHandshakeAt }: Pick<Handshake, 'isHandshakeAt'>,
  counters: Counters,
): SessionStages {
  const { bytes, descriptors, view } = arena;

  const ready = (number: SessionNumber): boolean => {
    const row = table.sendRow[number] as Row;
    return row >= 0 && (table.firstHop[number] as number) >= 0 && !data.isExhausted(row);
  };

  const prepareSeal = (index: DescriptorIndex, number: SessionNumber, nowMs: number): void => {
    const at = index * STRIDE;
    const row = table.sendRow[number] as Row;
    const frame = (descriptors[at + OFFSET] as number) - FRAME_OVERHEAD;
    const length = descriptors[at + LENGTH] as number;
    const counter = data.sendCounter[row] as number;
    data.sendCounter[row] = counter + 1;
    table.txBytes[number] = (table.txBytes[number] as number) + length;
    table.usedMs[number] = nowMs;
    if (length > (table.longestOut[number] as number)) table.longestOut[number] = length;
    if ((table.unansweredSinceMs[number] as number) > nowMs) table.unansweredSinceMs[number] = nowMs;
    descriptors[at + OFFSET] = frame;
    descriptors[at + LENGTH] = length + FRAME_OVERHEAD;
    descriptors[at + KEY] = sealSlot(row);
    descriptors[at + NONCE] = counter | 0;
    view.setInt32(frame - HANDLE_BYTES, table.sendHandle[number] as number);
    const high = table.labelHigh[number] as number;
    const low = table.labelLow[number] as number;
    writeSwitchHeader(view, frame - BEFORE_FRAME, high, low, table.shift[number] as number);
  };

  const prepareOpen = (from: DescriptorIndex, to: DescriptorIndex): boolean => {
    const length = (descriptors[from * STRIDE + LENGTH] as number) - BEFORE_SESSION_FRAME;
    if (length < FRAME_OVERHEAD + DATA_HEADER_BYTES) return false;
    const frame = (descriptors[from * STRIDE + OFFSET] as number) + BEFORE_SESSION_FRAME;
    const handle = view.getInt32(frame - HANDLE_BYTES);
    // Negative as a signed word = 2^31 and up; -1 = CTRL. Both are looked up; CTRL is never a handle.
    if (handle >= 0 && handle < MIN_HANDLE) return false;
    const number = lookupHandle(table, handle);
    if (number < 0) return false;
    const row = table.openRow[number] as Row;
    if (row < 0 || isHandshakeAt(bytes, frame, length)) return false;
    const at = to * STRIDE;
    descriptors[at + OFFSET] = frame;
    descriptors[at + LENGTH] = length;
    descriptors[at + KEY] = openSlot(row);
    descriptors[at + SPARE] = number;
    return true;
  };

  const acceptOpened = (index: DescriptorIndex, nowMs: number): number => {
    const at = index * STRIDE;
    if (descriptors[at + RESULT] !== 0) return -2;
    const number = descriptors[at + SPARE] as SessionNumber;
    const row = table.openRow[number] as Row;
    if (row < 0 || !data.accept(row, (descriptors[at + NONCE] as number) >>> 0)) {
      counters.add('session.replay');
      return -1;
    }
    const frame = descriptors[at + OFFSET] as number;
    data.lastInMs[row] = nowMs;
    table.rxBytes[number] = (table.rxBytes[number] as number) + (descriptors[at + LENGTH] as number) - FRAME_OVERHEAD;
    table.unansweredSinceMs[number] = Number.POSITIVE_INFINITY;
    table.inLabelHigh[number] = view.getInt32(frame - BEFORE_FRAME);
    table.inLabelLow[number] = view.getInt32(frame - BEFORE_FRAME + 4);
    return contentTypeAt(view, frame + FRAME_OVERHEAD);
  };

  return { ready, prepareSeal, prepareOpen, acceptOpened };
}

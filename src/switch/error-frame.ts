/**
 * The packet a switch sends back when it cannot forward. Source: protocol 05 §4.3, 06 §2.6.
 *
 *    0  label     mirrored as received: what lies above it is the way back
 *    8  03 40     congestion 1, suppress errors; version 1, shift 0
 *   10  ffff      traffic class
 *   12  ffffffff  CTRL
 *   16  checksum (2), type 0002, code (4)
 *   24  the received packet from its switch header on, at most 256 bytes
 */
import { concat, writeU32 } from '../base/index.ts';
import { controlError, sessionWord, switchHeader } from '../wire/index.ts';
import { reverse64 } from './labels.ts';
import { MIN_ERROR_CAUSE_BYTES } from './spec.ts';

/** Whether an error may be sent about `received`: never in answer to an error, never about a fragment (protocol 05 §4.3). */
export function mayReport(received: Uint8Array): boolean {
  const flags = received[switchHeader.OFFSET.flags] ?? 1;
  return received.length >= MIN_ERROR_CAUSE_BYTES && (flags & 1) === 0;
}

/**
 * The error frame about `received`, to be sent by the interface it came in by just as it is, or to be handed up if it
 * was our own.
 * @param received as it arrived, not rewritten
 * @param code an error code (protocol 05 §8)
 * @returns null if none may be sent
 */
export function errorFrame(received: Uint8Array, code: number): Uint8Array | null {
  const header = switchHeader.parse(received);
  if (header === null || !mayReport(received)) return null;
  const label = reverse64(header.label);
  const head = new Uint8Array(switchHeader.SIZE + sessionWord.SIZE);
  switchHeader.emit(
    { ...switchHeader.original(label), congestion: 1, suppressErrors: true, trafficClass: 0xffff },
    head,
  );
  writeU32(head, switchHeader.SIZE, sessionWord.CTRL);
  return concat(head, controlError.emit({ code, cause: received }));
}

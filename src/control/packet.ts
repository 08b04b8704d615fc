/**
 * A control frame inside its switch packet: header, the word 0xffffffff, frame. Source: protocol 06 §1.
 */
import { concat, readU32, writeU32 } from '../base/index.ts';
import { reverse64 } from '../switch/index.ts';
import { type ControlFrame, control, type Label, type SwitchHeader, sessionWord, switchHeader } from '../wire/index.ts';

const FRAME_AT = switchHeader.SIZE + sessionWord.SIZE;

/** A control packet that has come to its end here. */
export type ControlPacket = {
  readonly header: SwitchHeader;
  readonly frame: ControlFrame;
  /** Label from us to the sender, the mirrored label of the header (protocol 05 §4.4). */
  readonly returnLabel: Label;
};

/**
 * Reads a packet that the switch has handed to this node.
 * @returns null if it is no control packet, is too short, or its checksum is wrong (stock v20 sends some such errors)
 */
export function readPacket(packet: Uint8Array): ControlPacket | null {
  const header = switchHeader.parse(packet);
  if (header === null || packet.length < FRAME_AT || readU32(packet, switchHeader.SIZE) !== sessionWord.CTRL)
    return null;
  const frame = control.parse(packet.subarray(FRAME_AT));
  return frame === null ? null : { header, frame, returnLabel: reverse64(header.label) };
}

/**
 * A packet of ours, as it enters our own switch.
 * @param frame control frame from its checksum on, as the `emit` functions of `wire/` give it
 */
export function packetOf(label: Label, frame: Uint8Array): Uint8Array {
  const head = new Uint8Array(FRAME_AT);
  switchHeader.emit(switchHeader.original(label), head);
  writeU32(head, switchHeader.SIZE, sessionWord.CTRL);
  return concat(head, frame);
}

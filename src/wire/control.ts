/**
 * Control frames (CTRL): checksum, type, body. They follow the switch header and the word 0xffffffff.
 * Source: protocol 06 §1, §2. Offsets here count from the checksum (16 in a packet).
 *
 *     +-------------------------------+-------------------------------+
 *   0 |           checksum            |             type              |
 *     +-------------------------------+-------------------------------+
 *   4 |                       body (4 or more)                        |
 *     +---------------------------------------------------------------+
 */
import { concat, copy, internetChecksum, readU16, writeU16 } from '../base/index.ts';

/** Size of checksum and type. */
export const HEADER_SIZE = 4;
/** Shorter frames are dropped. */
export const MIN_SIZE = 8;

/** Byte offsets, in the order of the diagram. */
export const OFFSET = { checksum: 0, type: 2, body: 4 } as const;

/** The types in use; others are carried as numbers. */
export const TYPE = {
  error: 2,
  ping: 3,
  pong: 4,
  keyPing: 5,
  keyPong: 6,
  getSnodeQuery: 7,
  getSnodeReply: 8,
  rpathQuery: 9,
  rpathReply: 10,
  llAddrQuery: 11,
  llAddrReply: 12,
} as const;

/** A frame with a right checksum; the body is not looked into. */
export type ControlFrame = {
  /** 0-65535. */
  readonly type: number;
  /** 4 bytes or more. */
  readonly body: Uint8Array;
};

/** Reads a frame from its checksum to the end of `bytes`; null if it is shorter than 8 bytes or damaged. */
export function parse(bytes: Uint8Array): ControlFrame | null {
  if (bytes.length < MIN_SIZE || internetChecksum(bytes) !== 0) return null;
  return { type: readU16(bytes, OFFSET.type), body: copy(bytes, OFFSET.body) };
}

/** Writes a frame, from its checksum on. */
export function emit(frame: ControlFrame): Uint8Array {
  const head = new Uint8Array(HEADER_SIZE);
  writeU16(head, OFFSET.type, frame.type);
  const bytes = concat(head, frame.body);
  writeU16(bytes, OFFSET.checksum, internetChecksum(bytes));
  return bytes;
}

/** Name of a type for people: `ping`, or its number. */
export function format(frame: ControlFrame): string {
  const name = Object.entries(TYPE).find(([, type]) => type === frame.type)?.[0] ?? `type ${frame.type}`;
  return `${name} ${frame.body.length} B`;
}

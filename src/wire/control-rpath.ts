/**
 * RPATH: by which label do you reach me? Source: protocol 06 §2.4. Offsets count from the body.
 *
 *   0  magic (4)     those of GETSNODE: a slip in the stock programs that became the protocol
 *   4  version (4)   of the sender of this frame
 *   8  label (8)     query: used by the asker; reply: from the replier back to the asker
 *  16  data          returned unchanged
 */
import { copy, type Label, readU64, writeU64 } from '../base/index.ts';
import { type ControlFrame, TYPE } from './control.ts';
import { BODY_OFFSET, type Exchange, emitExchange, isReply, versionOf } from './control-body.ts';

const EXCHANGE: Exchange = {
  query: { type: TYPE.rpathQuery, magic: 0x736e_6f71 },
  reply: { type: TYPE.rpathReply, magic: 0x736e_6f72 },
};

/** Bytes of the body in front of the data. */
export const SIZE = 16;

/** A query, or a reply when `reply` is true. */
export type Rpath = {
  readonly reply: boolean;
  readonly version: number;
  readonly label: Label;
  readonly data: Uint8Array;
};

/** Reads either; null for another type, wrong magic, or a body below 16 bytes. */
export function parse(frame: ControlFrame): Rpath | null {
  const reply = isReply(frame, EXCHANGE, SIZE);
  if (reply === null) return null;
  const label = readU64(frame.body, BODY_OFFSET.fields);
  return { reply, version: versionOf(frame), label, data: copy(frame.body, SIZE) };
}

/** Writes the whole control frame, from its checksum on. */
export function emit(message: Rpath): Uint8Array {
  return emitExchange(EXCHANGE, message, SIZE, (body) => writeU64(body, BODY_OFFSET.fields, message.label));
}

/**
 * GETSNODE: which supernode do you use? Source: protocol 06 §2.3. Offsets count from the body.
 *
 *   0  magic (4)           736e6f71 "snoq", reply 736e6f72 "snor"
 *   4  version (4)         of the sender of this frame
 *   8  snode version (4)   0 = unknown
 *  12  kbps (4)            0 = unknown; ffffffff in all stock replies
 *  16  snode key (32)      zeros = none
 *  48  path to snode (8)   from the sender of this frame, 0 = none
 *  56  data                returned unchanged
 */
import { copy, type Label, readU32, readU64, writeU32, writeU64 } from '../base/index.ts';
import { asPublicKey, type PublicKey } from '../crypto/index.ts';
import { type ControlFrame, TYPE } from './control.ts';
import { type Exchange, emitExchange, isReply, versionOf } from './control-body.ts';

const EXCHANGE: Exchange = {
  query: { type: TYPE.getSnodeQuery, magic: 0x736e_6f71 },
  reply: { type: TYPE.getSnodeReply, magic: 0x736e_6f72 },
};

/** Byte offsets in the body, after magic and version. */
export const OFFSET = { snodeVersion: 8, kbps: 12, snodeKey: 16, pathToSnode: 48 } as const;
/** Bytes of the body in front of the data. */
export const SIZE = 56;
/** What all stock replies say of their link speed. */
export const KBPS_IN_REPLIES = 0xffff_ffff;

/** A query, or a reply when `reply` is true. */
export type GetSnode = {
  readonly reply: boolean;
  readonly version: number;
  /** 0 = unknown. */
  readonly snodeVersion: number;
  /** 0 = unknown. */
  readonly kbps: number;
  /** Null = none. */
  readonly snodeKey: PublicKey | null;
  /** 0 = none. */
  readonly pathToSnode: Label;
  readonly data: Uint8Array;
};

/** Reads either; null for another type, wrong magic, or a body below 56 bytes. */
export function parse(frame: ControlFrame): GetSnode | null {
  const reply = isReply(frame, EXCHANGE, SIZE);
  if (reply === null) return null;
  return {
    reply,
    version: versionOf(frame),
    snodeVersion: readU32(frame.body, OFFSET.snodeVersion),
    kbps: readU32(frame.body, OFFSET.kbps),
    snodeKey: asPublicKey(frame.body.subarray(OFFSET.snodeKey, OFFSET.pathToSnode)),
    pathToSnode: readU64(frame.body, OFFSET.pathToSnode),
    data: copy(frame.body, SIZE),
  };
}

/** Writes the whole control frame, from its checksum on. */
export function emit(message: GetSnode): Uint8Array {
  return emitExchange(EXCHANGE, message, SIZE, (body) => {
    writeU32(body, OFFSET.snodeVersion, message.snodeVersion);
    writeU32(body, OFFSET.kbps, message.kbps);
    if (message.snodeKey !== null) body.set(message.snodeKey, OFFSET.snodeKey);
    writeU64(body, OFFSET.pathToSnode, message.pathToSnode);
  });
}

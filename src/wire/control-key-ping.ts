/**
 * KEYPING and KEYPONG: who is at the end of a label? Not authenticated, for diagnostics only. Source: protocol 06 §2.2.
 * Offsets count from the body.
 *
 *   0  magic (4)          01234567, KEYPONG 89abcdef
 *   4  version (4)        of the sender of this frame
 *   8  public key (32)    of the sender of this frame
 *  40  data, 0 to 64      returned unchanged
 */
import { copy } from '../base/index.ts';
import { asPublicKey, type PublicKey } from '../crypto/index.ts';
import { type ControlFrame, TYPE } from './control.ts';
import { BODY_OFFSET, type Exchange, emitExchange, isReply, versionOf } from './control-body.ts';

const EXCHANGE: Exchange = {
  query: { type: TYPE.keyPing, magic: 0x0123_4567 },
  reply: { type: TYPE.keyPong, magic: 0x89ab_cdef },
};

/** Bytes of the body in front of the data. */
export const SIZE = 40;
/** Stock nodes drop frames with more data. */
export const MAX_DATA = 64;

/** A KEYPING, or a KEYPONG when `reply` is true. */
export type KeyPing = {
  readonly reply: boolean;
  readonly version: number;
  readonly publicKey: PublicKey;
  /** At most 64 bytes. */
  readonly data: Uint8Array;
};

/** Reads either; null for another type, wrong magic, the zero key, or a body outside 40 to 104 bytes. */
export function parse(frame: ControlFrame): KeyPing | null {
  const reply = isReply(frame, EXCHANGE, SIZE);
  const publicKey = asPublicKey(frame.body.subarray(BODY_OFFSET.fields, SIZE));
  if (reply === null || publicKey === null || frame.body.length > SIZE + MAX_DATA) return null;
  return { reply, version: versionOf(frame), publicKey, data: copy(frame.body, SIZE) };
}

/** Writes the whole control frame, from its checksum on. */
export function emit(ping: KeyPing): Uint8Array {
  return emitExchange(EXCHANGE, ping, SIZE, (body) => body.set(ping.publicKey, BODY_OFFSET.fields));
}

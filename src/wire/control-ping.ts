/**
 * PING and PONG: is somebody there, and which version does it speak? Source: protocol 06 §2.1.
 * Offsets count from the body.
 *
 *   0  magic (4)     09f91102, PONG 9d74e35b
 *   4  version (4)   of the sender of this frame
 *   8  data          returned unchanged
 */
import { copy } from '../base/index.ts';
import { type ControlFrame, TYPE } from './control.ts';
import { type Exchange, emitExchange, isReply, versionOf } from './control-body.ts';

const EXCHANGE: Exchange = {
  query: { type: TYPE.ping, magic: 0x09f9_1102 },
  reply: { type: TYPE.pong, magic: 0x9d74_e35b },
};

/** Bytes of the body in front of the data. */
export const SIZE = 8;

/** A PING, or a PONG when `reply` is true. */
export type Ping = { readonly reply: boolean; readonly version: number; readonly data: Uint8Array };

/** Reads a PING or PONG; null for another type, wrong magic, or a body below 8 bytes. */
export function parse(frame: ControlFrame): Ping | null {
  const reply = isReply(frame, EXCHANGE, SIZE);
  return reply === null ? null : { reply, version: versionOf(frame), data: copy(frame.body, SIZE) };
}

/** Writes the whole control frame, from its checksum on. */
export function emit(ping: Ping): Uint8Array {
  return emitExchange(EXCHANGE, ping, SIZE, () => {});
}

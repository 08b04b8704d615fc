/** What the bodies of queries and replies have in common: magic, version of the sender, fields, data returned unchanged. */
import { readU32, writeU32 } from '../base/index.ts';
import { type ControlFrame, emit } from './control.ts';

/** Type number and magic of a query and of its reply. */
export type Exchange = {
  readonly query: { readonly type: number; readonly magic: number };
  readonly reply: { readonly type: number; readonly magic: number };
};

/** Offsets in a body. */
export const BODY_OFFSET = { magic: 0, version: 4, fields: 8 } as const;

/** True for a reply, false for a query, null if the frame is neither, has the wrong magic, or a body below `minSize`. */
export function isReply(frame: ControlFrame, exchange: Exchange, minSize: number): boolean | null {
  const reply = frame.type === exchange.reply.type;
  if (!reply && frame.type !== exchange.query.type) return null;
  const { magic } = reply ? exchange.reply : exchange.query;
  return frame.body.length < minSize || readU32(frame.body, BODY_OFFSET.magic) !== magic ? null : reply;
}

/** Protocol version of the frame's sender. */
export function versionOf(frame: ControlFrame): number {
  return readU32(frame.body, BODY_OFFSET.version);
}

/**
 * A whole frame: `fields` is called to fill in what lies between version and data.
 * @param size bytes of the body in front of the data
 */
export function emitExchange(
  exchange: Exchange,
  message: { readonly reply: boolean; readonly version: number; readonly data: Uint8Array },
  size: number,
  fields: (body: Uint8Array) => void,
): Uint8Array {
  const { type, magic } = message.reply ? exchange.reply : exchange.query;
  const body = new Uint8Array(size + message.data.length);
  writeU32(body, BODY_OFFSET.magic, magic);
  writeU32(body, BODY_OFFSET.version, message.version);
  fields(body);
  body.set(message.data, size);
  return emit({ type, body });
}

/**
 * What a node tells a neighbour beside its question: that the neighbour's key answers from another address, too. It stands
 * in the data of a PING, which every node returns and none but ours reads (protocol 06 §2.1), so stock notices nothing.
 */
import { latin1, utf8 } from '../base/index.ts';
import { type ControlFrame, control, controlPing } from '../wire/index.ts';
import { PING_DATA_PREFIX_BYTES } from './spec.ts';

const SAME_KEY = 'this key is in use, too, at ';
/** An endpoint as text, a zone included. */
const ENDPOINT = /^[0-9A-Za-z.:%[\]_-]{3,80}$/;

/** The data of a ping to a neighbour whose key answers from `endpoint`, too. */
export function sameKeyData(endpoint: string): Uint8Array {
  return utf8(`${SAME_KEY}${endpoint}`);
}

/** The endpoint in such a ping; null for every other frame. */
export function readSameKey(frame: ControlFrame): string | null {
  if (frame.type !== control.TYPE.ping) return null;
  const data = controlPing.parse(frame)?.data.subarray(PING_DATA_PREFIX_BYTES);
  if (data === undefined || data.length <= SAME_KEY.length) return null;
  const text = latin1(data);
  const endpoint = text.slice(SAME_KEY.length);
  return text.startsWith(SAME_KEY) && ENDPOINT.test(endpoint) ? endpoint : null;
}

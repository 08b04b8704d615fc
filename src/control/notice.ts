/**
 * What a node tells a neighbour beside its question: that the neighbour's key answers from another address, too, or which
 * run of a program asks, so that a second way of one node is not taken for a second machine with its key. It stands in the
 * data of a PING, which every node returns and none but ours reads (protocol 06 §2.1), so stock notices nothing.
 */
import { latin1, utf8 } from '../base/index.ts';
import { type ControlFrame, control, controlPing } from '../wire/index.ts';
import { PING_DATA_PREFIX_BYTES } from './spec.ts';

const SAME_KEY = 'this key is in use, too, at ';
const RUN = 'run ';
/** 16 hex digits. */
const RUN_ID = /^[0-9a-f]{16}$/;
/** An endpoint as text, a zone included. */
const ENDPOINT = /^[0-9A-Za-z.:%[\]_-]{3,80}$/;

/** The data of a ping to a neighbour whose key answers from `endpoint`, too. */
export function sameKeyData(endpoint: string): Uint8Array {
  return utf8(`${SAME_KEY}${endpoint}`);
}

/** The endpoint in such a ping; null for every other frame. */
export function readSameKey(frame: ControlFrame): string | null {
  const endpoint = textAfter(SAME_KEY, frame);
  return endpoint !== null && ENDPOINT.test(endpoint) ? endpoint : null;
}

/** The data of a ping of a node that has several ways to the neighbour. @param run 16 hex digits, drawn once a start */
export function runData(run: string): Uint8Array {
  return utf8(`${RUN}${run}`);
}

/** The run in such a ping; null for every other frame. */
export function readRun(frame: ControlFrame): string | null {
  const run = textAfter(RUN, frame);
  return run !== null && RUN_ID.test(run) ? run : null;
}

function textAfter(lead: string, frame: ControlFrame): string | null {
  if (frame.type !== control.TYPE.ping) return null;
  const data = controlPing.parse(frame)?.data.subarray(PING_DATA_PREFIX_BYTES);
  if (data === undefined || data.length <= lead.length) return null;
  const text = latin1(data);
  return text.startsWith(lead) ? text.slice(lead.length) : null;
}

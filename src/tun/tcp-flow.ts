/**
 * What the flags of a TCP segment say about its connection, seen from the outside: just enough to know which connections
 * are over (RFC 9293 §3.6) and which have only begun. Nothing here checks sequence numbers: far ends are authenticated.
 */
import { FLOW } from './flows.ts';
import { TCP_CLOSED_MS, TCP_FLOW_MS, TCP_OPENING_MS, TCP_RESET_MS } from './limits.ts';

const FIN = 0x01;
const SYN = 0x02;
const RST = 0x04;
const ACK = 0x10;
const FLAGS = 13;
const DATA_OFFSET = 12;

/** The flags of a segment at `at`; 0 where they are cut off, which is a segment like any other. */
export function flagsAt(bytes: Uint8Array, at: number, end: number): number {
  return at + FLAGS < end ? (bytes[at + FLAGS] as number) : 0;
}

/** Does the segment carry data? */
export function hasData(bytes: Uint8Array, at: number, end: number): boolean {
  return at + DATA_OFFSET < end && at + ((bytes[at + DATA_OFFSET] as number) >> 4) * 4 < end;
}

/** Does it end something: FIN or RST? */
export function isEnding(flags: number): boolean {
  return (flags & (FIN | RST)) !== 0;
}

/** Does it belong to a connection that is open, as far as one segment can tell? */
export function isOfOpenConnection(flags: number): boolean {
  return (flags & (ACK | SYN | RST)) === ACK;
}

/**
 * How far the connection is after a segment.
 * @param state before it; null if the connection is not known
 * @param isOurs did it leave this machine?
 * @param data does it carry data? A connection that sends some is not over, whatever was seen
 */
export function stateAfter(state: number | null, flags: number, isOurs: boolean, data: boolean): number {
  if ((flags & RST) !== 0) return FLOW.ended;
  if ((flags & FIN) !== 0) {
    const other = isOurs ? FLOW.theyAreDone : FLOW.weAreDone;
    if (state === other || state === FLOW.ended) return FLOW.ended;
    return isOurs ? FLOW.weAreDone : FLOW.theyAreDone;
  }
  if ((flags & SYN) !== 0 && (isOurs || state === null)) return FLOW.unanswered;
  if (state === null || state === FLOW.unanswered) return FLOW.answered;
  return state === FLOW.ended && data && isOurs ? FLOW.answered : state;
}

/** How long a connection may be silent in a state. @param flags of the segment that led there */
export function lifeMs(state: number, flags: number): number {
  if (state === FLOW.ended) return (flags & RST) === 0 ? TCP_CLOSED_MS : TCP_RESET_MS;
  return state === FLOW.unanswered ? TCP_OPENING_MS : TCP_FLOW_MS;
}

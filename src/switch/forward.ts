/**
 * One packet through the switch, on plain bytes and BigInt labels: the oracle of forward-vector.ts, and the way of
 * everything that is not worth a vector. Source: protocol 05 §4.
 *
 *   check, in this order                                      outcome
 *   --------------------------------------------------------  ---------------------------
 *   shorter than 12 bytes                                     drop (runt)
 *   source director wider than the destination's, and
 *     to self, but forward bits left under the way back       error RETURN_PATH_INVALID
 *     not to self                                             error MALFORMED_ADDRESS
 *   no such interface                                         error MALFORMED_ADDRESS
 *   back out by the interface it came in by, once more        drop (u_turn), no error
 *   interface down, packet not our own                        error UNDELIVERABLE
 *   more than 63 bits shifted                                 drop (shift)
 *
 * Deviation: stock sends a packet back to where it came from as often as its label says, so that one packet crosses the same
 * cable 14 times. Ours turn a packet once and mark it in the field that nobody reads (congestion); a second time it is dropped,
 * without an error, for which stock would give up the link. Once is needed: what a node of another branch answers to a search
 * of stock leads back by the cable of the question (measured in a tree: 9 to 54 s without, 1 to 4 s as a rule with it).
 */
import { switchHeader } from '../wire/index.ts';
import { directorOf, firstDirector, smallestBits } from './director.ts';
import { reverse64 } from './labels.ts';
import { TURNED } from './limits.ts';
import { ERROR_CODE, MAX_SHIFT, SELF_INTERFACE, type SwitchErrorCode } from './spec.ts';

/** What a relay writes into the traffic class (protocol 05 §1). */
const RELAYED_TRAFFIC_CLASS = 0xffff;

/** Whether an interface exists and carries traffic. */
export type InterfaceState = 'up' | 'down' | 'absent';

/** What becomes of a packet. */
export type Forwarded =
  | { readonly kind: 'forward'; readonly to: number; readonly packet: Uint8Array }
  | { readonly kind: 'local'; readonly packet: Uint8Array }
  /** `errorFrame(received, code)` is to be sent back, within the limits of the caller. */
  | { readonly kind: 'error'; readonly code: SwitchErrorCode }
  | { readonly kind: 'drop'; readonly reason: 'runt' | 'u_turn' | 'shift' };

/**
 * Decides where `packet` goes and rewrites a copy of it; the original is not touched.
 * @param from interface it came in by, 0..256; 1 = made by this node
 */
export function forward(
  packet: Uint8Array,
  from: number,
  stateOf: (interfaceNumber: number) => InterfaceState,
): Forwarded {
  const header = switchHeader.parse(packet);
  if (header === null) return { kind: 'drop', reason: 'runt' };
  const director = firstDirector(header.label);
  const backBits = smallestBits(from);
  // Every label has a v358 director; an interface that no director can name has no way back.
  if (director === null || backBits === null) return { kind: 'error', code: ERROR_CODE.malformedAddress };
  const to = director.number;
  let bits = director.bits;
  if (backBits > bits) {
    // `from` is not 1 here: the self director fits everywhere.
    if (to !== SELF_INTERFACE) return { kind: 'error', code: ERROR_CODE.malformedAddress };
    // The last hop: "1" followed by zeros leaves room for a wider way back.
    if (BigInt.asUintN(backBits + 4, header.label ^ 1n) !== 0n)
      return { kind: 'error', code: ERROR_CODE.returnPathInvalid };
    bits = backBits;
  }
  const state = to === SELF_INTERFACE ? 'up' : stateOf(to);
  if (state === 'absent') return { kind: 'error', code: ERROR_CODE.malformedAddress };
  const isUTurn = to === from && to !== SELF_INTERFACE;
  if (isUTurn && (header.congestion & TURNED) !== 0) return { kind: 'drop', reason: 'u_turn' };
  if (state === 'down' && from !== SELF_INTERFACE) return { kind: 'error', code: ERROR_CODE.undeliverable };
  if (header.shiftBits + bits > MAX_SHIFT) return { kind: 'drop', reason: 'shift' };

  const out = packet.slice();
  switchHeader.emit(
    {
      ...header,
      label: (header.label >> BigInt(bits)) | reverse64(returnDirector(from, bits)),
      congestion: isUTurn ? header.congestion | TURNED : header.congestion,
      shiftBits: header.shiftBits + bits,
      trafficClass: RELAYED_TRAFFIC_CLASS,
    },
    out,
  );
  return to === SELF_INTERFACE ? { kind: 'local', packet: out } : { kind: 'forward', to, packet: out };
}

/** The director back to `from`, `bits` wide; that of the node itself is 1 at any width (protocol 05 §2, §4.2). */
function returnDirector(from: number, bits: number): bigint {
  return from === SELF_INTERFACE ? 1n : (directorOf(from, bits) ?? 0n);
}

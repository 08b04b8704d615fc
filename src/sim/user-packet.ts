/**
 * What programs in the simulation send: an IPv6 packet with a UDP header (checksum 0: nobody looks) and a small payload.
 */
import { readU32, writeU16, writeU32 } from '../base/index.ts';
import type { Ip6 } from '../crypto/index.ts';
import { ipv6Header } from '../wire/index.ts';

const UDP = 17;
const UDP_HEADER = 8;
const PORT = 7;
const PAYLOAD_AT = 40 + UDP_HEADER;
/** Flow (4), number (4), 1 = answer, 0 = question (1). */
const MARK_BYTES = 9;

/** Marks a question or answer of a flow. */
export type Mark = { readonly flow: number; readonly sequence: number; readonly answer: boolean };

/** Builds a packet from `source` to `destination` with `payload`. */
export function userPacket(source: Ip6, destination: Ip6, payload: Uint8Array): Uint8Array {
  const packet = new Uint8Array(PAYLOAD_AT + payload.length);
  const bodyBytes = UDP_HEADER + payload.length;
  packet[0] = 0x60;
  writeU16(packet, 4, bodyBytes);
  packet[6] = UDP;
  packet[7] = 64;
  packet.set(source, 8);
  packet.set(destination, 24);
  writeU16(packet, 40, PORT);
  writeU16(packet, 42, PORT);
  writeU16(packet, 44, bodyBytes);
  packet.set(payload, PAYLOAD_AT);
  return packet;
}

/** Payload and source of a packet of ours; null if it is something else. */
export function readUserPacket(packet: Uint8Array): { readonly source: Ip6; readonly payload: Uint8Array } | null {
  const header = ipv6Header.parse(packet);
  if (header === null || packet[6] !== UDP || packet.length < PAYLOAD_AT) return null;
  return { source: packet.slice(8, 24) as Ip6, payload: packet.subarray(PAYLOAD_AT) };
}

/** A payload of `sizeBytes` that carries a mark. */
export function markedPayload(mark: Mark, sizeBytes: number): Uint8Array {
  const payload = new Uint8Array(Math.max(MARK_BYTES, sizeBytes));
  writeU32(payload, 0, mark.flow);
  writeU32(payload, 4, mark.sequence);
  payload[8] = mark.answer ? 1 : 0;
  return payload;
}

/** The mark of a payload; null if it is too short. */
export function readMark(payload: Uint8Array): Mark | null {
  if (payload.length < MARK_BYTES) return null;
  return { flow: readU32(payload, 0), sequence: readU32(payload, 4), answer: payload[8] === 1 };
}

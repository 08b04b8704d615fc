/**
 * ICMPv6 errors to the local TUN only: nobody else sees them, and programs fail at once instead of waiting.
 * Source: RFC 4443 §3.1 and §3.2; protocol 07 §4 allows it ("stock generates none").
 */
import { concat, internetChecksum, writeU16, writeU32 } from '../base/index.ts';

/** Code of "destination unreachable", no route: the node is there, but no label of ours reaches it; programs read ENETUNREACH. */
export const NO_ROUTE = 0;
/** Code of "destination unreachable", address unreachable: nobody was found behind the address; programs read EHOSTUNREACH. */
export const ADDRESS_UNREACHABLE = 3;

/** Code of "destination unreachable", source address failed policy: it is not that of this node. */
const BAD_SOURCE = 5;

/** What every path of IPv6 carries, bytes (RFC 8200 §5). */
export const LEAST_MTU = 1280;
/** As much of the packet as fits with the error into the least MTU (RFC 4443 §2.4 c). */
const MOST_QUOTED = LEAST_MTU - 48;
const ICMPV6 = 58;

/**
 * Why a packet from the TUN that is not ours to carry is not: the code for `unreachable`, or null where nobody may be told (RFC 4443
 * §2.4 e): no IPv6 packet, to a group, or from nobody.
 */
export function refusalCode(packet: Uint8Array): number | null {
  if (packet.length < 40 || (packet[0] as number) >> 4 !== 6) return null;
  const source = packet.subarray(8, 24);
  if (packet[24] === GROUP || source[0] === GROUP || source.every((byte) => byte === 0)) return null;
  return packet[24] === MESH ? BAD_SOURCE : NO_ROUTE;
}

const MESH = 0xfc;
const GROUP = 0xff;

/**
 * The error "destination unreachable" about a packet of this node.
 * @param packet the IPv6 packet that could not be delivered, 40 bytes or more
 * @param code NO_ROUTE, ADDRESS_UNREACHABLE, or what `refusalCode` says
 * @returns as `errorAbout`
 */
export function unreachable(packet: Uint8Array, code: number): Uint8Array | null {
  return errorAbout(packet, 1, code, 0);
}

/**
 * The error "packet too big" (RFC 4443 §3.2) about a packet of this node.
 * @param mtuBytes the longest packet that would be carried
 * @returns as `errorAbout`
 */
export function packetTooBig(packet: Uint8Array, mtuBytes: number): Uint8Array | null {
  return errorAbout(packet, 2, 0, mtuBytes);
}

/**
 * An ICMPv6 error: a whole IPv6 packet from the destination of `packet` to its source.
 * @returns null where none may be sent: about no whole header, or about an ICMPv6 error (RFC 4443 §2.4 e)
 */
function errorAbout(packet: Uint8Array, type: number, code: number, word: number): Uint8Array | null {
  if (packet.length < 40) return null;
  if (packet[6] === ICMPV6 && (packet[40] ?? 0) < 128) return null;
  const quoted = packet.subarray(0, MOST_QUOTED);
  const message = new Uint8Array(8 + quoted.length);
  message[0] = type;
  message[1] = code;
  writeU32(message, 4, word);
  message.set(quoted, 8);
  const header = new Uint8Array(40);
  writeU32(header, 0, 0x6000_0000);
  writeU16(header, 4, message.length);
  header[6] = ICMPV6;
  header[7] = 64;
  header.set(packet.subarray(24, 40), 8);
  header.set(packet.subarray(8, 24), 24);
  const pseudo = new Uint8Array(8);
  writeU32(pseudo, 0, message.length);
  pseudo[7] = ICMPV6;
  const summed = concat(header.subarray(8, 40), pseudo, message);
  writeU16(message, 2, internetChecksum(summed, 0, summed.length));
  return concat(header, message);
}

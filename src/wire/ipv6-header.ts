/**
 * IPv6 header: removed at the sending TUN, rebuilt at the receiving one. Source: protocol 07 §4, RFC 8200 §3.
 *
 *     +-------+---------------+---------------------------------------+
 *   0 |   6   | traffic class |               flow label              |
 *     +-------+---------------+-------+---------------+---------------+
 *   4 |        payload length         |  next header  |   hop limit   |
 *     +-------------------------------+---------------+---------------+
 *   8 |                       source (16 bytes)                       |
 *     +---------------------------------------------------------------+
 *  24 |                    destination (16 bytes)                     |
 *     +---------------------------------------------------------------+
 */
import { copy, readU16, readU32, writeU16, writeU32 } from '../base/index.ts';

/** Size of the header in bytes. */
export const SIZE = 40;

/** Byte offsets, in the order of the diagram. */
export const OFFSET = {
  versionClassFlow: 0,
  payloadLength: 4,
  nextHeader: 6,
  hopLimit: 7,
  source: 8,
  destination: 24,
} as const;

/** The version in the upper four bits of the first byte. */
export const VERSION = 6;
/** Hop limit of every packet that comes out of the mesh: stock nodes always write 42. */
export const HOP_LIMIT = 42;
/** Values of the next-header field that the TUN side looks into. */
export const NEXT_HEADER = { tcp: 6, udp: 17, icmpv6: 58 } as const;

/** The header as a value. */
export type Ipv6Header = {
  /** 0-255. */
  readonly trafficClass: number;
  /** 0-0xfffff. */
  readonly flowLabel: number;
  /** Bytes after the header, as the header says. */
  readonly payloadLength: number;
  /** 0-255. */
  readonly nextHeader: number;
  /** 0-255. */
  readonly hopLimit: number;
  /** 16 bytes. */
  readonly source: Uint8Array;
  /** 16 bytes. */
  readonly destination: Uint8Array;
};

/** Reads a header from the start of `bytes`; null for fewer than 40 bytes or another version. The length is not checked. */
export function parse(bytes: Uint8Array): Ipv6Header | null {
  const first = readU32(bytes, OFFSET.versionClassFlow);
  if (bytes.length < SIZE || first >>> 28 !== VERSION) return null;
  return {
    trafficClass: (first >>> 20) & 0xff,
    flowLabel: first & 0xf_ffff,
    payloadLength: readU16(bytes, OFFSET.payloadLength),
    nextHeader: bytes[OFFSET.nextHeader] ?? 0,
    hopLimit: bytes[OFFSET.hopLimit] ?? 0,
    source: copy(bytes, OFFSET.source, OFFSET.destination),
    destination: copy(bytes, OFFSET.destination, SIZE),
  };
}

/** `emit` without a value, for the packet path: all but the addresses of a packet that comes out of the mesh. */
export function write(view: DataView, at: number, payloadLength: number, nextHeader: number): void {
  view.setInt32(at, VERSION << 28);
  view.setInt32(at + OFFSET.payloadLength, (payloadLength << 16) | (nextHeader << 8) | HOP_LIMIT);
}

/** Writes `header` into the first 40 bytes of `into`. */
export function emit(header: Ipv6Header, into: Uint8Array): void {
  writeU32(into, OFFSET.versionClassFlow, (VERSION << 28) | (header.trafficClass << 20) | header.flowLabel);
  writeU16(into, OFFSET.payloadLength, header.payloadLength);
  into[OFFSET.nextHeader] = header.nextHeader;
  into[OFFSET.hopLimit] = header.hopLimit;
  into.set(header.source, OFFSET.source);
  into.set(header.destination, OFFSET.destination);
}

/** The header that a receiving TUN puts in front of `payloadLength` bytes: the originals of the other fields are lost. */
export function rebuilt(
  fields: Pick<Ipv6Header, 'payloadLength' | 'nextHeader' | 'source' | 'destination'>,
): Ipv6Header {
  return { trafficClass: 0, flowLabel: 0, hopLimit: HOP_LIMIT, ...fields };
}

/**
 * The segment size that TCP agrees on, lowered to what the path carries: both ends name theirs in the first packets, and send
 * no longer segments than the other named. Where a path is known to lose long packets, TCP never begins with them.
 * Source: RFC 9293 §3.7.1, RFC 6691; the checksum is changed as RFC 1624 §3 has it.
 */

const TCP = 6;
const SYN = 2;
const IPV6_HEADER = 40;
const TCP_HEADER = 20;
/** Headers that a segment size leaves out (RFC 6691 §2). */
const HEADERS = IPV6_HEADER + TCP_HEADER;

const NEXT_HEADER_AT = 6;
const DATA_OFFSET_AT = IPV6_HEADER + 12;
const FLAGS_AT = IPV6_HEADER + 13;
const CHECKSUM_AT = IPV6_HEADER + 16;

/** Kinds of options (RFC 9293 §3.1). */
const END = 0;
const NOTHING = 1;
const SEGMENT_SIZE = 2;
const SEGMENT_SIZE_BYTES = 4;

/** Whether the IPv6 packet at `offset` opens a TCP connection, from either side; total for any bytes. */
export function isTcpOpening(bytes: Uint8Array, offset: number, lengthBytes: number): boolean {
  return (
    bytes[offset + NEXT_HEADER_AT] === TCP &&
    lengthBytes >= HEADERS &&
    ((bytes[offset + FLAGS_AT] as number) & SYN) !== 0
  );
}

/**
 * Lowers the segment size named in a packet for which `isTcpOpening` holds, in place; it is never raised, and a packet whose options are
 * damaged, or name none, stays as it is.
 * @param mtuBytes longest IPv6 packet that the path carries
 * @returns whether it was lowered
 */
export function lowerSegmentSize(view: DataView, offset: number, lengthBytes: number, mtuBytes: number): boolean {
  const headerBytes = (view.getUint8(offset + DATA_OFFSET_AT) >> 4) * 4;
  const end = IPV6_HEADER + headerBytes;
  const limit = mtuBytes - HEADERS;
  if (headerBytes < TCP_HEADER || end > lengthBytes || limit < 1) return false;
  for (let at = HEADERS; at < end; ) {
    const kind = view.getUint8(offset + at);
    if (kind === END) return false;
    if (kind === NOTHING) {
      at++;
      continue;
    }
    const optionBytes = at + 1 < end ? view.getUint8(offset + at + 1) : 0;
    if (optionBytes < 2 || at + optionBytes > end) return false;
    if (kind === SEGMENT_SIZE) {
      if (optionBytes !== SEGMENT_SIZE_BYTES) return false;
      return lower(view, offset, at + 2, limit);
    }
    at += optionBytes;
  }
  return false;
}

function lower(view: DataView, offset: number, at: number, limit: number): boolean {
  const before = view.getUint16(offset + at);
  if (before <= limit) return false;
  view.setUint16(offset + at, limit);
  // A value that begins at an odd place lies across two words of the sum, its bytes in the other order.
  const isOdd = at % 2 === 1;
  const removed = isOdd ? swapped(before) : before;
  const added = isOdd ? swapped(limit) : limit;
  const checksum = view.getUint16(offset + CHECKSUM_AT);
  let sum = (~checksum & 0xffff) + (~removed & 0xffff) + added;
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  view.setUint16(offset + CHECKSUM_AT, ~sum & 0xffff);
  return true;
}

function swapped(word: number): number {
  return ((word & 0xff) << 8) | (word >> 8);
}

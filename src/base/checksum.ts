/** The Internet checksum (RFC 1071), used by control frames and ICMPv6. Source: protocol 06 §1. */

/**
 * One's complement of the one's complement sum of the big-endian words of `bytes[start..end)`; an odd last byte is the
 * high half of a word.
 * @returns 0 to 0xffff. Over data with its checksum field at 0: what belongs in the field; over data with a right checksum: 0
 */
export function internetChecksum(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let sum = 0;
  const last = Math.min(end, bytes.length);
  for (let i = start; i < last; i += 2) {
    sum += ((bytes[i] ?? 0) << 8) | (i + 1 < last ? (bytes[i + 1] ?? 0) : 0);
  }
  while (sum > 0xffff) sum = (sum % 0x1_0000) + Math.floor(sum / 0x1_0000);
  return 0xffff - sum;
}

/**
 * Beacons: how nodes of one local network find each other. Source: protocol 04 §9.1 (content), §9.3 (UDP).
 *
 *     +---------------------------------------------------------------+
 *   0 |                          0xfffffffc                           |
 *     +---------------+---------------+-------------------------------+
 *   4 |   format, 0   |       0       |     sender's data port        |
 *     +---------------+---------------+-------------------------------+
 *   8 |                  protocol version of the sender               |
 *     +---------------------------------------------------------------+
 *  12 |                  beacon password (20 bytes)                   |
 *     +---------------------------------------------------------------+
 *  32 |                permanent public key (32 bytes)                |
 *     +---------------------------------------------------------------+
 *
 * Bytes 8 to 64 are the content, the same on Ethernet.
 */
import { concat, copy, readU16, readU32, writeU16, writeU32 } from '../base/index.ts';
import { asPublicKey, formatPublicKey, type PublicKey } from '../crypto/index.ts';

/** Size of the content alone, as sent on Ethernet. */
export const CONTENT_SIZE = 56;

/** Byte offsets in a UDP beacon, in the order of the diagram. */
export const OFFSET = { magic: 0, format: 4, zero: 5, port: 6, content: 8 } as const;
/** Byte offsets in the content. */
export const CONTENT_OFFSET = { protocol: 0, password: 4, publicKey: 24 } as const;

/** The first four bytes of a UDP beacon; on a data socket they mean nothing. */
export const MAGIC = 0xffff_fffc;

/** What a beacon says of its sender. */
export type BeaconContent = {
  readonly protocol: number;
  /** 20 bytes; everybody on the segment may know it. */
  readonly password: Uint8Array;
  /** Not the zero key; whether it gives an fc address is for `link/` to check. */
  readonly publicKey: PublicKey;
};

/** A UDP beacon. */
export type Beacon = BeaconContent & {
  /** UDP port on which the sender takes links (not the port the beacon came from). */
  readonly port: number;
};

/** Reads the content; null for fewer than 56 bytes or the zero key. Longer input is cut. */
export function parseContent(bytes: Uint8Array): BeaconContent | null {
  const publicKey = asPublicKey(bytes.subarray(CONTENT_OFFSET.publicKey, CONTENT_SIZE));
  if (publicKey === null) return null;
  const password = copy(bytes, CONTENT_OFFSET.password, CONTENT_OFFSET.publicKey);
  return { protocol: readU32(bytes, CONTENT_OFFSET.protocol), password, publicKey };
}

/** Writes the content: 56 bytes. */
export function emitContent(content: BeaconContent): Uint8Array {
  const bytes = new Uint8Array(CONTENT_SIZE);
  writeU32(bytes, CONTENT_OFFSET.protocol, content.protocol);
  bytes.set(content.password, CONTENT_OFFSET.password);
  bytes.set(content.publicKey, CONTENT_OFFSET.publicKey);
  return bytes;
}

/** Reads a UDP beacon; null for fewer than 64 bytes, other magic or format, or the zero key. Longer input is cut. */
export function parse(bytes: Uint8Array): Beacon | null {
  if (readU32(bytes, OFFSET.magic) !== MAGIC || bytes[OFFSET.format] !== 0 || bytes[OFFSET.zero] !== 0) return null;
  const content = parseContent(bytes.subarray(OFFSET.content));
  return content === null ? null : { port: readU16(bytes, OFFSET.port), ...content };
}

/** Writes a UDP beacon: 64 bytes. */
export function emit(beacon: Beacon): Uint8Array {
  const head = new Uint8Array(OFFSET.content);
  writeU32(head, OFFSET.magic, MAGIC);
  writeU16(head, OFFSET.port, beacon.port);
  return concat(head, emitContent(beacon));
}

/** One line for people, without the password. */
export function format(beacon: Beacon): string {
  return `beacon v${beacon.protocol} port ${beacon.port} ${formatPublicKey(beacon.publicKey)}`;
}

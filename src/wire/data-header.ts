/**
 * Data header: the first 4 bytes of every plaintext in a session, in front of the content. Source: protocol 07 §2.
 *
 *     +---------+-------+---------------+-------------------------------+
 *   0 | version | flags |    unused     |         content type          |
 *     +---------+-------+---------------+-------------------------------+
 */
import { readU16, writeU16 } from '../base/index.ts';

/** Size of the header in bytes. */
export const SIZE = 4;

/** Byte offsets, in the order of the diagram. */
export const OFFSET = { versionAndFlags: 0, unused: 1, contentType: 2 } as const;

/** The only version that anyone sends; receivers don't check it. */
export const VERSION = 1;

/** Content types with a meaning of their own. */
export const CONTENT = {
  /** 0 to 255: IPv6 without its header; the value is the next-header field. */
  maxNextHeader: 255,
  /** A bencoded router message. */
  dht: 256,
  /** A whole IPv4 or IPv6 packet. */
  ipTunnel: 257,
} as const;

/** The header as a value. */
export type DataHeader = {
  /** 0-15, ignored on receipt. */
  readonly version: number;
  /** 0-15, ignored on receipt. */
  readonly flags: number;
  /** 0-65535. */
  readonly contentType: number;
};

/** Reads a header from the start of `bytes`; null if there are fewer than 4 bytes. The unused byte is not looked at. */
export function parse(bytes: Uint8Array): DataHeader | null {
  if (bytes.length < SIZE) return null;
  const versionAndFlags = bytes[OFFSET.versionAndFlags] ?? 0;
  return {
    version: versionAndFlags >> 4,
    flags: versionAndFlags & 0xf,
    contentType: readU16(bytes, OFFSET.contentType),
  };
}

/** Writes `header` into the first 4 bytes of `into`. */
export function emit(header: DataHeader, into: Uint8Array): void {
  into[OFFSET.versionAndFlags] = (header.version << 4) | header.flags;
  into[OFFSET.unused] = 0;
  writeU16(into, OFFSET.contentType, header.contentType);
}

/** `emit` of the header that everyone sends, without a value, for the packet path. */
export function write(view: DataView, at: number, contentType: number): void {
  view.setInt32(at, (VERSION << 28) | contentType);
}

/** `parse` without a value: the content type of the header at `at`. */
export function contentTypeAt(view: DataView, at: number): number {
  return view.getUint16(at + OFFSET.contentType);
}

/** The header that everyone sends for content of this type. */
export function original(contentType: number): DataHeader {
  return { version: VERSION, flags: 0, contentType };
}

/** The content type for people: `IPv6 next header 6`, `CJDHT`, `IPTUN`, or its number. */
export function format(header: DataHeader): string {
  if (header.contentType <= CONTENT.maxNextHeader) return `IPv6 next header ${header.contentType}`;
  if (header.contentType === CONTENT.dht) return 'CJDHT';
  return header.contentType === CONTENT.ipTunnel ? 'IPTUN' : `type ${header.contentType}`;
}

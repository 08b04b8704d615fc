/**
 * CryptoAuth packets: the clear part of a handshake packet, and the nonce field that all packets begin with.
 * Source: protocol 02 §2.
 *
 *      0               1               2               3
 *     +---------------------------------------------------------------+
 *   0 |              nonce field: 0, 1 hello; 2, 3 key                |
 *     +---------------+-----------------------------------------------+
 *   4 |   auth type   |               lookup (7 bytes)                |
 *     +---------------+                                               +
 *   8 |                                                               |
 *     +-------------------------------+-------------------------------+
 *  12 |          reserved A           |          reserved B           |
 *     +-------------------------------+-------------------------------+
 *  16 |                  handshake nonce (24 bytes)                   |
 *     +---------------------------------------------------------------+
 *  40 |           sender's permanent public key (32 bytes)            |
 *     +---------------------------------------------------------------+
 *  72 |  box: tag (16), then encrypted temporary key (32) and payload |
 *     +---------------------------------------------------------------+
 *
 * Data packet: counter (4), tag (16), encrypted payload. Nothing of the clear part is authenticated by itself.
 */
import { copy, readU16, readU32, toHex, writeU16, writeU32 } from '../base/index.ts';

/** Bytes of a handshake packet without payload; shorter ones are runts. */
export const SIZE = 120;
/** Bytes in front of the box. */
export const CLEAR_SIZE = 72;
/** Bytes of a data packet without payload. */
export const DATA_SIZE = 20;

/** Byte offsets, in the order of the diagram. */
export const OFFSET = {
  nonceField: 0,
  authType: 4,
  lookup: 5,
  reservedA: 12,
  reservedB: 14,
  nonce: 16,
  publicKey: 40,
  box: 72,
} as const;

/** Values of the nonce field below the first data counter. */
export const HELLO = 0;
export const REPEAT_HELLO = 1;
export const KEY = 2;
export const REPEAT_KEY = 3;
/** Data counters: the nonce field of a data packet. */
export const MIN_COUNTER = 4;

/** Values of the auth type; others are refused by `cryptoauth/`. */
export const AUTH = { none: 0, password: 1, login: 2 } as const;

/** The clear part of a handshake packet; nothing in it is checked yet, the key may be anything. */
export type HandshakeHeader = {
  /** 0-3. */
  readonly nonceField: number;
  /** 0-255. */
  readonly authType: number;
  /** 7 bytes; which password is meant. */
  readonly lookup: Uint8Array;
  /** Ignored on receipt. */
  readonly reservedA: number;
  /** Ignored on receipt. */
  readonly reservedB: number;
  /** 24 bytes, fresh for each packet. */
  readonly nonce: Uint8Array;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
};

/** The nonce field of any CryptoAuth packet; null if there are fewer than 4 bytes. */
export function nonceFieldOf(packet: Uint8Array): number | null {
  return packet.length < 4 ? null : readU32(packet, OFFSET.nonceField);
}

/** Are these `length` bytes at `offset` long enough for a hello, and do they begin as one? For filters that copy nothing. */
export function isHelloAt(bytes: Uint8Array, offset: number, length: number): boolean {
  return length >= SIZE && isHandshakeAt(bytes, offset, length) && (bytes[offset + 3] as number) <= REPEAT_HELLO;
}

/** Do these bytes begin as a handshake packet (nonce field 0 to 3)? */
export function isHandshakeAt(bytes: Uint8Array, offset: number, length: number): boolean {
  if (length < 4) return false;
  const high = (bytes[offset] as number) | (bytes[offset + 1] as number) | (bytes[offset + 2] as number);
  return high === 0 && (bytes[offset + 3] as number) < MIN_COUNTER;
}

/** Reads the clear part of a handshake packet; null if the packet is a runt (below 120 bytes) or not a handshake. */
export function parse(packet: Uint8Array): HandshakeHeader | null {
  const nonceField = readU32(packet, OFFSET.nonceField);
  if (packet.length < SIZE || nonceField > REPEAT_KEY) return null;
  return {
    nonceField,
    authType: packet[OFFSET.authType] ?? 0,
    lookup: copy(packet, OFFSET.lookup, OFFSET.reservedA),
    reservedA: readU16(packet, OFFSET.reservedA),
    reservedB: readU16(packet, OFFSET.reservedB),
    nonce: copy(packet, OFFSET.nonce, OFFSET.publicKey),
    publicKey: copy(packet, OFFSET.publicKey, OFFSET.box),
  };
}

/** Writes the clear part into the first 72 bytes of `into`; the box follows at offset 72. */
export function emit(header: HandshakeHeader, into: Uint8Array): void {
  writeU32(into, OFFSET.nonceField, header.nonceField);
  into[OFFSET.authType] = header.authType;
  into.set(header.lookup, OFFSET.lookup);
  writeU16(into, OFFSET.reservedA, header.reservedA);
  writeU16(into, OFFSET.reservedB, header.reservedB);
  into.set(header.nonce, OFFSET.nonce);
  into.set(header.publicKey, OFFSET.publicKey);
}

/** One line for people: kind, auth type, start of the key. The lookup is left out, it helps to guess the password. */
export function format(header: HandshakeHeader): string {
  const kind = ['hello', 'repeat hello', 'key', 'repeat key'][header.nonceField] ?? `nonce field ${header.nonceField}`;
  return `${kind} auth ${header.authType} from ${toHex(header.publicKey.subarray(0, 4))}`;
}

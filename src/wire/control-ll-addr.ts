/**
 * LLADDR: under which link address do you see me? Source: protocol 06 §2.5. Offsets count from the body.
 *
 *   0  magic (4)          6c6c6171 "llaq", reply 6c6c6172 "llar"
 *   4  version (4)        of the sender of this frame
 *   8  type (1)  length (1)  payload (30)
 *        1, 8:   port (2), IPv4 (4)
 *        2, 20:  port (2), IPv6 (16)
 *        3, 32:  an opaque socket address
 *        0, 2:   nothing (queries)
 *  40  data               returned unchanged
 */
import { copy, readU16, writeU16 } from '../base/index.ts';
import { type ControlFrame, TYPE } from './control.ts';
import { type Exchange, emitExchange, isReply, versionOf } from './control-body.ts';

const EXCHANGE: Exchange = {
  query: { type: TYPE.llAddrQuery, magic: 0x6c6c_6171 },
  reply: { type: TYPE.llAddrReply, magic: 0x6c6c_6172 },
};

/** Byte offsets in the body, after magic and version. */
export const OFFSET = { type: 8, length: 9, payload: 10, address: 12 } as const;
/** Bytes of the body in front of the data. */
export const SIZE = 40;

/** Types of link addresses. */
const NONE = 0;
const IPV4 = 1;
const IPV6 = 2;
const OPAQUE = 3;
/** Values of the length field: it counts type and length too. */
const LENGTHS: Readonly<Record<number, number>> = { [NONE]: 2, [IPV4]: 8, [IPV6]: 20, [OPAQUE]: 32 };

/** A link address; `other` holds the 30 bytes of any other type, or of a known one with a wrong length. */
export type LinkAddress =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'udp';
      /** 4 or 16 bytes. */
      readonly address: Uint8Array;
      readonly port: number;
    }
  | { readonly kind: 'other'; readonly type: number; readonly length: number; readonly payload: Uint8Array };

/** A query, or a reply when `reply` is true. */
export type LlAddr = {
  readonly reply: boolean;
  readonly version: number;
  readonly address: LinkAddress;
  readonly data: Uint8Array;
};

/** What a reply says over links that have no UDP address. */
export const OPAQUE_ADDRESS: LinkAddress = {
  kind: 'other',
  type: OPAQUE,
  length: 32,
  payload: new Uint8Array(30),
};

/** Reads either; null for another type, wrong magic, or a body below 40 bytes. */
export function parse(frame: ControlFrame): LlAddr | null {
  const reply = isReply(frame, EXCHANGE, SIZE);
  if (reply === null) return null;
  return { reply, version: versionOf(frame), address: readAddress(frame.body), data: copy(frame.body, SIZE) };
}

function readAddress(body: Uint8Array): LinkAddress {
  const type = body[OFFSET.type] ?? 0;
  const length = body[OFFSET.length] ?? 0;
  if (length === LENGTHS[type]) {
    if (type === NONE) return { kind: 'none' };
    const port = readU16(body, OFFSET.payload);
    if (type === IPV4) return { kind: 'udp', port, address: copy(body, OFFSET.address, OFFSET.address + 4) };
    if (type === IPV6) return { kind: 'udp', port, address: copy(body, OFFSET.address, OFFSET.address + 16) };
  }
  return { kind: 'other', type, length, payload: copy(body, OFFSET.payload, SIZE) };
}

/** Writes the whole control frame, from its checksum on; unused payload bytes are 0. */
export function emit(message: LlAddr): Uint8Array {
  return emitExchange(EXCHANGE, message, SIZE, (body) => writeAddress(message.address, body));
}

function writeAddress(address: LinkAddress, body: Uint8Array): void {
  if (address.kind === 'other') {
    body[OFFSET.type] = address.type;
    body[OFFSET.length] = address.length;
    body.set(address.payload, OFFSET.payload);
    return;
  }
  const type = address.kind === 'none' ? NONE : address.address.length === 4 ? IPV4 : IPV6;
  body[OFFSET.type] = type;
  body[OFFSET.length] = LENGTHS[type] ?? 0;
  if (address.kind === 'none') return;
  writeU16(body, OFFSET.payload, address.port);
  body.set(address.address, OFFSET.address);
}

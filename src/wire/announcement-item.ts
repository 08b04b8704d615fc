/**
 * What an announcement to a supernode consists of: items, one behind the other. Source: protocol 09 §3.
 *
 *   length (1, of the whole item) | type (1) | rest        length 1 = a byte of padding, 0 = invalid
 *
 *   0 scheme      the serialized scheme
 *   1 peer        form (1) | flags (1) = 0 | mtu8 (2) = 0 | peer number (2) | ffffffff | address of the peer (16) | label (4)
 *   2 version     protocol (2)
 *   3 link state  n (1) | n zeros | varints: peer number, first slot, then for each slot lag ms, drops, kilobytes
 */
import { concat, copy, equal, readU16, readU32, writeU16, writeU32 } from '../base/index.ts';
import { asIp6, type Ip6 } from '../crypto/index.ts';
import * as varint from './varint.ts';

/** Numbers of the items that are known. */
export const TYPE = { scheme: 0, peer: 1, version: 2, linkState: 3 } as const;
/** Items stand at multiples of this many bytes, with padding in front where they would not. */
export const ALIGNMENT = 4;
/** Longest item: its length is one byte. */
export const MAX_ITEM_BYTES = 255;

const PEER = { size: 32, form: 2, flags: 3, mtu8: 4, number: 6, speed: 8, address: 12, label: 28 } as const;
const VERSION_SIZE = 4;
const PADDING = 1;
const UNLIMITED = 0xffff_ffff;

/** How a link did in ten seconds. */
export type LinkSlot = {
  readonly lagMs: number;
  /** Share of packets lost, in 2^-18; at most fffe. */
  readonly drops: number;
  readonly kilobytes: number;
};

/** One item; those of unknown type are carried through. */
export type AnnouncementItem =
  | { readonly type: 'scheme'; readonly scheme: Uint8Array }
  /** The link from the peer to the announcer. */
  | {
      readonly type: 'peer';
      /** Number of the form of the announcer's label to the peer. */
      readonly form: number;
      /** Low 16 bits of that label: the name of the link. */
      readonly peerNumber: number;
      readonly address: Ip6;
      /** The peer's label to the announcer, 32 bits; 0 = the link is gone. */
      readonly label: number;
    }
  | { readonly type: 'version'; readonly protocol: number }
  | {
      readonly type: 'linkState';
      readonly peerNumber: number;
      readonly firstSlot: number;
      readonly slots: readonly LinkSlot[];
    }
  | { readonly type: 'unknown'; readonly code: number; readonly rest: Uint8Array };

/** Reads all items up to the end; null if one is malformed. */
export function parseAll(bytes: Uint8Array): readonly AnnouncementItem[] | null {
  const items: AnnouncementItem[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = bytes[at] ?? 0;
    if (length === 0 || at + length > bytes.length) return null;
    if (length > PADDING) {
      const item = parseItem(bytes.subarray(at, at + length));
      if (item === null) return null;
      items.push(item);
    }
    at += length;
  }
  return items;
}

function parseItem(item: Uint8Array): AnnouncementItem | null {
  const code = item[1] ?? 0;
  if (code === TYPE.scheme) return { type: 'scheme', scheme: copy(item, 2) };
  if (code === TYPE.peer) return parsePeer(item);
  if (code === TYPE.linkState) return parseLinkState(item);
  if (code !== TYPE.version) return { type: 'unknown', code, rest: copy(item, 2) };
  return item.length === VERSION_SIZE ? { type: 'version', protocol: readU16(item, 2) } : null;
}

function parsePeer(item: Uint8Array): AnnouncementItem | null {
  const address = item.length === PEER.size ? asIp6(item.subarray(PEER.address, PEER.label)) : null;
  if (address === null) return null;
  const [form, peerNumber] = [item[PEER.form] ?? 0, readU16(item, PEER.number)];
  return { type: 'peer', form, peerNumber, address, label: readU32(item, PEER.label) };
}

function parseLinkState(item: Uint8Array): AnnouncementItem | null {
  const values: number[] = [];
  for (let at = 3 + (item[2] ?? 0); at < item.length; ) {
    const read = varint.parse(item, at);
    if (read === null) return null;
    values.push(read.value);
    at += read.size;
  }
  const [peerNumber, firstSlot, ...rest] = values;
  if (peerNumber === undefined || firstSlot === undefined || rest.length % 3 !== 0) return null;
  const slots: LinkSlot[] = [];
  for (let i = 0; i < rest.length; i += 3) {
    slots.push({ lagMs: rest[i] ?? 0, drops: rest[i + 1] ?? 0, kilobytes: rest[i + 2] ?? 0 });
  }
  return { type: 'linkState', peerNumber, firstSlot, slots };
}

/** Writes one item with the padding in front of it; at most 255 bytes, which is for the caller to see to. */
export function emitItem(item: AnnouncementItem): Uint8Array {
  const bytes = itemBytes(item);
  const padding = -bytes.length & (ALIGNMENT - 1);
  return concat(new Uint8Array(padding).fill(PADDING), bytes);
}

function itemBytes(item: AnnouncementItem): Uint8Array {
  switch (item.type) {
    case 'scheme':
      return framed(TYPE.scheme, item.scheme);
    case 'peer':
      return peerBytes(item);
    case 'version': {
      const bytes = Uint8Array.of(VERSION_SIZE, TYPE.version, 0, 0);
      writeU16(bytes, 2, item.protocol);
      return bytes;
    }
    case 'linkState': {
      const { peerNumber, firstSlot, slots } = item;
      const values = [peerNumber, firstSlot, ...slots.flatMap((slot) => [slot.lagMs, slot.drops, slot.kilobytes])];
      const packed = concat(...values.map(varint.emit));
      const zeros = -(packed.length + 3) & (ALIGNMENT - 1);
      return framed(TYPE.linkState, concat(Uint8Array.of(zeros), new Uint8Array(zeros), packed));
    }
    case 'unknown':
      return framed(item.code, item.rest);
  }
}

function framed(code: number, rest: Uint8Array): Uint8Array {
  return concat(Uint8Array.of(rest.length + 2, code), rest);
}

function peerBytes(item: AnnouncementItem & { readonly type: 'peer' }): Uint8Array {
  const bytes = Uint8Array.of(PEER.size, TYPE.peer, ...new Uint8Array(PEER.size - 2));
  bytes[PEER.form] = item.form;
  writeU16(bytes, PEER.number, item.peerNumber);
  writeU32(bytes, PEER.speed, UNLIMITED);
  bytes.set(item.address, PEER.address);
  writeU32(bytes, PEER.label, item.label);
  return bytes;
}

/** Whether both say the same. */
export function isSame(a: AnnouncementItem, b: AnnouncementItem): boolean {
  return equal(emitItem(a), emitItem(b));
}

/**
 * Messages of rtnetlink, as the kernel writes them: in the byte order of the machine, attributes behind a fixed part.
 * Total: what is cut off or makes no sense is left out. Source: rtnetlink(7), include/uapi/linux/if_link.h, if_addr.h.
 *
 *     length (4) | type (2) | flags (2) | sequence (4) | port (4) | fixed part | attributes: length (2), type (2), value ...
 */
import { endianness } from 'node:os';
import { type DeviceAddress, linkOfHardware, type NetworkDevice } from '../underlay/index.ts';

/** Types of messages. */
const NEW_LINK = 16;
const DELETE_LINK = 17;
const NEW_ADDRESS = 20;
const DELETE_ADDRESS = 21;
const NEW_ROUTE = 24;
const DELETE_ROUTE = 25;

const HEADER_BYTES = 16;
const LINK_BYTES = 16;
const ADDRESS_BYTES = 8;
const ROUTE_BYTES = 12;
/** Attributes of links, addresses and routes, and of what is inside IFLA_LINKINFO. */
const IFLA = { address: 1, name: 3, mtu: 4, master: 10, info: 18 } as const;
const IFA = { address: 1, local: 2 } as const;
const INFO_KIND = 1;
/** Flags of a device: switched on, and with a carrier (IFF_UP, IFF_LOWER_UP). */
const UP = 0x1;
const LOWER_UP = 0x1_0000;
/** What of `rtm_table` and `rtm_flags` is looked at: the main table, and no copy that the kernel keeps (RTM_F_CLONED). */
const MAIN_TABLE = 254;
const CLONED = 0x200;
const AF_INET = 2;
const AF_INET6 = 10;
/** IFA_F_TENTATIVE: nobody may use it before duplicates were looked for. */
const TENTATIVE = 0x40;

const IS_LITTLE = endianness() === 'LE';

type Message = { readonly type: number; readonly body: DataView };

/** All messages of a reading. */
function* messagesOf(bytes: Uint8Array): Generator<Message> {
  const view = viewOf(bytes);
  for (let at = 0; at + HEADER_BYTES <= view.byteLength; ) {
    const length = view.getUint32(at, IS_LITTLE);
    if (length < HEADER_BYTES || length > view.byteLength - at) return;
    yield { type: view.getUint16(at + 4, IS_LITTLE), body: part(view, at + HEADER_BYTES, length - HEADER_BYTES) };
    at += aligned(length);
  }
}

/** Attributes behind the fixed part, by type; of equal ones the last. */
function attributesOf(view: DataView, from: number): ReadonlyMap<number, DataView> {
  const found = new Map<number, DataView>();
  for (let at = from; at + 4 <= view.byteLength; ) {
    const length = view.getUint16(at, IS_LITTLE);
    if (length < 4 || length > view.byteLength - at) break;
    // The two upper bits say how the value is to be read.
    found.set(view.getUint16(at + 2, IS_LITTLE) & 0x3fff, part(view, at + 4, length - 4));
    at += aligned(length);
  }
  return found;
}

/**
 * The devices of a machine.
 * @param links, addresses what the kernel answers when it is asked for all of them
 */
export function parseDevices(links: Uint8Array, addresses: Uint8Array): readonly NetworkDevice[] {
  const byIndex = new Map<number, DeviceAddress[]>();
  for (const { type, body } of messagesOf(addresses)) {
    const read = type === NEW_ADDRESS ? readAddress(body) : null;
    if (read !== null) byIndex.set(read.index, [...(byIndex.get(read.index) ?? []), read.address]);
  }
  return [...messagesOf(links)].flatMap(({ type, body }) => {
    const device = type === NEW_LINK ? readLink(body) : null;
    return device === null ? [] : [{ ...device, addresses: byIndex.get(device.index) ?? [] }];
  });
}

/**
 * What messages may change: the devices with their addresses, or the way out; null: nothing that matters. Routes to single
 * destinations are none of our business.
 */
export function changedBy(messages: Uint8Array): 'devices' | 'way out' | null {
  let found: 'devices' | null = null;
  for (const { type, body } of messagesOf(messages)) {
    if ((type === NEW_ROUTE || type === DELETE_ROUTE) && isDefaultRoute(body)) return 'way out';
    if (type === NEW_LINK || type === DELETE_LINK || type === NEW_ADDRESS || type === DELETE_ADDRESS) found = 'devices';
  }
  return found;
}

function isDefaultRoute(body: DataView): boolean {
  if (body.byteLength < ROUTE_BYTES) return false;
  return body.getUint8(1) === 0 && body.getUint8(4) === MAIN_TABLE && (body.getUint32(8, IS_LITTLE) & CLONED) === 0;
}

function readLink(body: DataView): Omit<NetworkDevice, 'addresses'> | null {
  if (body.byteLength < LINK_BYTES) return null;
  const attributes = attributesOf(body, LINK_BYTES);
  const name = textOf(attributes.get(IFLA.name));
  const index = body.getInt32(4, IS_LITTLE);
  if (name === '' || index <= 0) return null;
  const flags = body.getUint32(8, IS_LITTLE);
  const info = attributes.get(IFLA.info);
  const kind = info === undefined ? '' : textOf(attributesOf(info, 0).get(INFO_KIND));
  return {
    index,
    name,
    link: linkOfHardware(body.getUint16(2, IS_LITTLE)),
    kind: kind === '' ? null : kind,
    mac: macOf(attributes.get(IFLA.address)),
    mtuBytes: numberOf(attributes.get(IFLA.mtu)) ?? 0,
    isUp: (flags & UP) !== 0,
    hasCarrier: (flags & LOWER_UP) !== 0,
    master: numberOf(attributes.get(IFLA.master)),
  };
}

function readAddress(body: DataView): { readonly index: number; readonly address: DeviceAddress } | null {
  if (body.byteLength < ADDRESS_BYTES) return null;
  const family = body.getUint8(0);
  const attributes = attributesOf(body, ADDRESS_BYTES);
  // Of a point-to-point device IFA_ADDRESS is the other end.
  const own = attributes.get(IFA.local) ?? attributes.get(IFA.address);
  const host = own === undefined ? null : hostOf(family, own);
  if (host === null || (body.getUint8(2) & TENTATIVE) !== 0) return null;
  return { index: body.getUint32(4, IS_LITTLE), address: { host, prefixLength: body.getUint8(1) } };
}

function hostOf(family: number, value: DataView): string | null {
  if (family === AF_INET && value.byteLength === 4) return bytesOf(value).join('.');
  if (family !== AF_INET6 || value.byteLength !== 16) return null;
  return Array.from({ length: 8 }, (_, word) => value.getUint16(2 * word).toString(16)).join(':');
}

function macOf(value: DataView | undefined): string | null {
  if (value?.byteLength !== 6) return null;
  return [...bytesOf(value)].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}

function numberOf(value: DataView | undefined): number | null {
  return value?.byteLength === 4 ? value.getUint32(0, IS_LITTLE) : null;
}

/** Up to the zero that ends it. */
function textOf(value: DataView | undefined): string {
  if (value === undefined) return '';
  const bytes = bytesOf(value);
  const end = bytes.indexOf(0);
  return Buffer.from(end < 0 ? bytes : bytes.subarray(0, end)).toString('utf8');
}

function aligned(length: number): number {
  return (length + 3) & ~3;
}

function part(view: DataView, offset: number, length: number): DataView {
  return new DataView(view.buffer, view.byteOffset + offset, length);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function bytesOf(view: DataView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

/** Hosts as people write them: IPv4, IPv6 with or without a zone, and names; numeric ones are looked into byte by byte. */
import { isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';
import { utf8 } from '../base/index.ts';
import { MAX_DEVICE_NAME_BYTES } from './limits.ts';

/** What a name of a device never holds: the first three by the kernel's rule, the others because they end a zone or a line. */
const NOT_IN_ZONE = /[\s/:%[\]\p{Cc}\p{Cs}\u2028\u2029]/u;
/** A last label of digits is read as an IPv4 address by resolvers (`127.1`, `0x7f.1`), never as a name. */
const NUMBER = /(^|\.)(\d+|0x[0-9a-f]*)\.?$/i;
const HOST_NAME = /^(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_-]{0,62})(\.[A-Za-z0-9_-]{1,63})*\.?$/;

/** Four decimal numbers; the shorthand and octal forms of old programs are refused. */
export function isIp4(text: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(text);
}

/** Any text form of an IPv6 address; a zone (`%eth0`, `%br-lan`) may follow. */
export function isIp6(text: string): boolean {
  const [plain, zone] = splitZone(text);
  return isIPv6(plain) && (zone === null || isZone(zone));
}

/** A name as DNS has them; what resolvers would read as a number is none. */
export function isHostName(text: string): boolean {
  return HOST_NAME.test(text) && !NUMBER.test(text);
}

/** A device by its name, as the kernel allows them, or by its number from 1 on (RFC 4007 §11). */
export function isZone(text: string): boolean {
  if (text === '' || text === '.' || text === '..' || /^0+$/.test(text)) return false;
  return !NOT_IN_ZONE.test(text) && utf8(text).length <= MAX_DEVICE_NAME_BYTES;
}

/** An address and its zone, null where it has none. */
export function splitZone(host: string): readonly [plain: string, zone: string | null] {
  const at = host.indexOf('%');
  return at < 0 ? [host, null] : [host.slice(0, at), host.slice(at + 1)];
}

/** The 4 or 16 bytes of a numeric address, its zone left out; null for a name. */
export function bytesOf(host: string): readonly number[] | null {
  if (isIp4(host)) return host.split('.').map(Number);
  return isIp6(host) ? ipaddr.IPv6.parse(splitZone(host)[0]).toByteArray() : null;
}

/** Is it an address of the mesh itself, fc00::/8? Such an endpoint would tunnel the mesh through itself (abuse case N7). */
export function isMeshHost(host: string): boolean {
  const bytes = bytesOf(host);
  return bytes?.length === 16 && bytes[0] === 0xfc;
}

/** Loopback addresses: 127.0.0.0/8, ::1, and the name for them. */
export function isLoopback(host: string): boolean {
  const bytes = bytesOf(host);
  if (bytes === null) return host === 'localhost';
  return bytes.length === 4 ? bytes[0] === 127 : bytes.every((byte, index) => byte === (index === 15 ? 1 : 0));
}

const DEVICE = /^[A-Za-z0-9][A-Za-z0-9_.@-]*$/;

/** A name the kernel accepts for a network device. */
export function isDeviceName(text: string): boolean {
  return DEVICE.test(text) && text.length <= MAX_DEVICE_NAME_BYTES;
}

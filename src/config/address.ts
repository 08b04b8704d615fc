/** Addresses as people write them: `HOST:PORT`, `[2001:db8::1]:21000`, `udp://…`, `eth://DEVICE`, `tcp/22`. */
import { isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';
import { utf8 } from '../base/index.ts';
import type { FirewallRule } from '../tun/index.ts';
import { MAX_DEVICE_NAME_BYTES } from './limits.ts';

/** A host (name, IPv4 or IPv6 without brackets) and a port. */
export type HostPort = { readonly host: string; readonly port: number };

/** An underlay address of our own or of a peer. */
export type Underlay =
  | { readonly transport: 'udp'; readonly host: string; readonly port: number }
  | { readonly transport: 'eth'; readonly device: string };

const DEVICE = /^[A-Za-z0-9][A-Za-z0-9_.@-]*$/;
/** What a name of a device never holds: the first three by the kernel's rule, the others because they end a zone or a line. */
const NOT_IN_ZONE = /[\s/:%[\]\p{Cc}\p{Cs}\u2028\u2029]/u;
/** A last label of digits is read as an IPv4 address by resolvers (`127.1`, `0x7f.1`), never as a name. */
const NUMBER = /(^|\.)(\d+|0x[0-9a-f]*)\.?$/i;
const HOST_NAME = /^(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_-]{0,62})(\.[A-Za-z0-9_-]{1,63})*\.?$/;

/** Reads `HOST:PORT`; null for anything else, port 0 included unless `anyPort`. */
export function parseHostPort(text: string, anyPort = false): HostPort | null {
  const parts = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text);
  if (parts === null) return null;
  const port = Number(parts[3]);
  if (port > 65535 || (port === 0 && !anyPort)) return null;
  const bracketed = parts[1];
  if (bracketed !== undefined) return isIp6(bracketed) ? { host: bracketed, port } : null;
  const host = parts[2] ?? '';
  return isIp4(host) || isHostName(host) ? { host, port } : null;
}

/** Writes what `parseHostPort` reads. */
export function formatHostPort(address: HostPort): string {
  return address.host.includes(':') ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
}

/** Reads `udp://HOST:PORT` or `eth://DEVICE`. */
export function parseUnderlay(text: string, anyPort = false): Underlay | null {
  if (text.startsWith('udp://')) {
    const at = parseHostPort(text.slice(6), anyPort);
    return at === null ? null : { transport: 'udp', ...at };
  }
  if (text.startsWith('eth://')) {
    const device = text.slice(6);
    return isDeviceName(device) ? { transport: 'eth', device } : null;
  }
  return null;
}

/** Writes what `parseUnderlay` reads. */
export function formatUnderlay(at: Underlay): string {
  return at.transport === 'udp' ? `udp://${formatHostPort(at)}` : `eth://${at.device}`;
}

/** Reads `icmp`, `tcp/PORT`, `udp/FIRST-LAST`. */
export function parseAllowRule(text: string): FirewallRule | null {
  if (text === 'icmp') return { protocol: 'icmp', ports: null };
  const parts = /^(tcp|udp)\/(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  if (parts === null) return null;
  const [first, last] = [Number(parts[2]), Number(parts[3] ?? parts[2])];
  if (first < 1 || first > last || last > 65535) return null;
  return { protocol: parts[1] === 'tcp' ? 'tcp' : 'udp', ports: { first, last } };
}

/** Writes what `parseAllowRule` reads. */
export function formatAllowRule({ protocol, ports }: FirewallRule): string {
  if (ports === null) return protocol;
  return `${protocol}/${ports.first}${ports.first === ports.last ? '' : `-${ports.last}`}`;
}

/** A name the kernel accepts for a network device. */
export function isDeviceName(text: string): boolean {
  return DEVICE.test(text) && text.length <= MAX_DEVICE_NAME_BYTES;
}

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

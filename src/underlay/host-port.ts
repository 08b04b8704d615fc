/** A host and a port: `192.0.2.7:21000`, `[2001:db8::7]:21000`, `peer.example:21000`. */
import { isHostName, isIp4, isIp6 } from './ip.ts';

/** A host (name, IPv4 or IPv6 without brackets) and a port. */
export type HostPort = { readonly host: string; readonly port: number };

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

/** Whether both are written the same way. */
export function sameHostPort(a: HostPort, b: HostPort): boolean {
  return a.host === b.host && a.port === b.port;
}

/** An endpoint with its transport: `udp://192.0.2.7:21000`, `eth://eth0`. */
import { formatHostPort, type HostPort, parseHostPort } from './host-port.ts';
import { MAX_DEVICE_NAME_BYTES } from './limits.ts';

/** Where this node listens, or a peer is reached. */
export type Endpoint =
  | { readonly transport: 'udp'; readonly host: string; readonly port: number }
  | { readonly transport: 'eth'; readonly device: string };

const DEVICE = /^[A-Za-z0-9][A-Za-z0-9_.@-]*$/;

/** Reads `udp://HOST:PORT` or `eth://DEVICE`. */
export function parseEndpoint(text: string, anyPort = false): Endpoint | null {
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

/** Writes what `parseEndpoint` reads. */
export function formatEndpoint(at: Endpoint): string {
  return at.transport === 'udp' ? `udp://${formatHostPort(at)}` : `eth://${at.device}`;
}

/** The endpoint that a host and a port mean where no transport is named. */
export function endpointAt({ host, port }: HostPort): Endpoint {
  return { transport: 'udp', host, port };
}

/** Host and port; null where the transport has none (raw Ethernet). */
export function hostPortOf(endpoint: Endpoint): HostPort | null {
  return endpoint.transport === 'udp' ? { host: endpoint.host, port: endpoint.port } : null;
}

/** A name the kernel accepts for a network device. */
export function isDeviceName(text: string): boolean {
  return DEVICE.test(text) && text.length <= MAX_DEVICE_NAME_BYTES;
}

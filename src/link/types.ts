/** Small types of the link layer. */
import type { UnderlayAddress } from '../packet/index.ts';

/** Where a peer is: an underlay address as seen from one of our sockets. */
export type UnderlayEndpoint = UnderlayAddress & { readonly socket: number };

/** `192.0.2.7:21000` or `[2001:db8::7]:21000`. */
export function formatEndpoint(endpoint: UnderlayAddress): string {
  return endpoint.address.includes(':')
    ? `[${endpoint.address}]:${endpoint.port}`
    : `${endpoint.address}:${endpoint.port}`;
}

/** Small types of the link layer. */
import type { HostPort } from '../underlay/index.ts';

/** Where a peer is: a numeric address (a scope may follow, `fe80::1%eth0`), as seen from one of our sockets. */
export type SocketEndpoint = HostPort & { readonly socket: number };

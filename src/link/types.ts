/** Who is dialled, as the layers see them. */
import type { Password, PublicKey } from '../crypto/index.ts';
import { type Endpoints, formatSender, type HostPort } from '../underlay/index.ts';

/** Where a peer is: a numeric address (a scope may follow, `fe80::1%eth0`), as seen from one of our sockets. */
export type SocketEndpoint = HostPort & { readonly socket: number };

/** The same place, by the same socket. */
export function isSameEndpoint(a: SocketEndpoint, b: SocketEndpoint): boolean {
  return a.socket === b.socket && formatSender(a) === formatSender(b);
}

/** Somebody to dial until told otherwise, as the configuration and the admin API name them. */
export type PeerToDial = {
  /** Where it is: ways to one and the same node. Host names are allowed. */
  readonly endpoints: Endpoints;
  readonly key: PublicKey;
  readonly login: string | null;
  readonly password: Password;
  /** What we call them. */
  readonly name: string | null;
};

/** Where others reach this machine, as far as its own network devices can tell: for invitations. */

import { networkInterfaces } from 'node:os';
import { checkPeerAddress, formatHostPort, type HostPort, isIp6, isLoopback } from '../underlay/index.ts';

/** What the operating system says of an address of this machine. */
export type OwnAddress = { readonly address: string; readonly internal: boolean; readonly scopeid?: number };

/**
 * Endpoints for others, the most likely first: none that only this machine, or only one cable of it, can dial.
 * @param listen where the daemon listens; a wildcard stands for all addresses of its family
 */
export function reachableEndpoints(listen: readonly HostPort[], own = ownAddresses()): readonly HostPort[] {
  const hosts = own.filter(({ internal, scopeid }) => !internal && (scopeid ?? 0) === 0).map(({ address }) => address);
  const endpoints = listen.flatMap(({ host, port }) => {
    if (host !== '0.0.0.0' && host !== '::') return [{ host, port }];
    return hosts.filter((one) => isIp6(one) === (host === '::')).map((one) => ({ host: one, port }));
  });
  return endpoints.filter(isReachable).sort((a, b) => rankOf(a.host) - rankOf(b.host));
}

/** Whether somebody else may dial it: an address with a zone means something on this machine only. */
function isReachable({ host, port }: HostPort): boolean {
  return !isLoopback(host) && !host.includes('%') && checkPeerAddress(formatHostPort({ host, port })) === null;
}

function ownAddresses(): readonly OwnAddress[] {
  return Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
}

/** Addresses of the internet before those of a house, and those of a cable without a router last. */
function rankOf(host: string): number {
  if (/^169\.254\./.test(host)) return 2;
  return /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|f[cd])/i.test(host)
    ? 1
    : 0;
}

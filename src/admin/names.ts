/** What operators call nodes: the names of peers, as the configuration or whoever invited them gave them. */
import { equal } from '../base/index.ts';
import { formatIp6, type Ip6 } from '../crypto/index.ts';
import { LAN_LOGIN } from '../lan/index.ts';
import type { PeerSnapshot } from '../node/index.ts';

/** Names by address, for a whole list. */
export type Names = (address: Ip6) => string | null;

/** The name of a peer: the one it was given, else the login it came with, unless that is what all neighbours come with. */
export function nameOf(peer: PeerSnapshot): string | null {
  return peer.name ?? (peer.user === LAN_LOGIN ? null : peer.user);
}

/** The names of these peers. */
export function namesOf(peers: readonly PeerSnapshot[]): Names {
  const byAddress = new Map(peers.map((peer) => [formatIp6(peer.address), nameOf(peer)]));
  return (address) => byAddress.get(formatIp6(address)) ?? null;
}

/** All that a name means: more than one address, and it means none of them. */
export function addressesOf(name: string, peers: readonly PeerSnapshot[]): readonly Ip6[] {
  const found: Ip6[] = [];
  for (const peer of peers)
    if (nameOf(peer) === name && !found.some((one) => equal(one, peer.address))) found.push(peer.address);
  return found;
}

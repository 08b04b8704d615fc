/**
 * Names of peers: a name means one node, or `fcmesh ping NAME` would reach whoever was named first. Entries with the same
 * key may share one: they are ways to the same node.
 */
import { equal } from '../base/index.ts';
import type { PeerToDial } from '../link/index.ts';

type Named = Pick<PeerToDial, 'key' | 'name'>;

/** Has another node of `others` this peer's name? */
export function isNameTaken(peer: Named, others: Iterable<Named>): boolean {
  if (peer.name === null) return false;
  for (const other of others) if (other.name === peer.name && !equal(other.key, peer.key)) return true;
  return false;
}

/** `hans2`, or with the first number that is free. @param others at most as many as a list may hold */
export function freeName(peer: Named & { readonly name: string }, others: readonly Named[]): string {
  for (let number = 2; ; number++) {
    const name = `${peer.name}${number}`;
    if (!isNameTaken({ ...peer, name }, others)) return name;
  }
}

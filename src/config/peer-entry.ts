/**
 * Where somebody new stands among the peers that are there, in a file or in a daemon: an endpoint is one node, so a second
 * entry for one of its endpoints is the same one, or an update of it.
 */
import { equal } from '../base/index.ts';
import { formatPublicKey } from '../crypto/index.ts';
import type { PeerToDial } from '../link/index.ts';
import { formatEndpoint } from '../underlay/index.ts';
import { passwordId } from './password-id.ts';
import { freeName, isNameTaken } from './peer-name.ts';
import { shorten } from './problem.ts';

/** The entry as it is to be, and those that it takes the place of; or why not, and what to type instead. */
export type Placed =
  | {
      readonly ok: true;
      readonly entry: PeerToDial;
      readonly replaces: readonly PeerToDial[];
      readonly isThere: boolean;
    }
  | { readonly ok: false; readonly problem: string; readonly remedy: string };

/**
 * Finds the place. An entry without a name keeps the one that it has here.
 * @param update what differs at the same endpoint is taken over, else refused
 */
export function placePeer(peer: PeerToDial, present: readonly PeerToDial[], update: boolean): Placed {
  const wanted = new Set(peer.endpoints.map(formatEndpoint));
  const isSharing = (other: PeerToDial) => other.endpoints.some((at) => wanted.has(formatEndpoint(at)));
  const replaces = present.filter(isSharing);
  const [before = null] = replaces;
  const entry = { ...peer, name: peer.name ?? before?.name ?? null };
  const isThere = replaces.length === 1 && before !== null && peerId(before) === peerId(entry);
  if (before !== null && !isThere && !update) {
    const shared = before.endpoints.find((at) => wanted.has(formatEndpoint(at))) ?? before.endpoints[0];
    return {
      ok: false,
      problem: `${formatEndpoint(shared)} is a peer already, with ${differenceOf(before, entry)}`,
      remedy: 'to take over what is new: --update',
    };
  }
  const others = present.filter((one) => !replaces.includes(one));
  const { name } = entry;
  if (name !== null && isNameTaken(entry, others))
    return {
      ok: false,
      problem: `another peer is called "${shorten(name)}"`,
      remedy: `give this one another name: --name ${freeName({ ...entry, name }, others)}`,
    };
  return { ok: true, entry, replaces, isThere };
}

/** A peer as the configuration has it, as one text: equal for equal peers. */
export function peerId({ endpoints, key, login, password, name }: PeerToDial): string {
  return JSON.stringify([endpoints.map(formatEndpoint), formatPublicKey(key), login, passwordId(password), name]);
}

function differenceOf(before: PeerToDial, after: PeerToDial): string {
  if (!equal(before.key, after.key)) return 'another key';
  if (before.login !== after.login) return 'another login';
  if (passwordId(before.password) !== passwordId(after.password)) return 'another password';
  return before.name === after.name ? 'other endpoints' : 'another name';
}

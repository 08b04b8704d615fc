/** What the lists can be sorted and filtered by. What one looks for when something is wrong comes first. */

import { wrapped } from '../text/index.ts';
import type { Kind, Sorting } from './list.ts';
import type { Peer, Route, Session } from './snapshot.ts';

/** Blanks before and after an explanation, and how long it may be: other peers want to be seen, too. */
const EXPLANATION_MARGIN = 5;
const EXPLANATION_LINES = 3;

const STATE_RANK: Readonly<Record<string, number>> = { unresponsive: 0, incompatible: 1, handshake: 2, established: 3 };

/** Names of nodes that are peers of ours, by address. */
export type Names = ReadonlyMap<string, string>;

/** Addresses of peers that have a name. */
export function namesOf(peers: readonly Peer[]): Names {
  const names = new Map<string, string>();
  for (const peer of peers) if (peer.name !== null) names.set(peer.address, peer.name);
  return names;
}

const PEERS: Omit<Kind<Peer>, 'height'> = {
  sortings: [
    { title: 'peer', value: (peer) => (peer.name ?? peer.address).toLowerCase(), first: 'least' },
    { title: 'state', value: (peer) => STATE_RANK[peer.state] ?? 0, first: 'least' },
    { title: 'quality', value: (peer) => peer.quality, first: 'least' },
    { title: 'rtt', value: (peer) => peer.rttMs, first: 'most' },
    { title: 'loss', value: (peer) => peer.lossPercent, first: 'most' },
    { title: 'in', value: (peer) => peer.rxBps, first: 'most' },
    { title: 'out', value: (peer) => peer.txBps, first: 'most' },
  ],
  text: (peer) => `${peer.name ?? ''} ${peer.address} ${peer.state} ${peer.endpoint ?? ''} ${peer.key ?? ''}`,
};

/** Ways to sort the peers. */
export const PEER_SORTINGS = PEERS.sortings;

/** Peers on a screen of so many columns: what is wrong with one takes lines below its row. */
export function peerKind(columns: number): Kind<Peer> {
  return { ...PEERS, height: (peer) => 1 + explanation(peer, columns).length };
}

/** What is wrong with a peer and what to do, in lines; none if it is well. */
export function explanation(peer: Peer, columns: number): readonly string[] {
  if (peer.state === 'established' || peer.reason === null) return [];
  return wrapped(peer.reason, columns - EXPLANATION_MARGIN).slice(0, EXPLANATION_LINES);
}

/** Sessions; `names` are searched too. */
export function sessionKind(names: Names): Kind<Session> {
  return {
    sortings: [
      { title: 'node', value: (one) => (names.get(one.address) ?? one.address).toLowerCase(), first: 'least' },
      { title: 'hops', value: (one) => one.hops, first: 'most' },
      { title: 'rtt', value: (one) => one.rttMs, first: 'most' },
      { title: 'in', value: (one) => one.rxBytes, first: 'most' },
      { title: 'out', value: (one) => one.txBytes, first: 'most' },
      { title: 'age', value: (one) => one.ageSeconds, first: 'least' },
    ],
    text: (one) => `${names.get(one.address) ?? ''} ${one.address} ${one.state} ${one.key ?? ''}`,
    height: () => 1,
  };
}

/** Routes; `names` are searched too. */
export function routeKind(names: Names): Kind<Route> {
  const sortings: readonly Sorting<Route>[] = [
    { title: 'node', value: (one) => (names.get(one.address) ?? one.address).toLowerCase(), first: 'least' },
    { title: 'hops', value: (one) => one.hops, first: 'least' },
    { title: 'rtt', value: (one) => one.rttMs, first: 'most' },
    { title: 'loss', value: (one) => one.lossPercent, first: 'most' },
  ];
  return {
    sortings,
    text: (one) => `${names.get(one.address) ?? ''} ${one.address} ${names.get(one.via ?? '') ?? ''} ${one.label}`,
    height: () => 1,
  };
}

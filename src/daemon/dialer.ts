/**
 * Peers of the configuration: host names are resolved without ever blocking the start, again and again while a peer is
 * not connected. Names that lead into the mesh (fc00::/8) or to this machine are refused (abuse cases N7, N8).
 */

import type { WaitingPeer } from '../admin/index.ts';
import { type Clock, equal, inWords, type Logger, MeshError, type Timer } from '../base/index.ts';
import { type PeerToDial, placePeer, shorten } from '../config/index.ts';
import { formatPublicKey, type PublicKey } from '../crypto/index.ts';
import type { NodeControl } from '../node/index.ts';
import {
  checkPeerAddress,
  type Endpoint,
  formatEndpoint,
  formatPeerAddress,
  hostPortOf,
  senderOf,
} from '../underlay/index.ts';
import { FIRST_RESOLVE_WAIT_MS, MAX_ADDRESSES, MAX_RESOLVE_WAIT_MS, RESOLVE_EVERY_MS } from './limits.ts';
import type { Sockets } from './sockets.ts';

/** What a dialer works with. */
export type DialerOptions = {
  readonly node: Pick<NodeControl, 'addPeer' | 'removePeer' | 'inspect'>;
  readonly peers: readonly PeerToDial[];
  readonly sockets: Pick<Sockets, 'dial' | 'hasName' | 'resolve' | 'whyNot' | 'network'>;
  readonly clock: Clock;
  readonly log: Logger;
};

/** Dials until it is closed. */
export type Dialer = {
  /**
   * Dials somebody more; whom it dials already, and just so, it goes on to dial.
   * @param update who is dialled at the same endpoint, but otherwise, gives way
   * @throws MeshError ERR_PEER (what `placePeer` refuses, own key, table full); what a name leads to is seen later, in `warnings`
   */
  readonly add: (peer: PeerToDial, update: boolean) => Promise<void>;
  /** Ends dialling and the link. @param endpoint `HOST:PORT`; null: all with this key. @returns false if there is none */
  readonly remove: (key: PublicKey, endpoint: string | null) => boolean;
  /** Whom it dials. */
  readonly peers: () => readonly PeerToDial[];
  /** Those of them that the node knows nothing of yet: their name leads nowhere, or they were refused. */
  readonly waiting: () => readonly WaitingPeer[];
  /** What does not work, for `status.warnings`. */
  readonly warnings: () => readonly string[];
  readonly close: () => void;
};

/** One peer on its way: where its name leads, and which of these places is in use. */
type Dialled = {
  readonly peer: PeerToDial;
  /** Its endpoint as people write it, for messages. */
  readonly text: string;
  places: readonly Endpoint[];
  next: number;
  inUse: Endpoint | null;
  /** Has the node a link for it, up or not? */
  isLinked: boolean;
  readonly sinceMs: number;
  nextLookupMs: number;
  waitMs: number;
  problem: string | null;
};

/** Starts dialling; returns at once. */
export function startDialer(options: DialerOptions): Dialer {
  const { node, sockets, clock, log } = options;
  let all = options.peers.map((peer) => dialled(peer, clock.nowMs()));
  let timer: Timer | null = null;
  let isOpen = true;

  async function round(): Promise<void> {
    const connected = node.inspect().peers.filter((peer) => peer.state === 'established');
    await Promise.all(
      all.map(async (one) => {
        if (!connected.some((peer) => equal(peer.key, one.peer.key))) await advance(one);
      }),
    );
    if (isOpen) timer = clock.after(RESOLVE_EVERY_MS, () => void round());
  }

  /** Tries the next place; asks for the name again once all were tried. */
  async function advance(one: Dialled): Promise<void> {
    const { endpoint } = one.peer;
    if (!sockets.hasName(endpoint)) {
      if (one.inUse === null) await dial(one, endpoint);
      return;
    }
    if (one.next >= one.places.length) {
      if (clock.nowMs() < one.nextLookupMs) return;
      await ask(one);
    }
    const place = one.places[one.next];
    if (place === undefined || !isOpen || !all.includes(one)) return;
    one.next++;
    if (one.inUse === null || formatEndpoint(place) !== formatEndpoint(one.inUse)) await dial(one, place);
  }

  async function ask(one: Dialled): Promise<void> {
    const name = nameOf(one.peer.endpoint);
    try {
      const found = await sockets.resolve(one.peer.endpoint);
      const good = found.filter((place) => sockets.whyNot(place) === null);
      one.places = good.slice(0, MAX_ADDRESSES);
      const [first] = found;
      const why = first === undefined ? '' : `: ${nameOf(first)} ${sockets.whyNot(first)?.message}`;
      one.problem = good.length > 0 ? null : `the name ${name} leads only to addresses that no peer can have${why}`;
    } catch {
      one.places = [];
      one.problem = `the name ${name} cannot be resolved`;
    }
    one.next = 0;
    one.waitMs = one.problem === null ? RESOLVE_EVERY_MS : Math.min(2 * one.waitMs, MAX_RESOLVE_WAIT_MS);
    one.nextLookupMs = clock.nowMs() + one.waitMs;
    if (one.problem !== null) log.warn('peer.unresolved', { peer: name, reason: one.problem });
  }

  async function dial(one: Dialled, place: Endpoint): Promise<void> {
    const { key, login, password, name } = one.peer;
    const shown = nameOf(one.peer.endpoint);
    const socket = await sockets.dial(place);
    const at = senderOf(place);
    if (!isOpen || !all.includes(one)) return;
    if (socket === null || at === null) {
      one.problem = `${shown}: this machine has no ${sockets.network(place)}`;
      return;
    }
    try {
      if (one.inUse !== null) node.removePeer(key, formatPeerAddress(one.inUse));
      one.isLinked = false;
      node.addPeer({ endpoint: { ...at, socket }, key, login, password, name });
      one.inUse = place;
      one.isLinked = true;
      one.problem = null;
      log.info('peer.dial', { peer: formatPublicKey(key), endpoint: formatEndpoint(place) });
    } catch (error) {
      if (!(error instanceof MeshError)) throw error;
      one.inUse = place;
      one.problem = `peer ${name ?? shown}: ${error.message}`;
      log.warn('peer.refused', { peer: formatPublicKey(key), reason: error.message });
    }
  }

  async function add(peer: PeerToDial, update: boolean): Promise<void> {
    const placed = placePeer(peer, peers(), update);
    if (!placed.ok) throw new MeshError('ERR_PEER', `${placed.problem}; ${placed.remedy}`);
    const one = dialled(placed.entry, clock.nowMs());
    const wrong = checkPeerAddress(one.text);
    if (wrong !== null) throw new MeshError('ERR_PEER', `${shorten(one.text)} ${inWords(wrong)}`);
    if (placed.isThere) return;
    if (placed.replaces !== null) remove(placed.replaces.key, one.text);
    all.push(one);
    // Names are asked for in the background: a resolver may take half a minute to say no.
    if (sockets.hasName(one.peer.endpoint)) return void advance(one);
    await advance(one);
    if (one.problem === null) return;
    all = all.filter((other) => other !== one);
    // What worked till now goes on.
    if (placed.replaces !== null) await add(placed.replaces, false);
    throw new MeshError('ERR_PEER', one.problem);
  }

  function peers(): readonly PeerToDial[] {
    return all.map(({ peer }) => peer);
  }

  function remove(key: PublicKey, endpoint: string | null): boolean {
    const gone = all.filter((one) => equal(one.peer.key, key) && (endpoint === null || one.text === endpoint));
    all = all.filter((one) => !gone.includes(one));
    for (const { inUse } of gone) if (inUse !== null) node.removePeer(key, formatPeerAddress(inUse));
    const linked = endpoint === null ? node.removePeer(key) : node.removePeer(key, endpoint);
    return linked || gone.length > 0;
  }

  void round();
  return {
    add,
    remove,
    peers,
    waiting: () =>
      all
        .filter(({ isLinked }) => !isLinked)
        .map((one) => ({
          key: one.peer.key,
          endpoint: one.text,
          transport: one.peer.endpoint.transport,
          name: one.peer.name,
          reason: one.problem ?? `the name ${nameOf(one.peer.endpoint)} is being looked up`,
          ageMs: clock.nowMs() - one.sinceMs,
        })),
    warnings: () => all.map((one) => one.problem).filter((problem) => problem !== null),
    close: () => {
      isOpen = false;
      timer?.cancel();
    },
  };
}

function dialled(peer: PeerToDial, nowMs: number): Dialled {
  return {
    peer,
    text: formatPeerAddress(peer.endpoint),
    places: [],
    next: 0,
    inUse: null,
    isLinked: false,
    sinceMs: nowMs,
    nextLookupMs: 0,
    waitMs: FIRST_RESOLVE_WAIT_MS,
    problem: null,
  };
}

/** The host of an endpoint, or what it has instead of one. */
function nameOf(endpoint: Endpoint): string {
  return hostPortOf(endpoint)?.host ?? formatEndpoint(endpoint);
}

/**
 * Peers of the configuration: host names are resolved without ever blocking the start, again and again while a peer is
 * not connected. Names that lead into the mesh (fc00::/8) or to this machine are refused (abuse cases N7, N8).
 */

import { lookup } from 'node:dns/promises';
import type { WaitingPeer } from '../admin/index.ts';
import { type Clock, equal, inWords, type Logger, MeshError, type Timer } from '../base/index.ts';
import { type PeerConfig, placePeer, shorten } from '../config/index.ts';
import { type PublicKey, parsePublicKey } from '../crypto/index.ts';
import type { NodeControl } from '../node/index.ts';
import {
  checkPeerAddress,
  endpointAt,
  formatEndpoint,
  formatHostPort,
  hostPortOf,
  isIp4,
  isIp6,
  isLoopback,
} from '../underlay/index.ts';
import { MAX_ADDRESSES, MAX_RESOLVE_WAIT_MS, RESOLVE_EVERY_MS } from './limits.ts';
import { familyOf, type Sockets } from './sockets.ts';

/** What a dialer works with. */
export type DialerOptions = {
  readonly node: Pick<NodeControl, 'addPeer' | 'removePeer' | 'inspect'>;
  readonly peers: readonly PeerConfig[];
  readonly sockets: Pick<Sockets, 'toReach'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** All addresses of a name; rejects when there is none. For tests. */
  readonly resolve?: (name: string) => Promise<readonly string[]>;
};

/** Dials until it is closed. */
export type Dialer = {
  /**
   * Dials somebody more; whom it dials already, and just so, it goes on to dial.
   * @param update who is dialled at the same endpoint, but otherwise, gives way
   * @throws MeshError ERR_PEER (what `placePeer` refuses, own key, table full); what a name leads to is seen later, in `warnings`
   */
  readonly add: (peer: PeerConfig, update: boolean) => Promise<void>;
  /** Ends dialling and the link. @param endpoint `HOST:PORT`; null: all with this key. @returns false if there is none */
  readonly remove: (key: PublicKey, endpoint: string | null) => boolean;
  /** Whom it dials. */
  readonly peers: () => readonly PeerConfig[];
  /** Those of them that the node knows nothing of yet: their name leads nowhere, or they were refused. */
  readonly waiting: () => readonly WaitingPeer[];
  /** What does not work, for `status.warnings`. */
  readonly warnings: () => readonly string[];
  readonly close: () => void;
};

/** One peer on its way: the addresses of its name, and which of them is in use. */
type Dialled = {
  readonly peer: PeerConfig;
  readonly key: PublicKey;
  readonly host: string;
  readonly port: number;
  addresses: readonly string[];
  next: number;
  inUse: string | null;
  /** Has the node a link for it, up or not? */
  isLinked: boolean;
  readonly sinceMs: number;
  nextLookupMs: number;
  waitMs: number;
  problem: string | null;
};

/** Starts dialling; returns at once. */
export function startDialer(options: DialerOptions): Dialer {
  const { node, clock, log } = options;
  const resolve = options.resolve ?? resolveName;
  let all = options.peers.map((peer) => dialled(peer, clock.nowMs())).filter((one) => one !== null);
  let timer: Timer | null = null;
  let isOpen = true;

  async function round(): Promise<void> {
    const connected = node.inspect().peers.filter((peer) => peer.state === 'established');
    await Promise.all(
      all.map(async (one) => {
        if (!connected.some((peer) => equal(peer.key, one.key))) await advance(one);
      }),
    );
    if (isOpen) timer = clock.after(RESOLVE_EVERY_MS, () => void round());
  }

  /** Tries the next address; asks for the name again once all were tried. */
  async function advance(one: Dialled): Promise<void> {
    if (isNumeric(one.host)) {
      if (one.inUse === null) await dial(one, one.host);
      return;
    }
    if (one.next >= one.addresses.length) {
      if (clock.nowMs() < one.nextLookupMs) return;
      await ask(one);
    }
    const address = one.addresses[one.next];
    if (address === undefined || !isOpen || !all.includes(one)) return;
    one.next++;
    if (address !== one.inUse) await dial(one, address);
  }

  async function ask(one: Dialled): Promise<void> {
    try {
      const found = await resolve(one.host);
      const good = found.filter((address) => whyNot(address, one.port) === null);
      one.addresses = good.slice(0, MAX_ADDRESSES);
      const [first = ''] = found;
      const why = `${first} ${whyNot(first, one.port)}`;
      one.problem =
        good.length > 0 ? null : `the name ${one.host} leads only to addresses that no peer can have: ${why}`;
    } catch {
      one.addresses = [];
      one.problem = `the name ${one.host} cannot be resolved`;
    }
    one.next = 0;
    one.waitMs = one.problem === null ? RESOLVE_EVERY_MS : Math.min(2 * one.waitMs, MAX_RESOLVE_WAIT_MS);
    one.nextLookupMs = clock.nowMs() + one.waitMs;
    if (one.problem !== null) log.warn('peer.unresolved', { peer: one.host, reason: one.problem });
  }

  async function dial(one: Dialled, address: string): Promise<void> {
    const socket = await options.sockets.toReach(address);
    if (!isOpen || !all.includes(one)) return;
    if (socket === null) {
      one.problem = `${one.host}: this machine has no IPv${familyOf(address)}`;
      return;
    }
    try {
      if (one.inUse !== null) node.removePeer(one.key, formatHostPort({ host: one.inUse, port: one.port }));
      one.isLinked = false;
      const { login, password, name } = one.peer;
      node.addPeer({ socket, endpoint: { host: address, port: one.port }, key: one.key, login, password, name });
      one.inUse = address;
      one.isLinked = true;
      one.problem = null;
      log.info('peer.dial', {
        peer: one.peer.key,
        endpoint: formatEndpoint(endpointAt({ host: address, port: one.port })),
      });
    } catch (error) {
      if (!(error instanceof MeshError)) throw error;
      one.inUse = address;
      one.problem = `peer ${one.peer.name ?? one.host}: ${error.message}`;
      log.warn('peer.refused', { peer: one.peer.key, reason: error.message });
    }
  }

  async function add(peer: PeerConfig, update: boolean): Promise<void> {
    const placed = placePeer(peer, peers(), update);
    if (!placed.ok) throw new MeshError('ERR_PEER', `${placed.problem}; ${placed.remedy}`);
    const one = dialled(placed.entry, clock.nowMs());
    if (one === null) throw new MeshError('ERR_PEER', 'the key or the endpoint of the peer cannot be dialled');
    const wrong = checkPeerAddress(textOf(one));
    if (wrong !== null) throw new MeshError('ERR_PEER', `${shorten(textOf(one))} ${inWords(wrong)}`);
    if (placed.isThere) return;
    const old = placed.replaces === null ? null : parsePublicKey(placed.replaces.key);
    if (old !== null) remove(old, textOf(one));
    all.push(one);
    // Names are asked for in the background: a resolver may take half a minute to say no.
    if (!isNumeric(one.host)) return void advance(one);
    await advance(one);
    if (one.problem === null) return;
    all = all.filter((other) => other !== one);
    // What worked till now goes on.
    if (placed.replaces !== null) await add(placed.replaces, false);
    throw new MeshError('ERR_PEER', one.problem);
  }

  function peers(): readonly PeerConfig[] {
    return all.map(({ peer }) => peer);
  }

  function remove(key: PublicKey, endpoint: string | null): boolean {
    const gone = all.filter((one) => equal(one.key, key) && (endpoint === null || textOf(one) === endpoint));
    all = all.filter((one) => !gone.includes(one));
    for (const { inUse, port } of gone) {
      if (inUse !== null) node.removePeer(key, formatHostPort({ host: inUse, port }));
    }
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
          key: one.key,
          endpoint: textOf(one),
          name: one.peer.name,
          reason: one.problem ?? `the name ${one.host} is being looked up`,
          ageMs: clock.nowMs() - one.sinceMs,
        })),
    warnings: () => all.map((one) => one.problem).filter((problem) => problem !== null),
    close: () => {
      isOpen = false;
      timer?.cancel();
    },
  };
}

function dialled(peer: PeerConfig, nowMs: number): Dialled | null {
  const key = parsePublicKey(peer.key);
  const at = hostPortOf(peer.endpoint);
  if (key === null || at === null) return null;
  const { host, port } = at;
  const untried = {
    addresses: [],
    next: 0,
    inUse: null,
    isLinked: false,
    nextLookupMs: 0,
    waitMs: 1000,
    problem: null,
  };
  return { peer, key, host, port, sinceMs: nowMs, ...untried };
}

/** `HOST:PORT` as it was configured. */
function textOf({ host, port }: Dialled): string {
  return formatHostPort({ host, port });
}

/** Why an address that a name leads to is not dialled: that of a stranger's zone file, so not even this machine (N7, N8). */
function whyNot(address: string, port: number): string | null {
  if (!isNumeric(address)) return 'is no address';
  if (isLoopback(address)) return 'is this very machine';
  return checkPeerAddress(formatHostPort({ host: address, port }))?.message ?? null;
}

function isNumeric(host: string): boolean {
  return isIp4(host) || isIp6(host);
}

async function resolveName(name: string): Promise<readonly string[]> {
  return (await lookup(name, { all: true })).map(({ address }) => address);
}

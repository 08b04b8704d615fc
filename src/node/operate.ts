/** What the operator, or the daemon for them, changes of a running node. */
import type { Clock, Rng } from '../base/index.ts';
import { type CryptoBackend, type Ip6, type PasswordLike, type PublicKey, usePassword } from '../crypto/index.ts';
import { createCredentials, type NewUser, type Users } from '../cryptoauth/index.ts';
import type { Discovery, Links, PeerToDial, SocketEndpoint } from '../link/index.ts';
import type { Engine } from '../packet/index.ts';
import type { Sessions } from '../session/index.ts';
import { createFirewall, type FirewallRule } from '../tun/index.ts';
import type { DataPath } from './data-path.ts';
import type { Schedule } from './schedule.ts';
import type { SupernodeEffects } from './supernode-effects.ts';
import type { WorkQueue } from './work.ts';

/** A peer to dial from one of our sockets. */
export type PeerOptions = Omit<PeerToDial, 'endpoints' | 'password'> & {
  readonly endpoint: SocketEndpoint;
  readonly password: PasswordLike | null;
  /** The same node is dialled at other places, too (`PeerToDial.endpoints`). */
  readonly hasSeveralWays?: boolean;
};

/** A neighbour in the local network, as its beacon has it. */
export type NeighbourOptions = {
  readonly endpoint: SocketEndpoint;
  readonly key: PublicKey;
  /** 20 bytes. */
  readonly password: Uint8Array;
};

/** What may be changed. */
export type Operate = {
  /** @throws MeshError ERR_PEER (own key, invalid key, table full, duplicate) */
  readonly addPeer: (options: PeerOptions) => void;
  /** A beacon told of a neighbour. @returns what became of it: a hint is all that a beacon is */
  readonly addNeighbour: (neighbour: NeighbourOptions) => Discovery;
  /** @param endpoint only the link that is, or was dialled, there (`192.0.2.7:21000`); absent: all links to the key. @returns false if there is none */
  readonly removePeer: (key: PublicKey, endpoint?: string) => boolean;
  /** Begins the handshake anew. @param key null: with all peers. @returns how many links that were */
  readonly resetPeer: (key: PublicKey | null) => number;
  /**
   * The network of this machine changed, or it `woke`: every peer is asked at once whether it is there, given up after a
   * second, and begun anew meanwhile. @param sleptMs how long the clock of the node stood, default 0
   */
  readonly networkChanged: (what: 'changed' | 'woke', sleptMs?: number) => void;
  /** Begins the handshake of a session anew. @returns false if there is none */
  readonly resetSession: (address: Ip6) => boolean;
  /** Other rules from now on, open flows stay open. @param rules null lets everything in */
  readonly setFirewall: (rules: readonly FirewallRule[] | null) => void;
  /** @throws MeshError ERR_USER (same login exists) */
  readonly addUser: (options: NewUser) => void;
  readonly removeUser: (login: string) => boolean;
  /** The supernodes that may be used, instead of those before; none: no supernode is used. */
  readonly setSupernodes: (keys: readonly PublicKey[]) => void;
};

/** What is operated on. */
export type OperateOptions = {
  readonly crypto: CryptoBackend;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly engine: Engine;
  readonly users: Users;
  readonly links: Links;
  readonly sessions: Sessions;
  readonly supernodes: SupernodeEffects;
  readonly path: DataPath;
  readonly schedule: Schedule;
  readonly queue: WorkQueue;
};

/** Makes the operations of a node. */
export function createOperate(options: OperateOptions): Operate {
  const { crypto, clock, rng, engine, users, links, sessions, supernodes, path, schedule, queue } = options;
  return {
    addPeer: ({ endpoint, key, login, password, name, hasSeveralWays = false }) => {
      const credentialsOf = (bytes: Uint8Array) => createCredentials(crypto, { login, password: bytes });
      const credentials = password === null ? null : usePassword(password, credentialsOf);
      links.dial({ endpoint, key, credentials, name, hasSeveralWays }, clock.nowMs());
      schedule.arm();
    },
    addNeighbour: ({ endpoint, key, password }) => {
      const credentials = createCredentials(crypto, { login: null, password });
      const discovery = links.discover({ endpoint, key, credentials }, clock.nowMs());
      schedule.arm();
      return discovery;
    },
    removePeer: (key, endpoint) => {
      const found = links.with(key, endpoint);
      for (const peer of found) queue.post({ type: 'links', effects: links.remove(peer) });
      return found.length > 0;
    },
    resetPeer: (key) => {
      const found = key === null ? [...links.peers.values()] : links.with(key);
      for (const peer of found) queue.post({ type: 'links', effects: links.reset(peer, clock.nowMs()) });
      return found.length;
    },
    networkChanged: (what, sleptMs = 0) =>
      queue.post({ type: 'links', effects: links.networkChanged(what, sleptMs, clock.nowMs()) }),
    resetSession: (address) => {
      const session = sessions.get(address);
      if (session !== null) queue.post({ type: 'sessions', effects: sessions.remove(session) });
      return session !== null;
    },
    setFirewall: (rules) => {
      // One that was off has not seen what was opened meanwhile.
      if (rules === null) return path.useFirewall(null);
      const firewall = path.firewall ?? createFirewall(engine.arena, rules, rng, clock.nowMs());
      firewall.setRules(rules);
      path.useFirewall(firewall);
    },
    addUser: (user) => void users.add(user),
    removeUser: (login) => users.remove(login),
    setSupernodes: (keys) => supernodes.configure(keys),
  };
}

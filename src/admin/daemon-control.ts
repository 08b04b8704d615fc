/** What the daemon around the node can do for the admin API: dialling by name, its sockets, taking a configuration over. */
import { MeshError } from '../base/index.ts';
import type { PublicKey } from '../crypto/index.ts';
import type { PeerToDial } from '../link/index.ts';

/** Somebody to dial whom the node has no link for: a name that leads nowhere, or a refusal. */
export type WaitingPeer = {
  readonly key: PublicKey;
  /** `HOST:PORT` as it was configured, and by which transport. */
  readonly endpoint: string;
  readonly transport: string;
  readonly name: string | null;
  readonly reason: string;
  readonly ageMs: number;
};

/** One underlay socket; the family is that of IP, null for raw Ethernet. */
export type InterfaceFacts = { readonly number: number; readonly name: string; readonly family: 4 | 6 | null };

/** What came of a new configuration: keys that took effect, keys that need a restart, and what did not work. */
export type ReloadReport = {
  readonly applied: readonly string[];
  readonly restart: readonly string[];
  readonly warnings: readonly string[];
};

/** The daemon, as the admin API sees it. */
export type DaemonControl = {
  /**
   * @param update who is dialled at the same endpoint, but otherwise, gives way
   * @throws MeshError ERR_PEER (own key, table full, dialled otherwise)
   */
  readonly addPeer: (peer: PeerToDial, update: boolean) => Promise<void>;
  /** Ends dialling and the link. @param endpoint null: all with this key. @returns false if there is none */
  readonly removePeer: (key: PublicKey, endpoint: string | null) => boolean;
  readonly waiting: () => readonly WaitingPeer[];
  readonly interfaces: () => readonly InterfaceFacts[];
  /**
   * Takes the reloadable part of a configuration over; the bytes are those of `renderReloadable` in config/.
   * @throws MeshError ERR_CONFIG: nothing was changed then
   */
  readonly reload: (bytes: Uint8Array) => Promise<ReloadReport>;
};

/** For a node without a daemon: simulations and tests. */
export const NO_DAEMON: DaemonControl = {
  addPeer: () => Promise.reject(new MeshError('ERR_PEER', 'there is no daemon around this node')),
  removePeer: () => false,
  waiting: () => [],
  interfaces: () => [],
  reload: () => Promise.reject(new MeshError('ERR_CONFIG', 'there is no daemon around this node')),
};

/** The configuration as the daemon uses it: plain, complete (defaults filled in), valid as far as the text alone can tell. */

import type { Password, PublicKey, SecretKey } from '../crypto/index.ts';
import type { NewUser } from '../cryptoauth/index.ts';
import type { PeerToDial } from '../link/index.ts';
import type { FirewallRule } from '../tun/index.ts';
import type { Endpoint, HostPort } from '../underlay/index.ts';

/** Somebody who may dial us. */
export type UserConfig = Omit<NewUser, 'password' | 'restrictedTo'> & { readonly password: Password };

/** The admin socket. A null password is `NONE`: everything is allowed, on loopback only; or it is in the file named. */
export type AdminConfig = HostPort & {
  readonly password: Password | null;
  readonly passwordFile: string | null;
  readonly readonlyPassword: Password | null;
};

/** Everything of the file. Secrets are inside: never log it. */
export type Config = {
  readonly identity: { readonly privateKey: SecretKey } | { readonly privateKeyFile: string };
  readonly tun: { readonly enabled: boolean; readonly name: string; readonly mtu: number };
  readonly listen: readonly Endpoint[];
  readonly lan: {
    readonly beacon: 'on' | 'listen' | 'off';
    readonly devices: readonly string[];
    readonly port: number;
  };
  readonly peers: readonly PeerToDial[];
  readonly accept: readonly UserConfig[];
  /** The supernodes that may be used; `checkKeys` sees whether these are keys of nodes. */
  readonly supernodes: readonly PublicKey[];
  readonly admin: AdminConfig;
  readonly firewall: { readonly inbound: 'deny' | 'allow'; readonly allow: readonly FirewallRule[] };
  readonly metrics: { readonly listen: HostPort | null };
  /** Who encrypts: the fastest that this machine has, or libsodium. */
  readonly crypto: 'auto' | 'libsodium';
  readonly user: string;
  readonly log: { readonly level: 'error' | 'warn' | 'info' | 'debug' };
  /** What an operator should know: keys without effect, an open admin socket. */
  readonly warnings: readonly string[];
};

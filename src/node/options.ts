/** What a node is made from, and what its maker gets. */
import type { Clock, Counters, Logger, Rng } from '../base/index.ts';
import type { CryptoBackend, Identity } from '../crypto/index.ts';
import type { NewUser } from '../cryptoauth/index.ts';
import type { Engine } from '../packet/index.ts';
import type { createRouter } from '../route/index.ts';
import type { FirewallRule } from '../tun/index.ts';
import type { Diagnose } from './diagnose.ts';
import type { Inspect } from './inspect.ts';
import type { Operate } from './operate.ts';

/** What a node is made from. */
export type NodeOptions = {
  readonly identity: Identity;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly engine: Engine;
  readonly crypto: CryptoBackend;
  readonly log: Logger;
  /** Rules of the inbound firewall; null = everything is let in. */
  readonly firewall: readonly FirewallRule[] | null;
  readonly users: readonly NewUser[];
  /** Handshake rules; default `hardened`. `stock` is for simulated nodes that behave as cjdns does. */
  readonly rules?: 'stock' | 'hardened';
  /** Another maker of routers: tests put a supernode, or a router that says less, in the place of ours. */
  readonly createRouter?: typeof createRouter;
};

/** A running node, as the administration and the daemon see it. */
export type NodeControl = Inspect & Diagnose & Operate;

/** A running node; sockets and TUN of the engine are watched once they are named to it. */
export type MeshNode = NodeControl & {
  /** Watches a socket of the engine. @param transport by what name its peers are shown (`udp`) */
  readonly useSocket: (socket: number, transport: string) => void;
  /** Watches the engine's TUN. */
  readonly useTun: () => void;
  /** Plays the packet path through once everything is open, so that it is proven and compiled before the first packet. */
  readonly rehearse: () => void;
  readonly counters: Counters;
  /** Ends timers, links and sessions; the engine is closed by whoever made it. Idempotent. */
  readonly close: () => void;
};

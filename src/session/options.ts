/** What the sessions of a node get from outside. */
import type { Counters, Rng } from '../base/index.ts';
import type { DataTable, Handshake } from '../channel/index.ts';
import type { CryptoBackend, Identity } from '../crypto/index.ts';

/** What the sessions are made from. */
export type SessionsOptions = {
  readonly identity: Identity;
  readonly crypto: CryptoBackend;
  readonly handshake: Handshake;
  readonly data: DataTable;
  readonly rng: Rng;
  readonly counters: Counters;
  readonly nowMs: number;
};

/** What the sessions of a node get from outside. */
import type { Counters, Rng } from '../base/index.ts';
import type { Identity } from '../crypto/index.ts';
import type { DataTable, Environment } from '../cryptoauth/index.ts';

/** What the sessions are made from. */
export type SessionsOptions = {
  readonly identity: Identity;
  readonly environment: Environment;
  readonly data: DataTable;
  readonly rng: Rng;
  readonly counters: Counters;
  readonly nowMs: number;
};

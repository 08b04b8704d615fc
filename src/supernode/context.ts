/** What the parts of a client share: the supernode in use, the queries, the moment, the effects of the event being handled. */
import type { Queries } from './queries.ts';
import type { ClientOptions, Effect, PeerView, Way } from './types.ts';

/** One client's common ground. `nowMs` and `effects` belong to the event being handled. */
export type Context = {
  readonly options: ClientOptions;
  readonly queries: Queries;
  /** The supernode in use. */
  inUse: (Way & { readonly sinceMs: number }) | null;
  /** Established direct peers, as of the last tick. */
  peers: readonly PeerView[];
  nowMs: number;
  effects: Effect[];
};

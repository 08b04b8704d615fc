/** One look at a whole node, or at a part of it. */
import type { Clock, Counters } from '../base/index.ts';
import type { DataTable } from '../channel/index.ts';
import type { Identity, PublicKey } from '../crypto/index.ts';
import type { Users } from '../cryptoauth/index.ts';
import type { Links } from '../link/index.ts';
import type { Engine } from '../packet/index.ts';
import type { Router } from '../route/index.ts';
import type { Sessions } from '../session/index.ts';
import type { SupernodeStatus } from '../supernode/index.ts';
import { PROTOCOL_VERSION } from '../wire/index.ts';
import type { DataPath } from './data-path.ts';
import { type PeerList, sessionSnapshot, waySnapshot } from './peer-view.ts';
import type { NodeSnapshot, PeerSnapshot, RehearsalStatus, WaySnapshot } from './snapshots.ts';
import type { SupernodeEffects } from './supernode-effects.ts';

/** What may be looked at. */
export type Inspect = {
  readonly inspect: () => NodeSnapshot;
  /** The peers alone, as `inspect` has them, without the price of the rest. */
  readonly peers: () => readonly PeerSnapshot[];
  /** The links to a peer, cheap enough to be asked for several times a second. */
  readonly ways: (key: PublicKey) => readonly WaySnapshot[];
  readonly supernodes: () => SupernodeStatus;
  readonly rehearsal: () => RehearsalStatus;
  readonly users: () => readonly { readonly login: string; readonly name: string | null }[];
};

/** Who is looked at. */
export type InspectOptions = {
  readonly identity: Identity;
  readonly clock: Clock;
  readonly engine: Engine;
  readonly counters: Counters;
  readonly users: Users;
  readonly data: DataTable;
  readonly links: Links;
  readonly sessions: Sessions;
  readonly router: Router;
  readonly supernodes: SupernodeEffects;
  readonly path: DataPath;
  readonly peers: PeerList;
  readonly rehearsal: { readonly status: RehearsalStatus };
};

/** Makes the views of a node that begins now. */
export function createInspect(options: InspectOptions): Inspect {
  const {
    identity,
    clock,
    engine,
    counters,
    users,
    data,
    links,
    sessions,
    router,
    supernodes,
    path,
    peers,
    rehearsal,
  } = options;
  const startedMs = clock.nowMs();
  return {
    inspect: () => {
      const nowMs = clock.nowMs();
      return {
        key: identity.publicKey,
        address: identity.address,
        protocol: PROTOCOL_VERSION,
        uptimeMs: nowMs - startedMs,
        engine: engine.kind,
        engineDetails: engine.describe(),
        peers: peers.list(),
        sessions: [...sessions.all].map((session) => sessionSnapshot(session, sessions, data, nowMs)),
        routes: router.snapshot(nowMs),
        tooFar: router.farNodes(),
        refused: links.refusals.list(),
        keptOut: path.keptOut.list().map(({ lastMs, ...one }) => ({ ...one, agoMs: nowMs - lastMs })),
        counters: counters.all(),
        supernodes: supernodes.status(),
        rehearsal: rehearsal.status,
      };
    },
    peers: () => peers.list(),
    ways: (key) => links.with(key).map((peer) => waySnapshot(peer, data)),
    supernodes: () => supernodes.status(),
    rehearsal: () => rehearsal.status,
    users: () => users.list().map(({ login, name }) => ({ login, name })),
  };
}

/** The parts of one node, made in the order in which they need each other: whoever is made later knows those before. */
import type { Clock, Counters } from '../base/index.ts';
import { createDataTable, type DataTable } from '../channel/index.ts';
import { createCryptoAuth, Users } from '../cryptoauth/index.ts';
import { createLinkStages, Links } from '../link/index.ts';
import { createRouter, type Router } from '../route/index.ts';
import { createSessionStages, Sessions } from '../session/index.ts';
import {
  createErrorLimiter,
  createForwarder,
  createInterfaceTable,
  type InterfaceTable,
  type PeerNumber,
} from '../switch/index.ts';
import { createFirewall, createIncoming, createOutgoing } from '../tun/index.ts';
import { PROTOCOL_VERSION } from '../wire/index.ts';
import { AdminQueries } from './admin-queries.ts';
import { CtrlFrames } from './ctrl-frames.ts';
import { DataPath } from './data-path.ts';
import { MAX_ROWS } from './limits.ts';
import { LinkEffects } from './link-effects.ts';
import { OpenRequests } from './open-requests.ts';
import type { NodeOptions } from './options.ts';
import { createOutbox } from './outbox.ts';
import { createPeerList, type PeerList } from './peer-view.ts';
import { Rates } from './rates.ts';
import { RouteEffects } from './route-effects.ts';
import { SessionEffects } from './session-effects.ts';
import { SupernodeEffects } from './supernode-effects.ts';
import { createTransmitter, type Transmitter } from './transmit.ts';
import type { WorkQueue } from './work.ts';

/** All parts of a node. */
export type Layers = {
  readonly users: Users;
  readonly data: DataTable;
  readonly interfaces: InterfaceTable;
  readonly links: Links;
  readonly sessions: Sessions;
  readonly router: Router;
  readonly control: CtrlFrames;
  readonly transmitter: Transmitter;
  readonly path: DataPath;
  readonly requests: OpenRequests;
  readonly adminQueries: AdminQueries;
  readonly rates: Rates;
  readonly peers: PeerList;
  /** Who performs what the layers want done. */
  readonly linkEffects: LinkEffects;
  readonly sessionEffects: SessionEffects;
  readonly routeEffects: RouteEffects;
  readonly supernodes: SupernodeEffects;
};

/** Builds them. Nothing is sent, and no timer begins, before the queue runs. */
export function buildLayers(options: NodeOptions, clock: Clock, counters: Counters, queue: WorkQueue): Layers {
  const { identity, rng, engine, crypto, log } = options;
  const nowMs = clock.nowMs();
  const keepers: { readonly forget: (number: PeerNumber) => void }[] = [];
  // Nothing that was kept of a peer by its number is held against, or given to, the next peer with that number.
  const interfaces = createInterfaceTable((number) => {
    for (const keeper of keepers) keeper.forget(number);
  });

  const users = new Users(crypto);
  for (const user of options.users) users.add(user);
  const data = createDataTable(engine, MAX_ROWS);
  const handshake = createCryptoAuth({ crypto, rng, identity, users, rules: options.rules ?? 'hardened' }, data);
  const shared = { identity, crypto, rng, handshake, data, counters, nowMs };
  const links = new Links({ ...shared, engine, interfaces });
  const sessions = new Sessions(shared);
  const routerOptions = { identity, crypto, rng, counters, protocol: PROTOCOL_VERSION };
  const router = (options.createRouter ?? createRouter)(routerOptions, nowMs);

  const linkStages = createLinkStages(engine.arena, links.table, data, handshake, counters);
  const limiter = createErrorLimiter();
  const outbox = createOutbox(engine, linkStages, counters);
  const transmitter = createTransmitter({ links, interfaces, outbox, limiter, counters, queue });
  const path = new DataPath({
    engine,
    clock,
    counters,
    log,
    links,
    linkStages,
    sessions,
    sessionStages: createSessionStages(engine.arena, sessions.table, data, handshake, counters),
    interfaces,
    forwarder: createForwarder(engine.arena, interfaces),
    outgoing: createOutgoing(engine.arena, sessions.table, identity.address),
    incoming: createIncoming(engine.arena, sessions.table, identity.address),
    firewall: options.firewall === null ? null : createFirewall(engine.arena, options.firewall, rng, nowMs),
    queue,
  });

  const control = new CtrlFrames({ clock, rng, counters, publicKey: identity.publicKey, links, queue });
  const linkEffects = new LinkEffects({ log, control, queue });
  const sessionEffects = new SessionEffects({ clock, counters, sessions, router, path, outbox, queue });
  const requests = new OpenRequests(clock);
  const routeEffects = new RouteEffects({ clock, sessions, sessionEffects, requests, queue });
  const adminQueries = new AdminQueries({ clock, rng, queue });
  const rates = new Rates(links.table, nowMs);
  const peers = createPeerList(links, data, rates, clock);
  const asking = { control, adminQueries, requests, queue };
  const supernodes = new SupernodeEffects({ identity, crypto, clock, rng, counters, log, peers, ...asking });
  keepers.push(limiter, control, linkEffects, sessionEffects, path, rates);
  return {
    users,
    data,
    interfaces,
    links,
    sessions,
    router,
    control,
    transmitter,
    path,
    requests,
    adminQueries,
    rates,
    peers,
    linkEffects,
    sessionEffects,
    routeEffects,
    supernodes,
  };
}

/**
 * The client of a supernode: a node that others announce their links to and that answers with routes.
 *
 * Promises: only supernodes of the configured list are ever used; a route from one is an unverified label like any other,
 * checked by `route/` before user data goes over it; every table is bounded, refused replies change nothing and are counted.
 * Pure: events in, effects out. The curve arithmetic of signatures is loaded when the first supernode is configured.
 * Refuses: to be a supernode, to answer `sq` queries, to use one that a peer names and the operator does not.
 * Follows protocol 09.
 */
export { createSupernodeClient, type SupernodeClient } from './client.ts';
export { MAX_SUPERNODES } from './limits.ts';
export { loadSigner } from './load.ts';
export type { Signer } from './signer.ts';
export { DROPS_UNIT, MAX_DROPS, RPATH_PROTOCOL, SLOT_MS, SLOTS } from './spec.ts';
export type { Effect as SupernodeEffect, Event as SupernodeEvent, PeerView, SupernodeStatus } from './types.ts';

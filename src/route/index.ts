/**
 * The router: who is where, over which label, and how well.
 *
 * Promises: stock nodes are answered exactly as they need it; no label from another node carries user data before somebody
 * with the right key has answered over it; paths are chosen by measured quality and replaced when they fail; every table
 * is bounded, and all control traffic has a budget. Pure: events in, effects out, the same seed gives the same run.
 * Refuses: to send anything itself, to trust what other nodes list, to answer supernode queries.
 * Follows protocol 08, 06 §2.6 for errors, 05 §3.4 for labels.
 */

export type { FarNode, TooFar } from './map/too-far.ts';
export { createRouter, type Router, type RouterGauges } from './router.ts';
export type { RouteEntry } from './snapshot.ts';
export type { Effect, Event, RouterOptions, TraceStep } from './types.ts';

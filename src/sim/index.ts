/**
 * The simulated world: real nodes on a virtual clock, over links that delay, lose and reorder, with cryptography that
 * costs nothing. Thousands of nodes fit into one process.
 *
 * Promises: the node that runs here is the one of the daemon; the same seed gives the same run, byte for byte; forged
 * frames are refused as in earnest.
 * Refuses: to be used with real secrets: the simulated backend hides nothing. To read the clock of the machine.
 * Follows docs/simulation.md; there is no protocol document for it.
 */
export type { ChurnTimes } from './churn.ts';
export { DEFAULTS, type ExperimentOptions, type Rate, type Report, runExperiment } from './experiment.ts';
export { COUNTED_AT_S, type FailureReport } from './failure.ts';
export { type Flow, Flows } from './flows.ts';
export type { Lookup, Lookups } from './lookups.ts';
export { adjacencyOf, sessionLabel } from './map.ts';
export type { Adjacency, Hop, Optimum } from './optimum.ts';
export { createSeededRng, type SeededRng } from './seeded-rng.ts';
export type { SimulatedEngineOptions } from './simulated-engine.ts';
export { type Figures, figuresOf, tableHead, tableLine } from './table.ts';
export { type Edge, type Graph, makeTopology, TOPOLOGIES, type Topology } from './topologies.ts';
export type { Kind } from './traffic-meter.ts';
export { type Datagram, goodLink, type LinkConditions } from './underlay.ts';
export { type Running, World, type WorldOptions } from './world.ts';

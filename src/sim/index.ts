/**
 * The simulated world: real nodes on a virtual clock, over links that delay, lose and reorder, with cryptography that
 * costs nothing. Thousands of nodes fit into one process.
 *
 * Promises: the node that runs here is the one of the daemon; the same seed gives the same run, byte for byte; forged
 * frames are refused as in earnest.
 * Refuses: to be used with real secrets: the simulated backend hides nothing. To read the clock of the machine.
 * Follows docs/simulation.md; there is no protocol document for it.
 */
export { CHURN, type ChurnTimes, massFailure, startChurn } from './churn.ts';
export { DEFAULTS, type ExperimentOptions, type Rate, type Report, runExperiment } from './experiment.ts';
export { COUNTED_AT_S, type FailureReport, measureFailure } from './failure.ts';
export { type Flow, Flows } from './flows.ts';
export { type Lookup, type Lookups, measureLookups, Observer } from './lookups.ts';
export { adjacencyOf, follow, sessionLabel } from './map.ts';
export { type Adjacency, directorBits, type Hop, type Optimum, optimum } from './optimum.ts';
export { createSeededRng, type SeededRng } from './seeded-rng.ts';
export { createSimulatedBackend, simulatedIdentity } from './simulated-backend.ts';
export { SimulatedEngine, type SimulatedEngineOptions } from './simulated-engine.ts';
export { hostAddress, hostOf } from './simulated-sockets.ts';
export { quantile, share } from './statistics.ts';
export { type Figures, figuresOf, tableHead, tableLine } from './table.ts';
export { type Edge, type Graph, makeTopology, TOPOLOGIES, type Topology } from './topologies.ts';
export { KINDS, type Kind, TrafficMeter } from './traffic-meter.ts';
export { type Datagram, goodLink, type LinkConditions, Underlay } from './underlay.ts';
export { readUserPacket, userPacket } from './user-packet.ts';
export { VirtualClock } from './virtual-clock.ts';
export { type Running, World, type WorldOptions } from './world.ts';

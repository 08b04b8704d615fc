/**
 * One node: every layer wired together, without an operating system. `createNode` is given time, randomness, an engine
 * and crypto; a thousand of them run in one process (`sim/`).
 *
 * Promises: what a layer wants from another is an effect that is performed here and nowhere else.
 * Refuses: to open files, sockets or devices, to read the clock of the machine.
 * Follows protocol 00 §1 (layers) and ARCHITECTURE.md.
 */
export type {
  AdminAnswer,
  AdminQuery,
  FindResult,
  LabelAnswer,
  PingAnswer,
  PingLabelOptions,
  PingOutcome,
  TraceHop,
} from './answers.ts';
export { createNode } from './node.ts';
export type { PeerOptions } from './operate.ts';
export type { MeshNode, NodeControl, NodeOptions } from './options.ts';
export type * from './snapshots.ts';
export { NODE_ARENA } from './vectors.ts';

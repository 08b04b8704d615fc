/**
 * One node: every layer wired together, without an operating system. `createNode` is given time, randomness, an engine
 * and crypto; a thousand of them run in one process (`sim/`).
 *
 * Promises: what a layer wants from another is an effect that is performed here and nowhere else.
 * Refuses: to open files, sockets or devices, to read the clock of the machine.
 * Follows protocol 00 §1 (layers) and ARCHITECTURE.md.
 */
export type * from './inspect.ts';
export { createNode } from './node.ts';
export type { MeshNode, NodeOptions } from './options.ts';
export { NODE_ARENA } from './vectors.ts';

/**
 * Packet memory: the arena, descriptors, and the `Engine` type that moves and encrypts whole vectors of packets.
 *
 * Promises: after set-up nothing is allocated per packet; only integers cross into native code.
 * Refuses: to know what a packet means. Layouts live in `wire/`, decisions in the layers.
 * Follows ARCHITECTURE.md, "How a packet travels"; there is no protocol document for it.
 */
export * from './arena.ts';
export type { DescriptorIndex } from './descriptor.ts';
export * as descriptor from './descriptor.ts';
export type { Engine, NetworkSource, Source, TunOptions } from './engine.ts';
export type { BeaconPort, Ethernet, EthernetBeacon } from './ethernet.ts';
export { POISON, poisonFreed } from './poison.ts';

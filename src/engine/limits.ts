/** The numbers of the engines, each with its reason. */

/** Packets that wait for us in the device; twice the kernel's default for TUN. */
export const TUN_QUEUE_PACKETS = 1000;

/** How often an engine that is told of no changes looks at the devices: a few system calls. */
export const NETWORK_LOOK_MS = 2_000;

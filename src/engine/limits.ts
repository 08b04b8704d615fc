/** The numbers of the engines, each with its reason. */

/** Beacons that wait for us, about a hundred with what the kernel adds: as many neighbours may begin at once. */
export const BEACON_BUFFER_BYTES = 1 << 16;

/** Devices of raw Ethernet that may be named, as in native/ethernet.h: one for each peer, and as many to listen at. */
export const MAX_DEVICES = 512;

/** Packets that wait for us in the device; twice the kernel's default for TUN. */
export const TUN_QUEUE_PACKETS = 1000;

/** How often an engine that is told of no changes looks at the devices: a few system calls. */
export const NETWORK_LOOK_MS = 2_000;

/** Bounds and habits of the simulated world, each with its reason. */

/** Datagrams that wait at one socket; a kernel drops too. The node drains a socket at each wake-up, so more is a fault. */
export const SOCKET_QUEUE = 1024;

/** Packets that wait to be read from a simulated TUN. */
export const TUN_QUEUE = 512;

/** Largest datagram; nothing the node makes comes near it. */
export const MAX_DATAGRAM_BYTES = 2048;

/** Size classes of datagram buffers: most packets are pings and router messages. */
export const BUFFER_CLASSES = [256, 512, MAX_DATAGRAM_BYTES] as const;

/** A link with a rate limit holds this much traffic back before it drops. */
export const RATE_QUEUE_MS = 200;

/** A reordered datagram is late by up to this many latencies of its link. */
export const REORDER_DELAY = 2;

/** The port of everybody. */
export const UNDERLAY_PORT = 21000;

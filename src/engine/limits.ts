/** The numbers of the engines, each with its reason. */

/** Packets that wait for us in the device; twice the kernel's default for TUN. */
export const TUN_QUEUE_PACKETS = 1000;

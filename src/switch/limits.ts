/** Our own numbers for the switch, each with its reason. What the wire prescribes is in spec.ts. */

/**
 * Errors per second and arriving interface, as a long-term mean. Behind one interface there may be hundreds of flows
 * that all break with the same link, and each sender must hear of it within a second. At 280 bytes an error this is
 * 56 kB/s at most, whatever flood of bad labels comes in.
 */
export const ERRORS_PER_SECOND = 200;

/** Errors at once: all flows of a busy link learn of its failure with their next packet. */
export const ERROR_BURST = 400;

/**
 * One label earns at most one error in this time. Without this a fast flow (10000 packets/s) would use up the budget of
 * its interface, and a slow flow beside it would hear of the failure by luck only. Short enough that a lost error is
 * repeated long before the two seconds of silence that count as failure otherwise.
 */
export const SAME_LABEL_PAUSE_MS = 100;

/** Labels remembered for SAME_LABEL_PAUSE_MS: more than ERROR_BURST, so that a burst of distinct ones does not collide much. */
export const REMEMBERED_LABELS = 1024;

/**
 * Bit of the congestion field with which our switches mark a packet that they sent back to where it came from: one such turn is
 * what searches of stock nodes need, more are a bounce. Errors made by switches have the value 1 there, nobody else reads it (protocol 05 §1).
 */
export const TURNED = 0x40;

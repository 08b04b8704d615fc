/** Our own numbers for control frames, each with its reason. */

/** Answers per second and arriving interface; the suggestion of protocol 06 §4, far above what 100 honest pingers ask. */
export const ANSWERS_PER_SECOND = 100;

/** Answers at once, for the moment when a link comes up and everybody behind it asks (protocol 06 §4). */
export const ANSWER_BURST = 200;

/**
 * Pings waiting for their answer. Stock has 50 per pinger; ours serves all links and paths: 256 links with up to 8 each
 * (one every 250 ms for 2 s), and as many again to measure paths. About 300 bytes each. A full table refuses new pings
 * instead of forgetting old ones, so that answers on their way still count; timeouts empty it again.
 */
export const MAX_OUTSTANDING = 4096;

/** Longest time a ping may wait: beyond it no path is worth using, and the slot is needed. */
export const MAX_TIMEOUT_MS = 60_000;

/** The numbers of discovery in the local network, each with its reason. */

/** A device that is new is told of us at once and again soon: radios lose broadcasts, and bridges are slow to learn ... */
export const EARLY_BEACONS_MS = [0, 1_000, 3_000, 7_000, 15_000] as const;
/** ... and from then on this often, as stock nodes do (protocol 04 §9.3), each time a little sooner or later. */
export const BEACON_EVERY_MS = 32_000;
export const BEACON_JITTER = 0.1;

/** Beacons looked at, per second and at once: a segment of hundred nodes that start together is heard whole. */
export const BEACONS_PER_SECOND = 100;
export const BEACON_BURST = 200;

/** A flood is told of this often. */
export const FLOOD_TOLD_MS = 60_000;

/** Senders that are kept for people to see, the newest. */
export const MAX_HEARD = 32;
/** Devices used at most, beside those that are named: each costs a beacon every half minute. */
export const MAX_DEVICES = 16;

/** Bytes of a beacon password (protocol 04 §9.1). */
export const BEACON_PASSWORD_BYTES = 20;

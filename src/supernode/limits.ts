/** Our own numbers for the client of a supernode, each with its reason. */

/** Supernodes of the list: one is used at a time, a few are spares. */
export const MAX_SUPERNODES = 16;

/** Candidates being asked whether they are there: one for each way that peers may name while the first is silent. */
export const MAX_CANDIDATES = 4;

/** Ways that did not answer, not tried again in the same round through the peers: 256 peers name one each. */
export const MAX_FAILED_WAYS = 256;

/** Routes asked for at once: as many as a router has searches; one more is refused, and searched by the mesh alone. */
export const MAX_ROUTE_QUERIES = 64;

/** The same route is not asked for again so soon: whoever waits for it says so several times a second. */
export const ROUTE_PAUSE_MS = 1_000;

/** Targets whose last question is remembered for that. */
export const MAX_ROUTE_PAUSES = 256;

/** Without any peer nobody can be asked; looked at again after this time, so that the first peer is asked at once. */
export const NO_PEERS_MS = 500;

/** All queries under way: routes, candidates, one announcement, one question about the way to the supernode itself. */
export const MAX_QUERIES = MAX_ROUTE_QUERIES + MAX_CANDIDATES + 4;

/** When a better way to the supernode is asked for, after it was found: first when it may know our links, then rarely. */
export const IMPROVE_MS: readonly number[] = [5_000, 15_000, 60_000, 300_000];

/** The end of the year 9999: a time behind it is no time, and arithmetic with it would lose milliseconds. */
export const MAX_TIME_MS = 253_402_300_799_999;

/** Announcements kept for the state hash. A quiet node keeps a handful; beyond this both sides begin anew. */
export const MAX_KEPT = 128;

/** A peer that has not told how it reaches us is asked again after this time (protocol 06 §3: stock repeats every 3 s). */
export const REVERSE_RETRY_MS = 3_000;

/** ... and one that has told, as its interfaces may be numbered anew when it restarts. */
export const REVERSE_AGAIN_MS = 10 * 60_000;

/** Largest number of a slot that is announced: 5 bytes as a varint, so that 18 slots fit into an item of 255 bytes. */
export const MAX_SLOT_VALUE = 0xffff_ffff;

/** The numbers of the dialler, each with its reason. */

/** Between the places of one peer: RFC 8305 §5, "Connection Attempt Delay". A link within a continent is up before it ends. */
export const STAGGER_MS = 250;
/** After the first is up: whoever was dialled one turn later has had as long as the first then, and their round trips count. */
export const COMPARE_MS = 250;
/** Old and new beside each other (protocol 04 §4.5): routing at both ends measures the new one and moves over within this time. */
export const HOLD_MS = 5_000;
/** How much longer a round trip over IPv6 may be and still be the better: no NAT on the way that forgets it. */
export const IP6_BONUS_MS = 3;
/**
 * A way that is up is doubted after this many pings without a sign of life, and one more for each 250 ms of its round trip:
 * under traffic they go so often ...
 */
export const DOUBT_PINGS = 2;
/** ... and after so many without an answer though something is heard: one direction may be dead, and two of them may be lost. */
export const DOUBT_OPEN_PINGS = 3;
export const DOUBT_ROUND_TRIP_MS = 250;
/** While something is under way the links are looked at so often ... */
export const RACE_LOOK_MS = 50;
/** ... and so often otherwise, where there is anywhere else to go: a busy link takes a second to be dead. */
export const LOOK_MS = 250;
/** After a change of network: links that stood on the former one have been pinged without an answer, and are down, by then. */
export const LOST_AFTER_MS = 2_000;
/** Links beside the first of each peer, at most, all peers together: a quarter of the interface numbers of a node. */
export const MAX_SPARE_WAYS = 64;
/** So long a place is tried where there is no number for the next one beside it. */
export const ROUND_MS = 10_000;

/** How often names of peers that are not connected are asked for: often enough for a new address, kind to DNS. */
export const RESOLVE_EVERY_MS = 10_000;
/** First pause after a lookup that failed; it doubles. */
export const FIRST_RESOLVE_WAIT_MS = 1_000;
/** Longest pause between lookups of a name that does not resolve. */
export const MAX_RESOLVE_WAIT_MS = 60_000;
/** Places of one peer that are dialled, addresses of its names among them. */
export const MAX_PLACES = 8;

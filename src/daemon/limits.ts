/** Our own numbers for the daemon, each with its reason. */

/** How often peers that are host names and not connected are looked at: often enough for a new address, kind to DNS. */
export const RESOLVE_EVERY_MS = 10_000;
/** Longest pause between lookups of a name that does not resolve. */
export const MAX_RESOLVE_WAIT_MS = 60_000;
/** Addresses of one name that are tried in turn. */
export const MAX_ADDRESSES = 8;
/** Time for the last reply of the admin socket to leave, before everything closes. */
export const STOP_DELAY_MS = 50;
/** Log lines kept until the log is there. */
export const MAX_EARLY_LINES = 256;
/** The mesh is fc00::/8, and all of it is routed to the TUN. */
export const MESH_PREFIX_LENGTH = 8;

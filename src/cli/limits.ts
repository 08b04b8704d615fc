/** The numbers of the commands, each with its reason. */

/** What a slow function may take on top of its own timeout. */
export const MARGIN_MS = 2000;

/** Pages read at most; the daemon has no table that needs more. */
export const MAX_PAGES = 4096;

/** How often it is asked whether the link is up: nobody notices a seventh of a second. */
export const COMES_UP_POLL_MS = 150;

/** How long doctor waits for what the network says: a machine that is not there is known to be so after 3 s. */
export const KNOCK_MS = 3500;

/** ... and so many at a time: each has two sockets. */
export const MAX_KNOCKS = 32;

/** A search of a mesh that heals takes seconds (protocol 08 §9). */
export const FIND_TIMEOUT_MS = 10_000;

/** How long to wait for the link; it is dialled on whatever happens. */
export const JOIN_WAIT_MS = 3_000;

/** A stream ends after 30 s without a call (protocol 10 §1.2). */
export const KEEP_ALIVE_MS = 8_000;

/** So long the daemon has to answer while somebody completes a line. */
export const HURRY_MS = 300;

/** Pings of one call: eleven days at one a second. */
export const MAX_COUNT = 1_000_000;

/** Again and again: kernels say little a second (RFC 1812 §4.3.2.8), and the daemon knocks at the same door. */
export const PROBE_AGAIN_MS = 300;

/** The daemon promises to be gone within two seconds. */
export const PATIENCE_MS = 3000;

/** How often it is looked whether the daemon is gone. */
export const LOOK_EVERY_MS = 50;

/** The daemon asks hop by hop, and each may need a second try. */
export const TRACE_TIMEOUT_MS = 10_000;

/** The numbers of the node itself, each with its reason. */

/** Descriptors of a vector: large enough to share the cost of a call, small enough for the cache (ARCHITECTURE.md, "How a packet travels"). */
export const VECTOR = 128;
/** Vectors handled per wake-up before the event loop gets its turn: timers stay within 5 ms of their time. */
export const ROUNDS = 2;

/** Timers this late mean that this machine was busy ... */
export const LATE_MS = 50;
/** ... and wait once more, while the sockets are read. */
export const CATCH_UP_MS = 50;

/**
 * CTRL pings of peers wait this long for an answer. Stock gives them up after 2 s (protocol 04 §7); ours are lost once a
 * later one was answered, so that an answer which waited in a busy machine still counts.
 */
export const PING_TIMEOUT_MS = 10_000;
/** Long ones are given up sooner: a lost one says all that it can within a second, and each takes more than a kilobyte. */
export const LONG_PING_TIMEOUT_MS = 2_000;
/** A later ping of a peer that was sent within this time proves nothing: packets change places. */
export const REORDER_MS = 100;

/** AUTHENTICATION errors sent per second and at once (protocol 02 §11.1); they are only hints. */
export const AUTH_ERRORS_PER_SECOND = 10;
export const AUTH_ERROR_BURST = 20;

/** ERROR frames listened to per second and at once: they can be forged by any node on the way (protocol 06 §2.6). */
export const SWITCH_ERRORS_PER_SECOND = 100;
export const SWITCH_ERROR_BURST = 500;

/** A node out of reach is looked for this often while programs try to reach it; so many of them are told apart. */
export const FAR_WANTED_MS = 1_000;
export const FAR_WANTED = 256;

/** TCP over a path that loses packets of the least MTU of IPv6: segments of 536 bytes, what all hosts take (RFC 9293 §3.7.1). */
export const LEAST_TCP_MTU = 536 + 60;

/** Routing hears this often at most that a path in use works. */
export const PATH_GOOD_MS = 250;
/** Cost of a peer is told to routing when it changed by this share, and this often at most. */
export const COST_CHANGE = 0.05;

/** After data was sent to a peer its link and the sessions are looked at again after this time. */
export const BUSY_LOOK_MS = 100;

/** Rows of the data table: a channel has two while it changes keys; 256 peers and 4096 sessions. */
export const MAX_ROWS = 2 * (256 + 4096) + 64;

/** A route that a supernode gave is verified within this time, or not believed: three tries of a slow path. */
export const VERIFY_ROUTE_MS = 5_000;

/** How long a configured supernode is looked for in the mesh: a round through the peers takes as long, at least. */
export const SEEK_SUPERNODE_MS = 10_000;

/** A peer is asked about its supernode and about its label to us this long (protocol 06 §3). */
export const ASK_PEER_MS = 3_000;

/** Pages of a peer's list of peers that are read to find ourselves in it: 128 peers. */
export const MAX_PEER_PAGES = 16;

/** Callers that wait for a route from a supernode: as many as requests may be open. */
export const MAX_ROUTE_WAITERS = 1_024;

/** Open questions at most; one more is answered with "no answer" at once. */
export const MAX_OPEN = 1024;

/** Data sent to a peer is reported again after this time. */
export const TRAFFIC_REPORT_MS = 200;

/** Open at a time; one more is answered with "no answer" at once. */
export const MAX_OPEN_QUERIES = 64;

/** Rates are taken over at least this time. */
export const RATES_WINDOW_MS = 2_000;

/**
 * Packets of the rehearsal. V8 compiles a function after some 130 KB of its bytecode were run; these take two or
 * three seconds.
 */
export const REHEARSAL_PACKETS = 20_000;
/** How long a slice may keep everything else waiting, a ping through three nodes as well, and how long it waits then. */
export const REHEARSAL_SLICE_MS = 1;
export const REHEARSAL_EVERY_MS = 5;
/** Packets of the larger vectors. */
export const REHEARSAL_VECTOR = 16;

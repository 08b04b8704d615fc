/** The numbers of the session layer, each with its reason. */

/** Sessions at most; the one that was silent longest gives way. A session costs about 2 KiB. */
export const MAX_SESSIONS = 4096;

/** Handles of hellos that are not proven yet: as many as CryptoAuth keeps answered. */
export const MAX_PENDING_HANDLES = 4;

/** Packets that wait for one destination: a TCP connection's first window. */
export const WAITING_PACKETS = 32;
/** Destinations that may have packets waiting (protocol 07 §3.2 has 30). */
export const WAITING_DESTINATIONS = 256;
/** Older packets are dropped: whoever sent them has given up or repeats. */
export const WAITING_MS = 10_000;

/** A session nobody used or heard for this long is removed (protocol 07 §3.4). */
export const FORGET_MS = 120_000;

/** User data within this time keeps a session active: its path is watched and its handshake pursued. */
export const ACTIVE_MS = 10_000;

/** An unfinished handshake that user data waits for is repeated after these waits, then at the last one. */
export const HANDSHAKE_RETRY_MS = [200, 300, 500, 1_000] as const;

/** Silence under traffic after which the path in use is checked by a question over it, again after as long ... */
export const DOUBT_MS = 500;
/** ... which from this silence on goes in a hello: the other side may have restarted and lost the keys ... */
export const RESTART_MS = 1_000;
/** ... and after which it counts as broken (design "Failover"). */
export const SILENT_MS = 2_000;

/** New hellos of one node that may cost key exchanges, per second and at once: a genuine one begins two at most. */
export const HANDSHAKES_PER_SECOND = 10;
export const HANDSHAKE_BURST = 20;
/**
 * Router messages of one session that are looked at, questions and answers together, per second and at once: a search asks one
 * node a few times, a train of pings is 16 (protocol 08 §7 suggests 50 answers/s). Reading one costs as much as 20 packets of data.
 */
export const MESSAGES_PER_SECOND = 100;
export const MESSAGE_BURST = 400;
/** New sessions made for strangers who say hello through the mesh, per second. */
export const STRANGERS_PER_SECOND = 100;
export const STRANGER_BURST = 200;

/** Sessions are looked at this often while one is active or something waits ... */
export const TICK_MS = 100;
/** ... and this often otherwise. */
export const IDLE_TICK_MS = 5_000;
/** A destination that packets wait for is asked for again after this time. */
export const WANT_PATH_MS = 500;

/** The longest packet of a session is taken over the last two windows of this length. */
export const SIZE_WINDOW_MS = 2_500;

/** Loss of a session is taken over this time, once that many packets were due. */
export const LOSS_WINDOW_MS = 1_000;
export const LOSS_MIN_PACKETS = 20;

/** Our own numbers for CryptoAuth, each with its reason. What the wire prescribes is in spec.ts. */

/** Users who may connect: every handshake packet is compared with all of them in constant time, 1024 take 2 microseconds. */
export const MAX_USERS = 1024;

/** Bytes of a login: what a person types; the wire carries its hash only. */
export const MAX_LOGIN_BYTES = 255;

/** 32-bit words of the replay window of a row. 64 words are 2048 places, of which the oldest word is being reused. */
export const WINDOW_WORDS = 64;

/** Packets may come this many places late: a burst of 1 Gbit/s over paths that differ by 20 ms. */
export const WINDOW_PLACES = (WINDOW_WORDS - 1) * 32;

/** Rows of a fresh data table; it doubles when full. 16 rows hold a small node. */
export const FIRST_ROWS = 16;

/** Answered hellos kept beside the newest one: whoever wants to push out a real handshake needs more recorded ones. */
export const MAX_ANSWERED = 3;

/** Temporary keys of used-up hellos that an association remembers: at one restart a minute, a quarter of an hour. */
export const MAX_SPENT_HELLOS = 16;

/** Hello keys waiting to be called used up; more can only be replays of older sessions, so the oldest go first. */
export const MAX_HEARD_HELLOS = 8;

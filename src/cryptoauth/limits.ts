/** Our own numbers for CryptoAuth, each with its reason. What the wire prescribes is in spec.ts. */

/** Users who may connect: every handshake packet is compared with all of them in constant time, 1024 take 2 microseconds. */
export const MAX_USERS = 1024;

/** Bytes of a login: what a person types; the wire carries its hash only. */
export const MAX_LOGIN_BYTES = 255;

/** Answered hellos kept beside the newest one: whoever wants to push out a real handshake needs more recorded ones. */
export const MAX_ANSWERED = 3;

/** Temporary keys of used-up hellos that an association remembers: at one restart a minute, a quarter of an hour. */
export const MAX_SPENT_HELLOS = 16;

/** Hello keys waiting to be called used up; more can only be replays of older sessions, so the oldest go first. */
export const MAX_HEARD_HELLOS = 8;

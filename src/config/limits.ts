/** Our own numbers for the configuration, each with its reason. */

/** A configuration with hundreds of peers has 100 KB; more is a mistake or a bomb (abuse case D8). */
export const MAX_FILE_BYTES = 1024 * 1024;

/** Our schema is four levels deep; the parser recurses, so deeper nesting is refused before it starts (abuse case D8). */
export const MAX_NESTING = 50;

/** Problems shown at once; the rest follows from the first ones more often than not. */
export const MAX_PROBLEMS = 20;

/** A node with more configured peers or users than this should be several nodes. */
export const MAX_LIST_ENTRIES = 10_000;

/** Passwords outside 1 to 64 bytes make v22 nodes abort (protocol 01 §8). */
export const MAX_PASSWORD_BYTES = 64;

/** Logins and names are shown in tables and sent over the admin API: keep them to a line. */
export const MAX_NAME_BYTES = 64;

/** Linux: IFNAMSIZ without its final zero. */
export const MAX_DEVICE_NAME_BYTES = 15;

/** IPv6 needs 1280; a TUN slot of the arena holds 2 KiB with headroom, of which this leaves a margin. */
export const TUN_MTU = { min: 1280, max: 1800 } as const;

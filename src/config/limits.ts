/** Our own numbers for the configuration, each with its reason. */

/** A configuration with hundreds of peers has 100 KB; more is a mistake or a bomb (abuse case D8). */
export const MAX_FILE_BYTES = 1024 * 1024;

/** Things that are open at a time in YAML (our schema is four levels deep), or brackets in JSON (abuse case D8). */
export const MAX_NESTING = 50;

/** Problems shown at once; the rest follows from the first ones more often than not. */
export const MAX_PROBLEMS = 20;

/** Entries of a list: as many users as `cryptoauth/` keeps, and four times the links that a node can have. */
export const MAX_LIST_ENTRIES = 1024;

/** Addresses to listen at: an engine has 64 sockets, and the dialler needs one for each of the two families. */
export const MAX_LISTEN = 62;

/** Passwords that a configuration can have: one an entry of both lists, and two for the admin socket. */
export const MAX_CUTS = 2 * MAX_LIST_ENTRIES + 2;

/** Keys of a map: the largest of the schema has 13, and a file with 64 wrong ones is no configuration (abuse case D8). */
export const MAX_SECTION_KEYS = 64;

/**
 * Words of a file, as the lexer of YAML counts them, blanks and line ends among them: each may cost 15 µs. A file with
 * all the peers and users that are allowed has 70 000.
 */
export const MAX_WORDS = 100_000;

/** Values of a configuration as `reload` sends it: with all the peers and users that are allowed it has 14 000. */
export const MAX_VALUES = 16_384;

/** Mistakes that are collected; what one costs (a suggestion, a sentence) must not be paid for each line of a bomb. */
export const MAX_COLLECTED_PROBLEMS = 200;

/** Passwords outside 1 to 64 bytes make v22 nodes abort (protocol 01 §8). */
export const MAX_PASSWORD_BYTES = 64;

/** Logins and names are shown in tables and sent over the admin API: keep them to a line. */
export const MAX_NAME_BYTES = 64;

/** IPv6 needs 1280; a TUN slot of the arena holds 2 KiB with headroom, of which this leaves a margin. */
export const TUN_MTU = { min: 1280, max: 1800 } as const;

/** An invitation is 200 bytes; a list of public peers as JSON, which `join` takes, too, has some kB. */
export const MAX_INVITATION_BYTES = 64 * 1024;

/** Remarks of `import` on what was not taken over: more than a person reads. */
export const MAX_REMARKS = 100;

/** Links on the way to a file; the kernel follows 40. */
export const MAX_LINKS = 40;

/** A file with a private key or a password: 64 digits and a line end, with room for blanks. */
export const MAX_SECRET_FILE_BYTES = 4096;

/** Bytes that are looked at for the end of a value: blanks and a comment may follow it. */
export const MAX_VALUE_BYTES = 1024;

/** Brackets inside brackets in a stock configuration; its own have six. */
export const MAX_DEPTH = 32;

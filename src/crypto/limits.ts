/** Our own numbers for keys and passwords, each with its reason. */

/** Each try succeeds with 1/256: (255/256)^16384 is below 10^-27. */
export const MAX_GENERATION_TRIES = 16_384;

/** An empty password protects nothing, and v22 hashes it wrongly (protocol 01 §8). */
export const MIN_PASSWORD_BYTES = 1;

/** v22 aborts on longer ones (protocol 01 §8). */
export const MAX_PASSWORD_BYTES = 64;

/** The longest text form of an IPv6 address: six groups and a dotted IPv4 part. */
export const MAX_TEXT_LENGTH = 45;

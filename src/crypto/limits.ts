/** Our own numbers for keys and passwords, each with its reason. */

/** Each try succeeds with 1/256: (255/256)^16384 is below 10^-27. */
export const MAX_GENERATION_TRIES = 16_384;

/** An empty password protects nothing, and v22 hashes it wrongly (protocol 01 §8). */
export const MIN_PASSWORD_BYTES = 1;

/** v22 aborts on longer ones (protocol 01 §8). */
export const MAX_PASSWORD_BYTES = 64;

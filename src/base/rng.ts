/** Randomness as a parameter: the operating system's in the daemon, a seeded one in tests (design rule 1). */

/** A source of random bytes. */
export type Rng = {
  /** `count` fresh random bytes (0 to 65536). */
  readonly bytes: (count: number) => Uint8Array;
};

/** A uniform number in [0, 1). */
export function randomFraction(rng: Rng): number {
  const bytes = rng.bytes(6);
  let value = 0;
  for (const byte of bytes) value = value * 256 + byte;
  return value / 2 ** 48;
}

/** A uniform integer in [0, below); `below` at most 2^32. */
export function randomBelow(rng: Rng, below: number): number {
  return Math.floor(randomFraction(rng) * below);
}

/** `valueMs` changed by up to +-`share` (0.1 = 10 %), so that timers of many nodes do not march in step. */
export function jittered(rng: Rng, valueMs: number, share = 0.1): number {
  return valueMs * (1 + share * (2 * randomFraction(rng) - 1));
}

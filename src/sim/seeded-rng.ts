/**
 * Random numbers from a seed: xoshiro128** (Blackman and Vigna), its state filled by splitmix32. Not for secrets.
 * The same seed gives the same bytes; different streams of one seed are independent.
 */
import type { Rng } from '../base/index.ts';

/** A seeded source; besides bytes it gives what simulations need often, without an array. */
export type SeededRng = Rng & {
  /** 32 random bits, unsigned. */
  readonly next: () => number;
  /** Uniform in [0, 1). */
  readonly fraction: () => number;
  /** A uniform integer in [0, below). */
  readonly below: (below: number) => number;
  /** Exponentially distributed with this mean. */
  readonly exponential: (mean: number) => number;
  /** Shuffles a list in place and returns it. */
  readonly shuffle: <T>(list: T[]) => T[];
};

/**
 * Makes a source.
 * @param seed any 32-bit integer
 * @param stream distinguishes sources of one run: node number, purpose
 */
export function createSeededRng(seed: number, stream = 0): SeededRng {
  let splitmix = Math.imul(seed, 0x9e37_79b1) ^ Math.imul(stream + 1, 0x85eb_ca6b);
  const fill = (): number => {
    splitmix = (splitmix + 0x9e37_79b9) | 0;
    let mixed = Math.imul(splitmix ^ (splitmix >>> 16), 0x21f0_aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a_2d97);
    return mixed ^ (mixed >>> 15);
  };
  let a = fill();
  let b = fill();
  let c = fill();
  let d = fill() | 1;

  const next = (): number => {
    const times5 = Math.imul(b, 5);
    const result = Math.imul((times5 << 7) | (times5 >>> 25), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    return result;
  };
  const fraction = (): number => next() / 2 ** 32;
  const below = (limit: number): number => Math.floor(fraction() * limit);
  return {
    next,
    fraction,
    below,
    bytes: (count) => {
      const bytes = new Uint8Array(count);
      for (let at = 0; at < count; at += 4) {
        const word = next();
        for (let i = 0; i < 4 && at + i < count; i++) bytes[at + i] = word >>> (8 * i);
      }
      return bytes;
    },
    exponential: (mean) => -mean * Math.log(1 - fraction()),
    shuffle: (list) => {
      for (let left = list.length - 1; left > 0; left--) {
        const other = below(left + 1);
        [list[left], list[other]] = [list[other] as (typeof list)[number], list[left] as (typeof list)[number]];
      }
      return list;
    },
  };
}

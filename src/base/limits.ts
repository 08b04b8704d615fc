/** Our own numbers for the tools of this folder, each with its reason. */

/** Bounds of a bencoded message. */
export type BencodeLimits = {
  /** Lists and dictionaries inside one another. */
  readonly maxDepth: number;
  /** Values and keys in all. */
  readonly maxItems: number;
  /** Bytes of input looked at; longer input is refused. */
  readonly maxBytes: number;
};

/** Stock messages nest four deep at most; protocol 08 §1.1 asks for 8. A message fits one UDP datagram. */
export const BENCODE_LIMITS: BencodeLimits = { maxDepth: 8, maxItems: 4096, maxBytes: 65_536 };

/** Digits of a length prefix, padding included: stock pads to 8 characters, so 16 is generous. */
export const MAX_LENGTH_DIGITS = 16;

/** Digits of an integer: 2^64 has 20; longer ones only cost time. */
export const MAX_INTEGER_DIGITS = 20;

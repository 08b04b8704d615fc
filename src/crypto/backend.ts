/**
 * Everything a handshake needs from cryptography, behind one type: noble here (reference and fallback), native given
 * the addon as a parameter. Data packets use `Engine.seal` and `open` instead. Source: protocol 02 §1.
 */

/** Primitives of CryptoAuth. All functions are total on inputs of the stated lengths. */
export type CryptoBackend = {
  readonly name: 'noble' | 'native' | 'simulated';
  /** X25519 with the base point. @param privateKey 32 bytes, clamped inside */
  readonly publicKeyOf: (privateKey: Uint8Array) => Uint8Array;
  /** X25519. @returns 32 bytes, or null for a low-order or zero point (refused, never thrown) */
  readonly sharedPoint: (privateKey: Uint8Array, publicKey: Uint8Array) => Uint8Array | null;
  /** HSalsa20 of `point` with a zero input: the second half of NaCl's `crypto_box_beforenm`. */
  readonly hsalsa: (point: Uint8Array) => Uint8Array;
  /** XSalsa20-Poly1305, tag first: `message.length + 16` bytes. @param nonce 24 bytes */
  readonly sealBox: (key: Uint8Array, nonce: Uint8Array, message: Uint8Array) => Uint8Array;
  /** The reverse; null when the tag is wrong or `box` is shorter than 16 bytes. */
  readonly openBox: (key: Uint8Array, nonce: Uint8Array, box: Uint8Array) => Uint8Array | null;
  readonly sha256: (message: Uint8Array) => Uint8Array;
  readonly sha512: (message: Uint8Array) => Uint8Array;
};

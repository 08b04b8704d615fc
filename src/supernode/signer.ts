/**
 * Signatures by which announcements prove the key, and so the address, of a node: Ed25519 with the X25519 private key as
 * the scalar. Source: protocol 09 §3.
 *
 * The key that verifies is a point of the Edwards form of the curve; the same point in the Montgomery form, x = (1 + y) / (1 - y),
 * is the public key of the node. Loads the curve arithmetic: imported by load.ts only.
 */
import { ed25519 } from '@noble/curves/ed25519.js';
import { concat, copy, type Rng } from '../base/index.ts';
import type { CryptoBackend, SecretKey } from '../crypto/index.ts';

/** Signs in the name of one node. */
export type Signer = {
  /** What verifies, 32 bytes. */
  readonly signingKey: Uint8Array;
  /** 64 bytes over `message`. */
  readonly sign: (message: Uint8Array) => Uint8Array;
};

const SALT_BYTES = 32;
const { Point } = ed25519;
const { Fn } = Point;

/** The signer of a node. @param crypto hashes; @param rng so that no nonce is used for two messages */
export function createSigner(privateKey: SecretKey, crypto: Pick<CryptoBackend, 'sha512'>, rng: Rng): Signer {
  const scalar = Fn.create(numberOf(clamped(privateKey.bytes)));
  const signingKey = Point.BASE.multiply(scalar).toBytes();
  const reduced = (...parts: readonly Uint8Array[]): bigint => Fn.create(numberOf(crypto.sha512(concat(...parts))));

  function sign(message: Uint8Array): Uint8Array {
    const salted = crypto.sha512(concat(privateKey.bytes, rng.bytes(SALT_BYTES)));
    const nonce = reduced(salted.subarray(32), message);
    const commitment = Point.BASE.multiply(nonce).toBytes();
    const challenge = reduced(commitment, signingKey, message);
    return concat(commitment, Fn.toBytes(Fn.add(nonce, Fn.mul(challenge, scalar))));
  }

  return { signingKey, sign };
}

/** The scalar that X25519 makes of a private key. */
function clamped(key: Uint8Array): Uint8Array {
  const bytes = copy(key);
  bytes[0] = (bytes[0] ?? 0) & 0xf8;
  bytes[31] = ((bytes[31] ?? 0) & 0x3f) | 0x40;
  return bytes;
}

/** Little endian, as all numbers of this curve. */
function numberOf(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

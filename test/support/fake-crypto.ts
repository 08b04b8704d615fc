/**
 * A crypto backend without curves, for simulations of thousands of handshakes: same lengths, forged tags refused, points
 * of low order refused, no security at all. A public key is the private key with all bits flipped; what two keys share is
 * the hash of both.
 */
import { createHash } from 'node:crypto';
import { compare, concat, equal, isZero } from '../../src/base/index.ts';
import type { CryptoBackend } from '../../src/crypto/index.ts';

const TAG_BYTES = 16;

/** The one key besides zero that `sharedPoint` refuses. */
export const LOW_ORDER_KEY = Uint8Array.from({ length: 32 }, (_, index) => (index === 0 ? 1 : 0));

/** Makes the backend; it has no state. */
export function createFakeBackend(): CryptoBackend {
  return {
    name: 'simulated',
    publicKeyOf: flipped,
    sharedPoint: (privateKey, publicKey) => {
      if (isZero(publicKey) || equal(publicKey, LOW_ORDER_KEY)) return null;
      const ours = flipped(privateKey);
      return compare(ours, publicKey) < 0 ? hash(ours, publicKey) : hash(publicKey, ours);
    },
    hsalsa: (point) => hash(Uint8Array.of(1), point),
    sealBox: (key, nonce, message) => concat(tagOf(key, nonce, message), masked(key, nonce, message)),
    openBox: (key, nonce, box) => {
      if (box.length < TAG_BYTES) return null;
      const message = masked(key, nonce, box.subarray(TAG_BYTES));
      return equal(tagOf(key, nonce, message), box.subarray(0, TAG_BYTES)) ? message : null;
    },
    sha256: (message) => hash(message),
    sha512: (message) => new Uint8Array(createHash('sha512').update(message).digest()),
  };
}

function flipped(key: Uint8Array): Uint8Array {
  return key.map((byte) => byte ^ 0xff);
}

function hash(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = createHash('sha256');
  for (const part of parts) whole.update(part);
  return new Uint8Array(whole.digest());
}

function tagOf(key: Uint8Array, nonce: Uint8Array, message: Uint8Array): Uint8Array {
  return hash(Uint8Array.of(2), key, nonce, message).subarray(0, TAG_BYTES);
}

function masked(key: Uint8Array, nonce: Uint8Array, message: Uint8Array): Uint8Array {
  const mask = hash(Uint8Array.of(3), key, nonce);
  return message.map((byte, index) => byte ^ (mask[index % mask.length] ?? 0));
}

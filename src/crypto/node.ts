/**
 * X25519 and hashes by `node:crypto`, the rest by noble: ten times faster handshakes where libsodium is missing.
 * Node takes keys only in their ASN.1 wrapping, which for X25519 is a constant in front of the 32 bytes (RFC 8410).
 */
import { createHash, createPrivateKey, createPublicKey, diffieHellman, type KeyObject } from 'node:crypto';
import { concat, copy, fromLatin1 } from '../base/index.ts';
import type { CryptoBackend } from './backend.ts';
import { createNobleBackend } from './noble.ts';

/** SEQUENCE { version 0, SEQUENCE { id-X25519 }, OCTET STRING { OCTET STRING 32 } } */
const PKCS8_PREFIX = fromLatin1('\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x6e\x04\x22\x04\x20');
/** SEQUENCE { SEQUENCE { id-X25519 }, BIT STRING 32 } */
const SPKI_PREFIX = fromLatin1('\x30\x2a\x30\x05\x06\x03\x2b\x65\x6e\x03\x21\x00');

/** Makes the backend; it has no state. Its name stays `noble`, whose results it must equal. */
export function createNodeBackend(): CryptoBackend {
  return {
    ...createNobleBackend(),
    publicKeyOf,
    sharedPoint,
    sha256: (message) => digest('sha256', message),
    sha512: (message) => digest('sha512', message),
  };
}

function privateKeyObject(privateKey: Uint8Array): KeyObject {
  const der = concat(PKCS8_PREFIX, privateKey);
  try {
    return createPrivateKey({ key: Buffer.from(der.buffer), format: 'der', type: 'pkcs8' });
  } finally {
    der.fill(0);
  }
}

function publicKeyOf(privateKey: Uint8Array): Uint8Array {
  const spki = createPublicKey(privateKeyObject(privateKey)).export({ format: 'der', type: 'spki' });
  return copy(spki, SPKI_PREFIX.length);
}

function sharedPoint(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array | null {
  const der = concat(SPKI_PREFIX, publicKey);
  const theirs = createPublicKey({ key: Buffer.from(der.buffer), format: 'der', type: 'spki' });
  try {
    return copy(diffieHellman({ privateKey: privateKeyObject(privateKey), publicKey: theirs }));
  } catch {
    // OpenSSL refuses a result of zero, that is, a point of low order.
    return null;
  }
}

function digest(algorithm: 'sha256' | 'sha512', message: Uint8Array): Uint8Array {
  return copy(createHash(algorithm).update(message).digest());
}

/**
 * The reference backend: pure JavaScript, slow (an X25519 takes about a millisecond) and easy to trust.
 * Imported only by `loadNobleBackend` and `node.ts`, so that a daemon with native code never loads it.
 */
import { hsalsa, xsalsa20poly1305 } from '@noble/ciphers/salsa.js';
import { x25519 } from '@noble/curves/ed25519.js';
import { sha256, sha512 } from '@noble/hashes/sha2.js';
import type { CryptoBackend } from './backend.ts';

/** "expand 32-byte k", the constant of Salsa20 with 32-byte keys. */
const SIGMA = Uint32Array.of(0x61707865, 0x3320646e, 0x79622d32, 0x6b206574);
const TAG_BYTES = 16;

/** Makes the backend; it has no state. */
export function createNobleBackend(): CryptoBackend {
  return {
    name: 'noble',
    publicKeyOf: (privateKey) => x25519.scalarMultBase(privateKey),
    sharedPoint,
    hsalsa: hsalsaOf,
    sealBox: (key, nonce, message) => xsalsa20poly1305(key, nonce).encrypt(message),
    openBox,
    sha256: (message) => sha256(message),
    sha512: (message) => sha512(message),
  };
}

function sharedPoint(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array | null {
  try {
    return x25519.scalarMult(privateKey, publicKey);
  } catch {
    // The library throws for points of low order; both lengths are given by our types.
    return null;
  }
}

function openBox(key: Uint8Array, nonce: Uint8Array, box: Uint8Array): Uint8Array | null {
  if (box.length < TAG_BYTES) return null;
  try {
    return xsalsa20poly1305(key, nonce).decrypt(box);
  } catch {
    // A wrong tag is the one thing that is left to throw for.
    return null;
  }
}

/** HSalsa20 works on little-endian words. */
function hsalsaOf(point: Uint8Array): Uint8Array {
  const view = new DataView(point.buffer, point.byteOffset, point.byteLength);
  const key = Uint32Array.from({ length: 8 }, (_, word) => view.getUint32(4 * word, true));
  const words = new Uint32Array(8);
  hsalsa(SIGMA, key, new Uint32Array(4), words);
  const out = new DataView(new ArrayBuffer(32));
  words.forEach((value, word) => void out.setUint32(4 * word, value, true));
  return new Uint8Array(out.buffer);
}

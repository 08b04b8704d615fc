/**
 * A `CryptoBackend` without curves: the same lengths and the same refusals for a hundredth of the time. No secrecy.
 *
 * What holds: both ends of a key agreement get the same point; a forged, damaged or foreign box is refused; the zero
 * key is refused; everything is a function of its inputs. What does not: anybody who sees two public keys knows their point.
 *
 * `sha512` always begins with 0xfc, so that by construction every key has an address in fc00::/8 (protocol 01 §2) and a
 * thousand identities need no search.
 */
import type { Rng } from '../base/index.ts';
import { type CryptoBackend, type Identity, identityOf, SecretKey } from '../crypto/index.ts';
import { digest, openBox, sealBox } from './checksum-box.ts';

/** Purposes of `digest`. */
const PUBLIC = 1;
const POINT = 2;
const HSALSA = 3;
const SHA256 = 4;
const SHA512 = 5;

const KEY_BYTES = 32;
const MESH_PREFIX = 0xfc;

/** Makes the backend; it has no state. */
export function createSimulatedBackend(): CryptoBackend {
  return {
    name: 'simulated',
    publicKeyOf,
    sharedPoint,
    hsalsa: (point) => digest(HSALSA, point, KEY_BYTES),
    sealBox,
    openBox,
    sha256: (message) => digest(SHA256, message, 32),
    sha512,
  };
}

/** A fresh identity at the first try. @param backend a simulated one; with a real one most keys give null */
export function simulatedIdentity(backend: CryptoBackend, rng: Rng): Identity {
  for (;;) {
    const identity = identityOf(backend, new SecretKey(rng.bytes(KEY_BYTES)));
    if (identity !== null) return identity;
  }
}

function publicKeyOf(privateKey: Uint8Array): Uint8Array {
  const publicKey = digest(PUBLIC, privateKey, KEY_BYTES);
  // As with X25519 the top bit is 0 (protocol 01 §4).
  publicKey[KEY_BYTES - 1] = (publicKey[KEY_BYTES - 1] as number) & 0x7f;
  return publicKey;
}

/** Symmetric in the two public keys: sums and exclusive ors, byte by byte. */
function sharedPoint(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array | null {
  const own = publicKeyOf(privateKey);
  const both = new Uint8Array(2 * KEY_BYTES);
  let any = 0;
  for (let at = 0; at < KEY_BYTES; at++) {
    const mine = own[at] as number;
    const theirs = publicKey[at] as number;
    any |= theirs;
    both[at] = mine + theirs;
    both[KEY_BYTES + at] = mine ^ theirs;
  }
  return any === 0 ? null : digest(POINT, both, KEY_BYTES);
}

function sha512(message: Uint8Array): Uint8Array {
  const hash = digest(SHA512, message, 64);
  hash[0] = MESH_PREFIX;
  return hash;
}

/** The identity of a node: private key, public key, address. Source: protocol 01 §1, §2. */
import { MeshError, type Rng } from '../base/index.ts';
import { addressOf, type Ip6 } from './address.ts';
import type { CryptoBackend } from './backend.ts';
import { MAX_GENERATION_TRIES } from './limits.ts';
import { asPublicKey, type PublicKey } from './public-key.ts';
import { SECRET_KEY_BYTES, SecretKey } from './secret-key.ts';

/** One node's keys; the address is in fc00::/8. */
export type Identity = { readonly privateKey: SecretKey; readonly publicKey: PublicKey; readonly address: Ip6 };

/** The identity that belongs to `privateKey`; null if its address is not in fc00::/8. */
export function identityOf(backend: CryptoBackend, privateKey: SecretKey): Identity | null {
  const publicKey = asPublicKey(backend.publicKeyOf(privateKey.bytes));
  const address = publicKey === null ? null : addressOf(backend, publicKey);
  return publicKey === null || address === null ? null : { privateKey, publicKey, address };
}

/**
 * Draws private keys until one gives an address in fc00::/8: 256 tries on average.
 * @throws MeshError ERR_RNG if none does within 16384 (chance below 10^-27: the random source is broken)
 */
export function generateIdentity(backend: CryptoBackend, rng: Rng): Identity & { readonly tries: number } {
  for (let tries = 1; tries <= MAX_GENERATION_TRIES; tries++) {
    const bytes = rng.bytes(SECRET_KEY_BYTES);
    const privateKey = new SecretKey(bytes);
    bytes.fill(0);
    const identity = identityOf(backend, privateKey);
    if (identity !== null) return { ...identity, tries };
    privateKey.wipe();
  }
  throw new MeshError('ERR_RNG', 'no usable key found', 'Check the random source of this system.');
}

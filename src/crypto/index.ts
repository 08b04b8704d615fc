/**
 * Keys, addresses, passwords, and the one `CryptoBackend` through which all handshakes compute.
 *
 * Promises: keys of low order, the zero key and keys outside fc00::/8 are refused with null; private keys are never
 * printed; every backend gives the same results. `PublicKey` and `Ip6` are 32 and 16 bytes by type.
 * Refuses: to keep state, to draw random numbers itself, to load a library before it is asked for.
 * Follows protocol 01 (identity), 02 §1 (primitives) and §3 (passwords).
 */
export * from './address.ts';
export type { CryptoBackend } from './backend.ts';
export * from './identity.ts';
export { MAX_PASSWORD_BYTES, MIN_PASSWORD_BYTES } from './limits.ts';
export * from './load.ts';
export * from './native.ts';
export * from './node-address.ts';
export * from './password.ts';
export * from './password-box.ts';
export * from './public-key.ts';
export * from './secret-key.ts';

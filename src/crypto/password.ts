/** Passwords: what goes into the keys, and how a packet says which one is meant. Source: protocol 01 §8, 02 §3. */
import { copy } from '../base/index.ts';
import type { CryptoBackend } from './backend.ts';
import { MAX_PASSWORD_BYTES, MIN_PASSWORD_BYTES } from './limits.ts';

/** Bytes of a lookup in a handshake header. */
export const LOOKUP_BYTES = 7;

/** 1 to 64 bytes: v22 aborts on longer passwords and mishandles the empty one. */
export function isPasswordAllowed(password: Uint8Array): boolean {
  return password.length >= MIN_PASSWORD_BYTES && password.length <= MAX_PASSWORD_BYTES;
}

/** The 32 bytes mixed into the key agreement. @param password UTF-8 of the text */
export function passwordSecret(backend: CryptoBackend, password: Uint8Array): Uint8Array {
  return backend.sha256(password);
}

/** Lookup of auth type 1: 7 bytes of the password's double hash. */
export function lookup1(backend: CryptoBackend, password: Uint8Array): Uint8Array {
  return lookupFrom(backend.sha256(backend.sha256(password)));
}

/** Lookup of auth type 2: 7 bytes of the login's hash. */
export function lookup2(backend: CryptoBackend, login: Uint8Array): Uint8Array {
  return lookupFrom(backend.sha256(login));
}

/** Byte 0 of the hash gives way to the auth type. */
function lookupFrom(hash: Uint8Array): Uint8Array {
  return copy(hash, 1, 1 + LOOKUP_BYTES);
}

/** What we show to be let in: the password, and the login if there is one. Source: protocol 02 §3. */
import { MeshError, utf8 } from '../base/index.ts';
import type { Credentials } from '../channel/index.ts';
import {
  type CryptoBackend,
  isPasswordAllowed,
  lookup1,
  lookup2,
  MAX_PASSWORD_BYTES,
  passwordSecret,
  SecretKey,
} from '../crypto/index.ts';
import { cryptoAuthHeader } from '../wire/index.ts';
import { MAX_LOGIN_BYTES } from './limits.ts';

/**
 * Prepares a password, with a login (type 2) or without (type 1).
 * @throws MeshError ERR_PASSWORD, ERR_LOGIN for a password or login that is empty or too long
 */
export function createCredentials(
  crypto: CryptoBackend,
  given: { readonly login: string | null; readonly password: Uint8Array },
): Credentials {
  checkPassword(given.password);
  const secret = secretOf(crypto, given.password);
  if (given.login === null) {
    return { authType: cryptoAuthHeader.AUTH.password, lookup: lookup1(crypto, given.password), secret };
  }
  checkLogin(given.login);
  return { authType: cryptoAuthHeader.AUTH.login, lookup: lookup2(crypto, utf8(given.login)), secret };
}

/** The password's share of the keys, in a box that does not print. */
export function secretOf(crypto: CryptoBackend, password: Uint8Array): SecretKey {
  const bytes = passwordSecret(crypto, password);
  const secret = new SecretKey(bytes);
  bytes.fill(0);
  return secret;
}

/** @throws MeshError ERR_PASSWORD unless it has 1 to 64 bytes (protocol 01 §8) */
export function checkPassword(password: Uint8Array): void {
  if (isPasswordAllowed(password)) return;
  const message = `a password has 1 to ${MAX_PASSWORD_BYTES} bytes, this one ${password.length}`;
  throw new MeshError('ERR_PASSWORD', message, 'Choose another password; stock nodes cannot use this one.');
}

/** @throws MeshError ERR_LOGIN unless it has 1 to 255 bytes */
export function checkLogin(login: string): void {
  const { length } = utf8(login);
  if (length >= 1 && length <= MAX_LOGIN_BYTES) return;
  throw new MeshError('ERR_LOGIN', `a login has 1 to ${MAX_LOGIN_BYTES} bytes, this one ${length}`);
}

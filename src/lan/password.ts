/**
 * The password that our beacons carry. Made of the private key and not of chance: neighbours go on with it when we start
 * again, where a stock node waits for the next beacon (protocol 04 §9.1, last paragraphs). It protects nothing.
 */
import { concat, utf8 } from '../base/index.ts';
import type { CryptoBackend, SecretKey } from '../crypto/index.ts';
import { BEACON_PASSWORD_BYTES } from './limits.ts';

/** The login that stock nodes of v22 present with it. */
export const LAN_LOGIN = 'Local Peers';

/** 20 bytes; nothing of the key can be told from them. */
export function beaconPassword(crypto: CryptoBackend, privateKey: SecretKey): Uint8Array {
  const input = concat(utf8('fcmesh beacon password'), privateKey.bytes);
  const hash = crypto.sha512(input);
  input.fill(0);
  return hash.slice(0, BEACON_PASSWORD_BYTES);
}

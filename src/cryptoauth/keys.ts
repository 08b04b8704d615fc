/** Shared secrets, and the boxes of data packets. Source: protocol 02 §1.1, §2.2. */
import { type Rng, writeU32 } from '../base/index.ts';
import { NONCE_OFFSET } from '../channel/index.ts';
import { type CryptoBackend, SECRET_KEY_BYTES, SecretKey } from '../crypto/index.ts';
import { cryptoAuthHeader } from '../wire/index.ts';
import { BOX_NONCE_BYTES } from './spec.ts';

/** A key pair for one handshake. */
export type TemporaryPair = { readonly secret: SecretKey; readonly publicKey: Uint8Array };

/** Draws a temporary key pair: 32 bytes from `rng`. */
export function temporaryPair(crypto: CryptoBackend, rng: Rng): TemporaryPair {
  const secret = boxed(rng.bytes(SECRET_KEY_BYTES));
  return { secret, publicKey: crypto.publicKeyOf(secret.bytes) };
}

/** X25519 of our private and their public key; null for a point of low order (protocol 02 §1.1: refuse to go on). */
export function sharedPoint(crypto: CryptoBackend, ours: SecretKey, theirs: Uint8Array): SecretKey | null {
  const point = crypto.sharedPoint(ours.bytes, theirs);
  return point === null ? null : boxed(point);
}

/**
 * The secret of a handshake packet. With a password the point is hashed directly, HSalsa20 does not come in.
 * @param password 32 bytes of the sender's credentials, null without
 */
export function handshakeSecret(crypto: CryptoBackend, point: SecretKey, password: SecretKey | null): SecretKey {
  if (password === null) return boxed(crypto.hsalsa(point.bytes));
  const both = new Uint8Array(2 * SECRET_KEY_BYTES);
  both.set(point.bytes, 0);
  both.set(password.bytes, SECRET_KEY_BYTES);
  const secret = boxed(crypto.sha256(both));
  both.fill(0);
  return secret;
}

/** The secret of data packets, from the two temporary keys, never with a password; null for a point of low order. */
export function dataSecret(crypto: CryptoBackend, ours: SecretKey, theirs: Uint8Array): SecretKey | null {
  const point = sharedPoint(crypto, ours, theirs);
  if (point === null) return null;
  const secret = handshakeSecret(crypto, point, null);
  point.wipe();
  return secret;
}

/** The box nonce of a data packet: its counter, little endian, at the place of the side that seals. */
export function dataNonce(counter: number, sealedBy: keyof typeof NONCE_OFFSET): Uint8Array {
  const nonce = new Uint8Array(BOX_NONCE_BYTES);
  new DataView(nonce.buffer).setUint32(NONCE_OFFSET[sealedBy], counter, true);
  return nonce;
}

/** A data packet: counter, tag, encrypted payload. @param initiator did we send the hello? */
export function sealData(
  crypto: CryptoBackend,
  secret: SecretKey,
  initiator: boolean,
  counter: number,
  payload: Uint8Array,
): Uint8Array {
  const box = crypto.sealBox(secret.bytes, dataNonce(counter, initiator ? 'initiator' : 'responder'), payload);
  const packet = new Uint8Array(4 + box.length);
  writeU32(packet, 0, counter);
  packet.set(box, 4);
  return packet;
}

/** The payload of a data packet; null when the tag is wrong. @param initiator did we send the hello? */
export function openData(
  crypto: CryptoBackend,
  secret: SecretKey,
  initiator: boolean,
  packet: Uint8Array,
): Uint8Array | null {
  const counter = cryptoAuthHeader.nonceFieldOf(packet);
  if (counter === null) return null;
  return crypto.openBox(secret.bytes, dataNonce(counter, initiator ? 'responder' : 'initiator'), packet.subarray(4));
}

/** Moves 32 bytes into a box that does not print, and wipes where they came from. */
function boxed(bytes: Uint8Array): SecretKey {
  const secret = new SecretKey(bytes);
  bytes.fill(0);
  return secret;
}

/** Making and reading handshake packets: admission by the clear header, then the box. Source: protocol 02 §2.1, §3. */
import { copy, equal } from '../base/index.ts';
import { addressOf, type SecretKey } from '../crypto/index.ts';
import { cryptoAuthHeader, type HandshakeHeader } from '../wire/index.ts';
import { ERROR, type ErrorNumber } from './errors.ts';
import { handshakeSecret } from './keys.ts';
import { BOX_NONCE_BYTES, TEMPORARY_KEY_BYTES } from './spec.ts';
import type { Context } from './state.ts';
import type { User } from './users.ts';

/** Lookup (7) and reserved A (2): what stock senders fill with random bytes when there are no credentials. */
const FILLER_BYTES = 9;
const LOOKUP_BYTES = 7;

/**
 * Writes a handshake packet. Draws the handshake nonce (24 bytes), then without credentials the filler of the
 * authentication field (9 bytes).
 * @param nonceField 0 to 3
 * @param point X25519 of our permanent key and, for hellos, the peer's permanent one, for keys its temporary one
 */
export function sealHandshake(
  context: Context,
  nonceField: number,
  point: SecretKey,
  temporaryKey: Uint8Array,
  payload: Uint8Array,
): Uint8Array {
  const { crypto, rng, identity, credentials } = context;
  const nonce = rng.bytes(BOX_NONCE_BYTES);
  const header = { nonceField, nonce, publicKey: identity.publicKey, reservedB: 0, ...authFields(context) };
  const plain = new Uint8Array(TEMPORARY_KEY_BYTES + payload.length);
  plain.set(temporaryKey, 0);
  plain.set(payload, TEMPORARY_KEY_BYTES);
  const secret = handshakeSecret(crypto, point, credentials?.secret ?? null);
  const box = crypto.sealBox(secret.bytes, nonce, plain);
  secret.wipe();
  const packet = new Uint8Array(cryptoAuthHeader.CLEAR_SIZE + box.length);
  cryptoAuthHeader.emit(header, packet);
  packet.set(box, cryptoAuthHeader.CLEAR_SIZE);
  return packet;
}

function authFields({ rng, credentials }: Context): Pick<HandshakeHeader, 'authType' | 'lookup' | 'reservedA'> {
  if (credentials !== null) return { authType: credentials.authType, lookup: credentials.lookup, reservedA: 0 };
  const filler = rng.bytes(FILLER_BYTES);
  const [high = 0, low = 0] = filler.subarray(LOOKUP_BYTES);
  return {
    authType: cryptoAuthHeader.AUTH.none,
    lookup: copy(filler, 0, LOOKUP_BYTES),
    reservedA: (high << 8) | low,
  };
}

/** Let in: by whom, null for nobody in particular. */
export type Admission =
  | { readonly ok: true; readonly user: User | null }
  | { readonly ok: false; readonly error: ErrorNumber };

/** The four checks before any decryption, in the order of protocol 02 §3. */
export function admit(context: Context, header: HandshakeHeader): Admission {
  if (!equal(header.publicKey, context.peerKey)) return { ok: false, error: ERROR.WRONG_PERM_PUBKEY };
  const user = context.users.find(header.authType, header.lookup);
  if (user !== null && isRestricted(context, user)) return { ok: false, error: ERROR.IP_RESTRICTED };
  if (user === null && context.requireAuth) return { ok: false, error: ERROR.AUTH_REQUIRED };
  if (user === null && header.authType !== cryptoAuthHeader.AUTH.none) {
    return { ok: false, error: ERROR.UNRECOGNIZED_AUTH };
  }
  return { ok: true, user };
}

function isRestricted({ crypto, peerKey }: Context, user: User): boolean {
  if (user.restrictedTo === null) return false;
  const address = addressOf(crypto, peerKey);
  return address === null || !equal(address, user.restrictedTo);
}

/** What a handshake packet contains. */
export type Content = { readonly peerEphemeral: Uint8Array; readonly payload: Uint8Array };

/** Opens the box; null when the tag is wrong. @param user whose password the packet was sealed with, null without */
export function openHandshake(
  { crypto }: Context,
  header: HandshakeHeader,
  packet: Uint8Array,
  point: SecretKey,
  user: User | null,
): Content | null {
  const secret = handshakeSecret(crypto, point, user?.secret ?? null);
  const plain = crypto.openBox(secret.bytes, header.nonce, packet.subarray(cryptoAuthHeader.CLEAR_SIZE));
  secret.wipe();
  if (plain === null || plain.length < TEMPORARY_KEY_BYTES) return null;
  return { peerEphemeral: copy(plain, 0, TEMPORARY_KEY_BYTES), payload: copy(plain, TEMPORARY_KEY_BYTES) };
}

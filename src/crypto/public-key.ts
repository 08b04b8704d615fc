/** Public keys: a type of their own, and their text form. Source: protocol 01 §1, §4. */
import { copy, decodeBase32, encodeBase32, isZero } from '../base/index.ts';

declare const brand: unique symbol;

/** An X25519 public key: 32 bytes, not all zero. That it gives an fc address is `addressOf`'s to say. */
export type PublicKey = Uint8Array & { readonly [brand]: 'PublicKey' };

/** Bytes of a public key. */
export const PUBLIC_KEY_BYTES = 32;
/** Characters of its text form. */
export const PUBLIC_KEY_TEXT_LENGTH = 54;

const SUFFIX = '.k';

/** A copy of `bytes` as a public key; null if they are not 32 or all zero. */
export function asPublicKey(bytes: Uint8Array): PublicKey | null {
  return bytes.length === PUBLIC_KEY_BYTES && !isZero(bytes) ? (copy(bytes) as PublicKey) : null;
}

/** Reads exactly 54 characters, 52 of base32 and `.k`. Stock ignores characters behind them; we refuse them. */
export function parsePublicKey(text: string): PublicKey | null {
  if (text.length !== PUBLIC_KEY_TEXT_LENGTH || !text.endsWith(SUFFIX)) return null;
  const bytes = decodeBase32(text.slice(0, -SUFFIX.length));
  return bytes === null ? null : asPublicKey(bytes);
}

/** Writes 54 characters. */
export function formatPublicKey(publicKey: PublicKey): string {
  return encodeBase32(publicKey) + SUFFIX;
}

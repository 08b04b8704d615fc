/**
 * Base32 as cjdns writes it: little-endian bit order, 32 symbols without a, e, i, o, no padding. Source: protocol 01 §3.
 */

const ALPHABET = '0123456789bcdfghjklmnpqrstuvwxyz';
const VALUES: ReadonlyMap<string, number> = new Map(
  [...ALPHABET].flatMap((symbol, value) => [
    [symbol, value],
    [symbol.toUpperCase(), value],
  ]),
);

/** Writes ceil(8n / 5) lower-case symbols. */
export function encodeBase32(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    bits |= byte << held;
    held += 8;
    for (; held >= 5; held -= 5) {
      text += ALPHABET.charAt(bits & 31);
      bits >>= 5;
    }
  }
  return held > 0 ? text + ALPHABET.charAt(bits) : text;
}

/** Reads either case; null for a foreign character, five or more bits left over, or left-over bits that are not 0. */
export function decodeBase32(text: string): Uint8Array | null {
  const bytes = new Uint8Array(Math.floor((text.length * 5) / 8));
  let length = 0;
  let bits = 0;
  let held = 0;
  for (const symbol of text) {
    const value = VALUES.get(symbol);
    if (value === undefined) return null;
    bits |= value << held;
    held += 5;
    if (held < 8) continue;
    bytes[length++] = bits;
    bits >>= 8;
    held -= 8;
  }
  return held >= 5 || bits !== 0 ? null : bytes;
}

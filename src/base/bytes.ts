/** Byte strings: hex, comparison, big-endian numbers. Results are plain `Uint8Array`s, never views of the input. */

const NOT_HEX = /[^0-9a-f]/i;
const encoder = new TextEncoder();

/**
 * Strings up to this size are handled byte by byte: a view (`subarray`, `Buffer`) would cost more, and would move the
 * bytes of a small array out of the heap for good.
 */
const SHORT_BYTES = 64;

/** Lower-case hex, two digits a byte. */
export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}

/** Reads hex of either case; null for an odd number of digits or any other character. */
export function fromHex(text: string): Uint8Array | null {
  return text.length % 2 !== 0 || NOT_HEX.test(text) ? null : new Uint8Array(Buffer.from(text, 'hex'));
}

/** All parts, one after the other, in fresh memory. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** A copy of `bytes[start..end)`, cut at the end of `bytes`: what outlives a packet must not point into the arena. */
export function copy(bytes: Uint8Array, start = 0, end = bytes.length): Uint8Array {
  const length = Math.max(0, Math.min(end, bytes.length) - start);
  if (length > SHORT_BYTES) return new Uint8Array(bytes.subarray(start, end));
  const fresh = new Uint8Array(length);
  for (let i = 0; i < length; i++) fresh[i] = bytes[start + i] as number;
  return fresh;
}

/**
 * A copy that `fill(0)` wipes. V8 keeps up to 64 bytes of an array in its own heap, moves them, and leaves what it moved when
 * native code asks for the address; bytes of an ArrayBuffer that was made as such stay in one place.
 */
export function copyApart(bytes: Uint8Array): Uint8Array {
  const fresh = new Uint8Array(new ArrayBuffer(bytes.length));
  for (let i = 0; i < bytes.length; i++) fresh[i] = bytes[i] as number;
  return fresh;
}

/** Same bytes? For public data: the time taken tells where they differ. */
export function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && compare(a, b) === 0;
}

/** Same bytes? For tags, lookups and secrets: the time depends on the length only. */
export function equalConstantTime(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
  return difference === 0;
}

/** Byte order, as C's memcmp: negative, 0 or positive; a prefix comes first. */
export function compare(a: Uint8Array, b: Uint8Array): number {
  const common = Math.min(a.length, b.length);
  for (let i = 0; i < common; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** True if every byte is 0 (also for no bytes). */
export function isZero(bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== 0) return false;
  return true;
}

/** Two bytes, big endian; bytes past the end read as 0. */
export function readU16(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset] ?? 0) << 8) | (bytes[offset + 1] ?? 0);
}

/** Four bytes, big endian, unsigned; bytes past the end read as 0. */
export function readU32(bytes: Uint8Array, offset: number): number {
  return readU16(bytes, offset) * 0x1_0000 + readU16(bytes, offset + 2);
}

/** Eight bytes, big endian, unsigned; bytes past the end read as 0. */
export function readU64(bytes: Uint8Array, offset: number): bigint {
  return (BigInt(readU32(bytes, offset)) << 32n) | BigInt(readU32(bytes, offset + 4));
}

/** Writes the low 16 bits of `value`, big endian. */
export function writeU16(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value >>> 8;
  bytes[offset + 1] = value;
}

/** Writes the low 32 bits of `value`, big endian. */
export function writeU32(bytes: Uint8Array, offset: number, value: number): void {
  writeU16(bytes, offset, value >>> 16);
  writeU16(bytes, offset + 2, value);
}

/** Writes the low 64 bits of `value`, big endian. */
export function writeU64(bytes: Uint8Array, offset: number, value: bigint): void {
  writeU32(bytes, offset, Number((value >> 32n) & 0xffff_ffffn));
  writeU32(bytes, offset + 4, Number(value & 0xffff_ffffn));
}

/** The UTF-8 bytes of `text`. */
export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** One character a byte (code points 0 to 255), never fails: for map keys and logs. */
export function latin1(bytes: Uint8Array): string {
  if (bytes.length <= SHORT_BYTES) return Reflect.apply(String.fromCharCode, null, bytes);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

/** The reverse of `latin1`; the upper bits of characters above 255 are lost. */
export function fromLatin1(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** Private keys in a box that never shows them by accident. Source: protocol 01 §1; style rule on secrets. */
import { copyApart, fromHex, MeshError, toHex } from '../base/index.ts';

/** Bytes of a private key. */
export const SECRET_KEY_BYTES = 32;

const HIDDEN = '<secret>';

/** 32 raw bytes, clamped only inside X25519. Printing, inspecting and JSON give `<secret>`. */
export class SecretKey {
  readonly #bytes: Uint8Array;
  #wiped = false;

  /** @param bytes copied; 32 of them, or MeshError ERR_KEY_LENGTH is thrown (from outside use `fromBytes`, `fromHex`) */
  constructor(bytes: Uint8Array) {
    if (bytes.length !== SECRET_KEY_BYTES) throw new MeshError('ERR_KEY_LENGTH', 'a private key has 32 bytes');
    this.#bytes = copyApart(bytes);
  }

  /** Null if there are not exactly 32 bytes. */
  static fromBytes(bytes: Uint8Array): SecretKey | null {
    return bytes.length === SECRET_KEY_BYTES ? new SecretKey(bytes) : null;
  }

  /** Reads 64 hex digits of either case; null for anything else. */
  static fromHex(text: string): SecretKey | null {
    const bytes = fromHex(text);
    return bytes === null ? null : SecretKey.fromBytes(bytes);
  }

  /** The key itself, not a copy. @throws MeshError ERR_KEY_WIPED after `wipe` */
  get bytes(): Uint8Array {
    if (this.#wiped) throw new MeshError('ERR_KEY_WIPED', 'this private key was wiped');
    return this.#bytes;
  }

  /** 64 hex digits, for the configuration file and nothing else. @throws MeshError ERR_KEY_WIPED after `wipe` */
  revealHex(): string {
    return toHex(this.bytes);
  }

  /** Overwrites the key; idempotent. */
  wipe(): void {
    this.#bytes.fill(0);
    this.#wiped = true;
  }

  toString(): string {
    return HIDDEN;
  }

  toJSON(): string {
    return HIDDEN;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return HIDDEN;
  }
}

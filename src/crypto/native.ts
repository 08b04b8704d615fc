/** The backend of the daemon: libsodium through the addon, which comes in as a parameter (`engine/native.ts` loads it). */
import type { CryptoBackend } from './backend.ts';

/**
 * What the addon offers. All arrays have exactly the stated lengths and `out` never overlaps an input; false = refused,
 * and `out` is then without meaning.
 */
export type NativeCrypto = {
  /** out 32, privateKey 32 */
  readonly scalarmultBase: (out: Uint8Array, privateKey: Uint8Array) => void;
  /** out 32, privateKey 32, publicKey 32; false for a point of low order */
  readonly scalarmult: (out: Uint8Array, privateKey: Uint8Array, publicKey: Uint8Array) => boolean;
  /** out 32, point 32: HSalsa20 with a zero input */
  readonly hsalsa: (out: Uint8Array, point: Uint8Array) => void;
  /** out n + 16, key 32, nonce 24, message n; tag first */
  readonly sealBox: (out: Uint8Array, key: Uint8Array, nonce: Uint8Array, message: Uint8Array) => void;
  /** out n - 16, key 32, nonce 24, box n (at least 16); false when the tag is wrong */
  readonly openBox: (out: Uint8Array, key: Uint8Array, nonce: Uint8Array, box: Uint8Array) => boolean;
  /** out 32 */
  readonly sha256: (out: Uint8Array, message: Uint8Array) => void;
  /** out 64 */
  readonly sha512: (out: Uint8Array, message: Uint8Array) => void;
};

const TAG_BYTES = 16;

/** Makes the backend; it has no state. */
export function createNativeBackend(addon: NativeCrypto): CryptoBackend {
  return {
    name: 'native',
    publicKeyOf: (privateKey) => filled(32, (out) => addon.scalarmultBase(out, privateKey)),
    sharedPoint: (privateKey, publicKey) => {
      const out = new Uint8Array(32);
      return addon.scalarmult(out, privateKey, publicKey) ? out : null;
    },
    hsalsa: (point) => filled(32, (out) => addon.hsalsa(out, point)),
    sealBox: (key, nonce, message) =>
      filled(message.length + TAG_BYTES, (out) => addon.sealBox(out, key, nonce, message)),
    openBox: (key, nonce, box) => {
      if (box.length < TAG_BYTES) return null;
      const out = new Uint8Array(box.length - TAG_BYTES);
      return addon.openBox(out, key, nonce, box) ? out : null;
    },
    sha256: (message) => filled(32, (out) => addon.sha256(out, message)),
    sha512: (message) => filled(64, (out) => addon.sha512(out, message)),
  };
}

function filled(size: number, fill: (out: Uint8Array) => void): Uint8Array {
  const out = new Uint8Array(size);
  fill(out);
  return out;
}

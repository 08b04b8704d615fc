/**
 * Data keys of one simulated host. With the simulated backend a frame carries a checksum and stays readable; with a
 * real one it is sealed as on the wire, so that packets opened on the slow path agree with those sealed on the fast one.
 */
import type { CryptoBackend } from '../crypto/index.ts';
import { KEY_STATE_WORDS, keyState, openFrame, sealFrame, TAG_BYTES } from './checksum-box.ts';

/** Seals and opens frames `[counter | tag | data]` in place. All lengths are bytes from the start of `bytes`. */
export type KeyTable = {
  readonly set: (slot: number, key: Uint8Array, nonceOffset: 0 | 4) => void;
  readonly clear: (slot: number) => void;
  readonly has: (slot: number) => boolean;
  readonly seal: (slot: number, counter: number, bytes: Uint8Array, tagAt: number, end: number) => void;
  /** False when the tag is wrong; the frame is then untouched. */
  readonly open: (slot: number, counter: number, bytes: Uint8Array, tagAt: number, end: number) => boolean;
};

const FIRST_SLOTS = 16;
const NONCE_BYTES = 24;
/** Value of `offsets` for a slot without a key. */
const EMPTY = 255;

/** Keys for the backend the handshakes use. */
export function createKeyTable(backend: CryptoBackend): KeyTable {
  return backend.name === 'simulated' ? createChecksumTable() : createBoxTable(backend);
}

function createChecksumTable(): KeyTable {
  let states = new Int32Array(FIRST_SLOTS * KEY_STATE_WORDS);
  let offsets = new Uint8Array(FIRST_SLOTS).fill(EMPTY);
  const grow = (slot: number): void => {
    if (slot < offsets.length) return;
    const size = Math.max(slot + 1, offsets.length * 2);
    const moreOffsets = new Uint8Array(size).fill(EMPTY);
    moreOffsets.set(offsets);
    offsets = moreOffsets;
    const moreStates = new Int32Array(size * KEY_STATE_WORDS);
    moreStates.set(states);
    states = moreStates;
  };
  return {
    set: (slot, key, nonceOffset) => {
      grow(slot);
      keyState(key, states, slot * KEY_STATE_WORDS);
      offsets[slot] = nonceOffset;
    },
    clear: (slot) => {
      if (slot < offsets.length) offsets[slot] = EMPTY;
    },
    has: (slot) => (offsets[slot] ?? EMPTY) !== EMPTY,
    seal: (slot, counter, bytes, tagAt, end) =>
      sealFrame(states, slot * KEY_STATE_WORDS, counter, offsets[slot] as number, bytes, tagAt, end),
    open: (slot, counter, bytes, tagAt, end) =>
      openFrame(states, slot * KEY_STATE_WORDS, counter, offsets[slot] as number, bytes, tagAt, end),
  };
}

function createBoxTable(backend: CryptoBackend): KeyTable {
  const keys = new Map<number, { readonly key: Uint8Array; readonly nonceOffset: number }>();
  const nonce = new Uint8Array(NONCE_BYTES);
  const writeNonce = (counter: number, nonceOffset: number): void => {
    nonce.fill(0);
    for (let i = 0; i < 4; i++) nonce[nonceOffset + i] = counter >>> (8 * i);
  };
  return {
    set: (slot, key, nonceOffset) => void keys.set(slot, { key: key.slice(), nonceOffset }),
    clear: (slot) => void keys.delete(slot),
    has: (slot) => keys.has(slot),
    seal: (slot, counter, bytes, tagAt, end) => {
      const entry = keys.get(slot);
      if (entry === undefined) return;
      writeNonce(counter, entry.nonceOffset);
      bytes.set(backend.sealBox(entry.key, nonce, bytes.slice(tagAt + TAG_BYTES, end)), tagAt);
    },
    open: (slot, counter, bytes, tagAt, end) => {
      const entry = keys.get(slot);
      if (entry === undefined) return false;
      writeNonce(counter, entry.nonceOffset);
      const message = backend.openBox(entry.key, nonce, bytes.slice(tagAt, end));
      if (message === null) return false;
      bytes.set(message, tagAt + TAG_BYTES);
      return true;
    },
  };
}

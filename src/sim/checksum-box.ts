/**
 * The sealed box of simulations: the data stay readable, and 16 bytes of a keyed checksum stand for the tag. Every
 * changed bit, another key, another nonce is noticed; somebody who wants to forge one can. Never leaves a simulation.
 *
 * Two 32-bit lanes take up key, nonce and data word by word. A step is a bijection of the lane for a given word and of
 * the word for a given lane, so that one changed word always changes the first lane. The lanes are variables of this file: everything here
 * runs to completion, and an object per packet would cost more than the checksum.
 */

/** Bytes of a tag. */
export const TAG_BYTES = 16;

/** Words of key state that `keyState` writes. */
export const KEY_STATE_WORDS = 2;

/** 32-bit words of a box nonce. */
const NONCE_WORDS = 6;

let laneA = 0;
let laneB = 0;

function absorb(word: number): void {
  let mixed = laneA ^ word;
  mixed = Math.imul((mixed << 13) | (mixed >>> 19), 0x9e37_79b1);
  laneA = (mixed ^ (mixed >>> 15)) + 0x6d2b_79f5;
  laneB = Math.imul(laneB ^ laneA, 0x85eb_ca6b) + word;
  laneB = (laneB << 11) | (laneB >>> 21);
}

function absorbBytes(bytes: Uint8Array, start: number, end: number): void {
  let at = start;
  for (; at + 4 <= end; at += 4) {
    absorb(
      (bytes[at] as number) |
        ((bytes[at + 1] as number) << 8) |
        ((bytes[at + 2] as number) << 16) |
        ((bytes[at + 3] as number) << 24),
    );
  }
  let rest = 0;
  for (let shift = 0; at < end; at++, shift += 8) rest |= (bytes[at] as number) << shift;
  absorb(rest);
  absorb(end - start);
}

/** One word of output; call it as often as words are needed. */
function squeeze(): number {
  absorb(0x5bd1_e995);
  let mixed = laneA ^ (laneB << 1);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0_aaad);
  return mixed ^ (mixed >>> 15);
}

/** Writes what a key contributes into `state` at `at`; 32 bytes of key. */
export function keyState(key: Uint8Array, state: Int32Array, at: number): void {
  laneA = 0x243f_6a88;
  laneB = 0x13198a2e;
  absorbBytes(key, 0, key.length);
  state[at] = laneA;
  state[at + 1] = laneB;
}

function start(state: Int32Array, at: number): void {
  laneA = state[at] as number;
  laneB = state[at + 1] as number;
}

/** Takes up the 24-byte nonce of a data packet: the counter, little endian, in the word at `nonceOffset`. */
function absorbCounter(counter: number, nonceOffset: number): void {
  const place = nonceOffset >> 2;
  for (let word = 0; word < NONCE_WORDS; word++) absorb(word === place ? counter | 0 : 0);
}

function absorbNonce(nonce: Uint8Array): void {
  for (let at = 0; at < NONCE_WORDS * 4; at += 4) {
    absorb(
      (nonce[at] as number) |
        ((nonce[at + 1] as number) << 8) |
        ((nonce[at + 2] as number) << 16) |
        ((nonce[at + 3] as number) << 24),
    );
  }
}

function writeTag(bytes: Uint8Array, at: number): void {
  for (let word = 0; word < TAG_BYTES; word += 4) {
    const value = squeeze();
    bytes[at + word] = value;
    bytes[at + word + 1] = value >>> 8;
    bytes[at + word + 2] = value >>> 16;
    bytes[at + word + 3] = value >>> 24;
  }
}

function isTag(bytes: Uint8Array, at: number): boolean {
  let difference = 0;
  for (let word = 0; word < TAG_BYTES; word += 4) {
    const value = squeeze();
    difference |=
      value ^
      ((bytes[at + word] as number) |
        ((bytes[at + word + 1] as number) << 8) |
        ((bytes[at + word + 2] as number) << 16) |
        ((bytes[at + word + 3] as number) << 24));
  }
  return difference === 0;
}

/** Tags the data of a frame in place: tag at `tagAt`, data from behind it up to `end`. */
export function sealFrame(
  state: Int32Array,
  at: number,
  counter: number,
  nonceOffset: number,
  bytes: Uint8Array,
  tagAt: number,
  end: number,
): void {
  start(state, at);
  absorbCounter(counter, nonceOffset);
  absorbBytes(bytes, tagAt + TAG_BYTES, end);
  writeTag(bytes, tagAt);
}

/** Is the tag of a frame right? */
export function openFrame(
  state: Int32Array,
  at: number,
  counter: number,
  nonceOffset: number,
  bytes: Uint8Array,
  tagAt: number,
  end: number,
): boolean {
  start(state, at);
  absorbCounter(counter, nonceOffset);
  absorbBytes(bytes, tagAt + TAG_BYTES, end);
  return isTag(bytes, tagAt);
}

const scratch = new Int32Array(KEY_STATE_WORDS);

/** The whole box of `message`, tag first; the same as `sealFrame` for the nonce of a data packet. */
export function sealBox(key: Uint8Array, nonce: Uint8Array, message: Uint8Array): Uint8Array {
  const box = new Uint8Array(TAG_BYTES + message.length);
  box.set(message, TAG_BYTES);
  keyState(key, scratch, 0);
  start(scratch, 0);
  absorbNonce(nonce);
  absorbBytes(box, TAG_BYTES, box.length);
  writeTag(box, 0);
  return box;
}

/** The message in `box`, null when the tag is wrong or missing. */
export function openBox(key: Uint8Array, nonce: Uint8Array, box: Uint8Array): Uint8Array | null {
  if (box.length < TAG_BYTES) return null;
  keyState(key, scratch, 0);
  start(scratch, 0);
  absorbNonce(nonce);
  absorbBytes(box, TAG_BYTES, box.length);
  return isTag(box, 0) ? box.slice(TAG_BYTES) : null;
}

/** `sizeBytes` (a multiple of 4) of checksum over `message`; `purpose` keeps the uses apart. */
export function digest(purpose: number, message: Uint8Array, sizeBytes: number): Uint8Array {
  laneA = purpose;
  laneB = ~purpose;
  absorbBytes(message, 0, message.length);
  const out = new Uint8Array(sizeBytes);
  for (let at = 0; at < sizeBytes; at += 4) {
    const value = squeeze();
    out[at] = value;
    out[at + 1] = value >>> 8;
    out[at + 2] = value >>> 16;
    out[at + 3] = value >>> 24;
  }
  return out;
}

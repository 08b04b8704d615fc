/**
 * Hellos that were let in, so that a recorded one is turned away when it comes again, before anything is calculated: else
 * whoever recorded one could spend the budget of all newcomers with it. Each packet of a genuine node has a fresh nonce,
 * so its tag is another one (protocol 02 §3), also when it repeats a hello. Source: SECURITY.md, P9.
 */
import { readU32 } from '../base/index.ts';
import { cryptoAuthHeader } from '../wire/index.ts';
import { MAX_RECORDED } from './limits.ts';

/** What is remembered: two generations, of which the older one is forgotten when the younger is full. */
export class Recorded {
  #young = new Set<number>();
  #old = new Set<number>();

  /** Was this hello let in before? @param packet a hello, complete, at `offset` */
  has(packet: Uint8Array, offset = 0): boolean {
    const mark = markOf(packet, offset);
    return this.#young.has(mark) || this.#old.has(mark);
  }

  /** This hello was let in. */
  add(packet: Uint8Array): void {
    if (this.#young.size >= MAX_RECORDED) {
      this.#old = this.#young;
      this.#young = new Set();
    }
    this.#young.add(markOf(packet, 0));
  }
}

/** 52 bits of the tag: nobody can choose that of another node's hello, and a number can hold them. */
function markOf(packet: Uint8Array, offset: number): number {
  const at = offset + cryptoAuthHeader.OFFSET.box;
  return readU32(packet, at) * 2 ** 20 + (readU32(packet, at + 4) >>> 12);
}

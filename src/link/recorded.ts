/**
 * Hellos that were let in, so that a recorded one is turned away when it comes again, before anything is calculated: else
 * whoever recorded one could spend the budget of all newcomers with it. Each packet of a genuine node has a fresh nonce,
 * so its tag is another one (protocol 02 §3), also when it repeats a hello. Source: SECURITY.md, P9.
 */
import type { Handshake } from '../channel/index.ts';
import { MAX_RECORDED } from './limits.ts';

/** What is remembered: two generations, of which the older one is forgotten when the younger is full. */
export class Recorded {
  readonly #handshake: Handshake;
  #young = new Set<number>();
  #old = new Set<number>();

  constructor(handshake: Handshake) {
    this.#handshake = handshake;
  }

  /** Was this hello let in before? @param packet a hello, complete, at `offset` */
  has(packet: Uint8Array, offset = 0): boolean {
    const mark = this.#handshake.markAt(packet, offset);
    return this.#young.has(mark) || this.#old.has(mark);
  }

  /** This hello was let in. */
  add(packet: Uint8Array): void {
    if (this.#young.size >= MAX_RECORDED) {
      this.#old = this.#young;
      this.#young = new Set();
    }
    this.#young.add(this.#handshake.markAt(packet, 0));
  }
}

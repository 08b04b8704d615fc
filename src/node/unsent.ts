/** The rest of a vector that did not fit into a socket: until it is gone nothing more is read from the TUN. */
import type { DescriptorIndex, Engine } from '../packet/index.ts';

/** What waits in one packet path. */
export class Unsent {
  readonly #path: { readonly engine: Engine };
  #first = 0;
  #count = 0;

  /** @param path its engine may change */
  constructor(path: { readonly engine: Engine }) {
    this.#path = path;
  }

  /** Whether anything waits. */
  get isWaiting(): boolean {
    return this.#count > 0;
  }

  /** Sends a vector of frames of this machine; what a full socket leaves over waits. */
  send(first: DescriptorIndex, count: number): void {
    const { engine } = this.#path;
    const sent = engine.send(first, count);
    if (sent === count) return;
    this.#first = first + sent;
    this.#count = count - sent;
    engine.pause('tun', true);
  }

  /** A socket can be written again. */
  retry(): void {
    if (this.#count === 0) return;
    const { engine } = this.#path;
    const sent = engine.send(this.#first, this.#count);
    this.#first += sent;
    this.#count -= sent;
    if (this.#count === 0) engine.pause('tun', false);
  }
}

/**
 * Keeps the queue of the TUN device short where the mesh is slower than this machine's programs: if it was not empty for
 * a while, a packet is dropped now and then until it is, so that TCP slows down. The law is CoDel's (RFC 8289), with "was
 * read to its end" in the place of the time that a packet waited, which the device does not tell. A mark (ECN) would
 * not arrive: the mesh carries no traffic class (protocol 07 §4).
 */
import { STANDING_MS } from './limits.ts';

/** What is known about the queue. */
export class StandingQueue {
  #sinceMs = Number.POSITIVE_INFINITY;
  #nextDropMs = 0;
  #drops = 0;

  /** The queue was read to its end. */
  empty(): void {
    this.#sinceMs = Number.POSITIVE_INFINITY;
    this.#drops = 0;
  }

  /** Packets were left in it. */
  left(nowMs: number): void {
    if (this.#sinceMs !== Number.POSITIVE_INFINITY) return;
    this.#sinceMs = nowMs;
    this.#nextDropMs = nowMs + STANDING_MS;
  }

  /** Whether one packet is to be dropped now. */
  wantsDrop(nowMs: number): boolean {
    return nowMs >= this.#sinceMs && nowMs >= this.#nextDropMs;
  }

  /** One was: the next follows sooner, as long as the queue stands. */
  dropped(nowMs: number): void {
    this.#drops++;
    this.#nextDropMs = nowMs + STANDING_MS / Math.sqrt(this.#drops);
  }
}

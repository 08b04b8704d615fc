/**
 * Which pings of the links were lost. Not those whose answer is late: a busy machine answers late, and reads late. Lost are
 * those that were passed by: packets of a link stay in order but for a little, so once a ping that left later is answered,
 * the answers of earlier ones do not come any more. The later one must have gone as data, as the lost ones did: an answer to
 * a handshake only tells that the other end is there again. What has nothing behind it tells nothing.
 */
import type { PeerNumber } from '../switch/index.ts';
import { REORDER_MS } from './limits.ts';

/** One ping that waits. */
type Waiting = {
  readonly id: number;
  readonly sentMs: number;
  /** It went as data, not in a handshake. */
  readonly isFair: boolean;
};

/** The pings of all peers that wait, oldest first; those that expire are taken out, so that few are here. */
export class PeerPings {
  readonly #waiting = new Map<number, readonly Waiting[]>();

  /** A ping left. */
  sent(peer: PeerNumber, ping: Waiting): void {
    this.#waiting.set(peer, [...(this.#waiting.get(peer) ?? []), ping]);
  }

  /** A ping was answered. @returns those that left before it and are lost, oldest first */
  answered(peer: PeerNumber, id: number): readonly Waiting[] {
    const waiting = this.#waiting.get(peer) ?? [];
    const own = waiting.find((one) => one.id === id);
    if (own === undefined) return [];
    // With other keys nobody can tell whether the earlier ones were lost on the line, or not understood at its end.
    const isLost = ({ sentMs }: Waiting): boolean => !own.isFair || sentMs < own.sentMs - REORDER_MS;
    this.#keep(
      peer,
      waiting.filter((one) => one !== own && !isLost(one)),
    );
    return own.isFair ? waiting.filter((one) => one.isFair && isLost(one)) : [];
  }

  /** A ping waited long enough; nobody knows what became of it. */
  expired(peer: PeerNumber, id: number): void {
    this.#keep(
      peer,
      (this.#waiting.get(peer) ?? []).filter((one) => one.id !== id),
    );
  }

  /** A peer is gone. */
  forget(peer: PeerNumber): void {
    this.#waiting.delete(peer);
  }

  #keep(peer: PeerNumber, waiting: readonly Waiting[]): void {
    if (waiting.length === 0) this.#waiting.delete(peer);
    else this.#waiting.set(peer, waiting);
  }
}

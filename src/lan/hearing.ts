/**
 * What becomes of a beacon. Anybody on the segment may have written it, so it is a hint and no more: whoever is named in it has
 * to prove its key in a handshake. A flood costs a comparison each. Source: protocol 04 §9.2.
 */
import { BoundedMap, type Counters, createTokenBucket, equal, type TokenBucket } from '../base/index.ts';
import type { PublicKey } from '../crypto/index.ts';
import { type BeaconContent, beacon, isCompatible } from '../wire/index.ts';
import { BEACON_BURST, BEACONS_PER_SECOND, FLOOD_TOLD_MS, MAX_HEARD } from './limits.ts';

/** One sender, for people. */
export type HeardSender = {
  readonly endpoint: string;
  readonly key: PublicKey;
  /** Why it was not dialled; null: it was, or there is a link to it. */
  readonly reason: string | null;
  readonly lastMs: number;
};

/** The ear of one node. */
export class Hearing {
  readonly #ownKey: PublicKey;
  readonly #counters: Counters;
  readonly #budget: TokenBucket;
  readonly #senders = new BoundedMap<string, HeardSender>(MAX_HEARD);
  #toldMs = Number.NEGATIVE_INFINITY;

  constructor(ownKey: PublicKey, counters: Counters, nowMs: number) {
    this.#ownKey = ownKey;
    this.#counters = counters;
    this.#budget = createTokenBucket({ ratePerSecond: BEACONS_PER_SECOND, burst: BEACON_BURST }, nowMs);
  }

  /**
   * May another beacon be looked at? Asked first, before anything is read.
   * @returns `overflow` for one that is not, now and then: somebody should know
   */
  wants(nowMs: number): 'yes' | 'no' | 'overflow' {
    if (this.#budget.take(nowMs)) return 'yes';
    this.#counters.add('lan.flood');
    if (nowMs - this.#toldMs < FLOOD_TOLD_MS) return 'no';
    this.#toldMs = nowMs;
    return 'overflow';
  }

  /** A UDP beacon. @returns null for what is none, for our own, and for ports that nobody can have; counted */
  udp(bytes: Uint8Array, beaconPort: number): { readonly port: number; readonly content: BeaconContent } | null {
    const read = beacon.parse(bytes);
    if (read === null) return this.#refuse('lan.malformed');
    if (read.port === 0 || read.port === beaconPort) return this.#refuse('lan.port');
    const { port, ...content } = read;
    return this.#isStranger(content) ? { port, content } : null;
  }

  /** The content of an Ethernet beacon. @returns null as `udp` */
  ethernet(bytes: Uint8Array): BeaconContent | null {
    const content = beacon.parseContent(bytes);
    if (content === null) return this.#refuse('lan.malformed');
    return this.#isStranger(content) ? content : null;
  }

  /** Remembers a sender for people. @param reason why it was not dialled, null if it was */
  note(endpoint: string, key: PublicKey, reason: string | null, nowMs: number): void {
    this.#senders.set(endpoint, { endpoint, key, reason, lastMs: nowMs });
    this.#senders.touch(endpoint);
  }

  /** Who was heard lately, newest first. */
  senders(): readonly HeardSender[] {
    return [...this.#senders.values()].reverse();
  }

  #isStranger({ publicKey, protocol }: BeaconContent): boolean {
    // Broadcasts come back to whoever sent them.
    if (equal(publicKey, this.#ownKey)) return false;
    if (isCompatible(protocol)) return true;
    this.#refuse('lan.incompatible');
    return false;
  }

  #refuse(counter: string): null {
    this.#counters.add(counter);
    return null;
  }
}

/**
 * Packets that wait for a path or a handshake: bounded per destination, oldest dropped first, none older than 10 s.
 * Source: protocol 07 §3.2 (stock keeps one packet per destination; more saves the first retransmissions).
 */
import type { Counters } from '../base/index.ts';
import { addressKey, type Ip6 } from '../crypto/index.ts';
import { WAITING_DESTINATIONS, WAITING_MS, WAITING_PACKETS } from './limits.ts';

type Packet = { readonly bytes: Uint8Array; readonly sinceMs: number };

/** Waiting IPv6 packets by destination. */
export class Waiting {
  readonly #counters: Counters;
  /** `sinceMs`: when the first packet came, which may be gone since. */
  readonly #byDestination = new Map<
    string,
    { readonly address: Ip6; readonly sinceMs: number; readonly packets: Packet[] }
  >();

  constructor(counters: Counters) {
    this.#counters = counters;
  }

  /** Destinations that have something waiting. */
  get size(): number {
    return this.#byDestination.size;
  }

  /** Keeps a packet; the oldest of its destination gives way, or the oldest destination. */
  add(address: Ip6, bytes: Uint8Array, nowMs: number): void {
    const key = addressKey(address);
    const entry = this.#byDestination.get(key) ?? { address, sinceMs: nowMs, packets: [] };
    entry.packets.push({ bytes, sinceMs: nowMs });
    if (entry.packets.length > WAITING_PACKETS) {
      entry.packets.shift();
      this.#counters.add('session.waiting_overflow');
    }
    this.#byDestination.delete(key);
    this.#byDestination.set(key, entry);
    if (this.#byDestination.size > WAITING_DESTINATIONS) this.#evictOldest();
  }

  /** Addresses that something waits for. */
  destinations(): readonly Ip6[] {
    return [...this.#byDestination.values()].map((entry) => entry.address);
  }

  /** Whether something waits for `address`. */
  has(address: Ip6): boolean {
    // Asked for each session at each tick, and most of the time nothing waits at all.
    return this.#byDestination.size > 0 && this.#byDestination.has(addressKey(address));
  }

  /** Takes everything that waits for `address`, oldest first, without what is too old. */
  take(address: Ip6, nowMs: number): readonly Uint8Array[] {
    const key = addressKey(address);
    const entry = this.#byDestination.get(key);
    this.#byDestination.delete(key);
    return (entry?.packets ?? []).filter((p) => nowMs - p.sinceMs <= WAITING_MS).map((p) => p.bytes);
  }

  /**
   * Drops whatever waits for a destination that was not reached for as long as its first packet waited, later ones too: a
   * program that repeats its question every second must not wait for ever.
   * @returns the packets dropped: their senders may be told (ICMPv6)
   */
  expire(nowMs: number): readonly { readonly address: Ip6; readonly packet: Uint8Array }[] {
    const gone: { address: Ip6; packet: Uint8Array }[] = [];
    for (const [key, { address, sinceMs, packets }] of this.#byDestination) {
      if (nowMs - sinceMs <= WAITING_MS) continue;
      this.#byDestination.delete(key);
      this.#counters.add('session.waiting_expired', packets.length);
      for (const { bytes } of packets) gone.push({ address, packet: bytes });
    }
    return gone;
  }

  #evictOldest(): void {
    for (const [key, entry] of this.#byDestination) {
      this.#counters.add('session.waiting_overflow', entry.packets.length);
      this.#byDestination.delete(key);
      return;
    }
  }
}

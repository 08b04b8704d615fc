/**
 * Who is let in: a handshake packet from an address that is not known with that key. Nobody without a known password gets
 * further, and nothing is kept of who is turned away but a line for `status`. What costs least is asked first, so that a
 * flood is refused before a packet is even copied (`mayEnter`). Source: protocol 04 §4.2, 02 §14.6.
 */

import { type Counters, createTokenBucket, equal, type TokenBucket } from '../base/index.ts';
import type { FirstPacket, Handshake, Opened, SecureChannel } from '../channel/index.ts';
import {
  addressOf,
  asPublicKey,
  type CryptoBackend,
  type Identity,
  type Ip6,
  type PublicKey,
} from '../crypto/index.ts';
import { formatSender, type HostPort } from '../underlay/index.ts';
import { HELLO_BURST, HELLOS_PER_SECOND, PEER_HANDSHAKE_BURST, PEER_HANDSHAKES_PER_SECOND } from './limits.ts';
import { Recorded } from './recorded.ts';
import type { RefusalReason, Refusals } from './refused.ts';

/** A stranger who proved a password of ours; the channel is the caller's to keep or to close. */
export type Admitted = {
  readonly key: PublicKey;
  readonly address: Ip6;
  readonly channel: SecureChannel;
  readonly opened: Opened & { readonly ok: true };
};

/** What admission is decided with. */
export type AdmissionOptions = {
  readonly identity: Identity;
  readonly crypto: CryptoBackend;
  readonly handshake: Handshake;
  readonly counters: Counters;
  readonly nowMs: number;
};

/** The budget of new hellos of one peer. */
export function helloBudget(nowMs: number): TokenBucket {
  return createTokenBucket({ ratePerSecond: PEER_HANDSHAKES_PER_SECOND, burst: PEER_HANDSHAKE_BURST }, nowMs);
}

/** The door of one node. */
export class Admission {
  readonly #options: AdmissionOptions;
  readonly #refusals: Refusals;
  readonly #budget: TokenBucket;
  readonly #recorded: Recorded;

  constructor(options: AdmissionOptions, refusals: Refusals) {
    this.#options = options;
    this.#refusals = refusals;
    this.#recorded = new Recorded(options.handshake);
    this.#budget = createTokenBucket({ ratePerSecond: HELLOS_PER_SECOND, burst: HELLO_BURST }, options.nowMs);
  }

  /**
   * Is a packet of somebody unknown worth a closer look? Decided from the clear header where it lies, without copies; who is
   * turned away is counted. A refusal that would be noted for people is, too.
   * @param bytes holds the packet at `offset`, `length` bytes long
   */
  mayEnter(bytes: Uint8Array, offset: number, length: number, nowMs: number): boolean {
    const { handshake, counters } = this.#options;
    if (!handshake.isFirstAt(bytes, offset, length)) return refused(counters, 'link.stranger');
    if (handshake.isKnownAt(bytes, offset)) {
      if (this.#recorded.has(bytes, offset)) return refused(counters, 'link.replayed_hello');
      return this.#budget.available(nowMs) >= 1 || refused(counters, 'link.hello_limit');
    }
    return this.#refusals.wanted(nowMs) || refused(counters, 'link.unknown_login');
  }

  /** @returns who was let in, or the name of the counter that says why nobody was */
  admit(packet: Uint8Array, sender: HostPort, nowMs: number): Admitted | string {
    const { crypto, handshake, identity } = this.#options;
    const peek = handshake.peek(packet);
    if (peek === null || !peek.isFirst) return 'link.stranger';
    if (!handshake.isKnownAt(packet, 0)) return this.#unknownLogin(peek, sender, nowMs);
    if (this.#recorded.has(packet)) return 'link.replayed_hello';
    if (!this.#budget.take(nowMs)) return 'link.hello_limit';
    const key = asPublicKey(peek.publicKey);
    const address = key === null ? null : addressOf(crypto, key);
    if (key === null || address === null) return 'link.invalid_key';
    if (equal(key, identity.publicKey)) return 'link.own_key';
    const fixed = { peerKey: key, credentials: null, requireAuth: true, helloBudget: helloBudget(nowMs) };
    const channel = handshake.channel(fixed, nowMs);
    const opened = channel.open(packet, nowMs);
    if (opened.ok) {
      this.#recorded.add(packet);
      return { key, address, channel, opened };
    }
    channel.close();
    this.note(sender, peek, opened.error, nowMs);
    return `link.cryptoauth_${opened.error}`;
  }

  /** Notes a handshake packet that was refused, where the reason tells something about credentials. */
  note(sender: HostPort, { hasCredentials, publicKey }: FirstPacket, error: number, nowMs: number): void {
    const reason = this.#options.handshake.refusalOf(error, hasCredentials);
    if (reason !== null) this.#note(sender, publicKey, reason, nowMs);
  }

  #note(sender: HostPort, publicKey: Uint8Array, reason: RefusalReason, nowMs: number): void {
    const key = this.#refusals.wanted(nowMs) ? asPublicKey(publicKey) : null;
    if (key !== null) this.#refusals.note(formatSender(sender), key, reason, nowMs);
  }

  #unknownLogin(peek: FirstPacket, sender: HostPort, nowMs: number): string {
    const key = this.#refusals.wanted(nowMs) ? asPublicKey(peek.publicKey) : null;
    // Whose key has no mesh address is no node that somebody would look for in `status`.
    if (key !== null && addressOf(this.#options.crypto, key) !== null)
      this.#note(sender, key, peek.hasCredentials ? 'unknown login' : 'password required', nowMs);
    return 'link.unknown_login';
  }
}

function refused(counters: Counters, counter: string): false {
  counters.add(counter);
  return false;
}

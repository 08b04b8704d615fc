/**
 * Who is let in: a packet from an address that is no peer's. Nobody without a known password gets further, and nothing is
 * kept of who is turned away but a line for `status`. Source: protocol 04 §4.2, 02 §14.6.
 */
import { createTokenBucket, equal, type TokenBucket } from '../base/index.ts';
import { addressOf, asPublicKey, type Identity, type Ip6, type PublicKey } from '../crypto/index.ts';
import { Association, type DataTable, type Environment, firstPacketPeek, type Opened } from '../cryptoauth/index.ts';
import type { UnderlayAddress } from '../packet/index.ts';
import { HELLO_BURST, HELLOS_PER_SECOND } from './limits.ts';
import { type Refusals, refusalReason } from './refused.ts';
import { formatEndpoint } from './types.ts';

/** A stranger who proved a password of ours; the association is the caller's to keep or to close. */
export type Admitted = {
  readonly key: PublicKey;
  readonly address: Ip6;
  readonly association: Association;
  readonly opened: Opened & { readonly ok: true };
};

/** What admission is decided with. */
export type AdmissionOptions = {
  readonly identity: Identity;
  readonly environment: Environment;
  readonly data: DataTable;
  readonly nowMs: number;
};

/** The door of one node. */
export class Admission {
  readonly #options: AdmissionOptions;
  readonly #refusals: Refusals;
  readonly #budget: TokenBucket;

  constructor(options: AdmissionOptions, refusals: Refusals) {
    this.#options = options;
    this.#refusals = refusals;
    this.#budget = createTokenBucket({ ratePerSecond: HELLOS_PER_SECOND, burst: HELLO_BURST }, options.nowMs);
  }

  /** @returns who was let in, or the name of the counter that says why nobody was */
  admit(packet: Uint8Array, sender: UnderlayAddress, nowMs: number): Admitted | string {
    const { environment, identity, data } = this.#options;
    // Cheap filters first: everything that the clear header tells costs no key exchange.
    const peek = firstPacketPeek(packet);
    if (peek === null || peek.nonceField > 1) return 'link.stranger';
    const key = asPublicKey(peek.publicKey);
    const address = key === null ? null : addressOf(environment.crypto, key);
    if (key === null || address === null) return 'link.invalid_key';
    if (equal(key, identity.publicKey)) return 'link.own_key';
    if (environment.users.find(peek.authType, peek.lookup) === null) {
      this.#note(sender, key, peek.authType === 0 ? 8 : 9, peek.authType);
      return 'link.unknown_login';
    }
    if (!this.#budget.take(nowMs)) return 'link.hello_limit';
    const fixed = { peerKey: key, credentials: null, requireAuth: true };
    const association = new Association(environment, data, fixed, nowMs);
    const opened = association.open(packet, nowMs);
    if (opened.ok) return { key, address, association, opened };
    association.close();
    this.#note(sender, key, opened.error, peek.authType);
    return `link.cryptoauth_${opened.error}`;
  }

  #note(sender: UnderlayAddress, key: PublicKey, error: number, authType: number): void {
    const reason = refusalReason(error, authType);
    if (reason !== null) this.#refusals.note(formatEndpoint(sender), key, reason);
  }
}

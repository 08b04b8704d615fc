/** Two parties to test with, and snapshots that tell whether anything has changed. */

import { createHash } from 'node:crypto';
import { type Rng, toHex } from '../../src/base/index.ts';
import {
  type ChannelOptions,
  createDataTable,
  type DataTable,
  type KeySlots,
  type Opened,
} from '../../src/channel/index.ts';
import {
  asIp6,
  asPublicKey,
  type CryptoBackend,
  type Identity,
  type Ip6,
  type PublicKey,
  SecretKey,
} from '../../src/crypto/index.ts';
import { Association } from '../../src/cryptoauth/association.ts';
import { Users } from '../../src/cryptoauth/index.ts';
import type { Environment } from '../../src/cryptoauth/machine.ts';
import { createFakeBackend } from '../support/fake-crypto.ts';

/** Fails loudly where a test would otherwise go on with nothing. */
export function sure<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error('nothing there');
  return value;
}

/** The same bytes for the same seed, for ever. */
export function seededRng(seed: string): Rng {
  let counter = 0;
  return {
    bytes: (count) => {
      const out = new Uint8Array(count);
      for (let at = 0; at < count; at += 32) {
        const block = createHash('sha256').update(`${seed} ${counter++}`).digest();
        out.set(block.subarray(0, Math.min(32, count - at)), at);
      }
      return out;
    },
  };
}

/** A seeded number in [0, below). */
export function pick(rng: Rng, below: number): number {
  const [a = 0, b = 0, c = 0] = rng.bytes(3);
  return ((a * 256 + b) * 256 + c) % below;
}

/** Keys of a test node; the first byte of the fake public key decides which is lower. */
export function fakeIdentity(crypto: CryptoBackend, first: number): Identity {
  const secret = new Uint8Array(32).fill(0x55);
  secret[0] = first ^ 0xff;
  return identityFrom(crypto, secret);
}

export function identityFrom(crypto: CryptoBackend, secret: Uint8Array): Identity {
  const publicKey: PublicKey = sure(asPublicKey(crypto.publicKeyOf(secret)));
  const address: Ip6 = sure(asIp6(crypto.sha512(crypto.sha512(publicKey)).subarray(0, 16)));
  return { privateKey: new SecretKey(secret), publicKey, address };
}

/** Key slots as an engine would have them. */
export type FakeSlots = KeySlots & { readonly slots: Map<number, string> };

export function fakeSlots(): FakeSlots {
  const slots = new Map<number, string>();
  return {
    slots,
    setKey: (slot, key, nonceOffset) => void slots.set(slot, `${toHex(key)}@${nonceOffset}`),
    clearKey: (slot) => void slots.delete(slot),
  };
}

/** One side of a pair. */
export type Party = {
  readonly environment: Environment;
  readonly table: DataTable;
  readonly keys: FakeSlots;
  association: Association;
};

export type PartyOptions = Partial<Omit<ChannelOptions, 'peerKey'>> & {
  readonly rules?: Environment['rules'];
  readonly rng?: Rng;
  readonly crypto?: CryptoBackend;
  readonly rows?: number;
};

const fake = createFakeBackend();

/** A party that expects `peer`. */
export function party(own: Identity, peer: Identity, options: PartyOptions = {}): Party {
  const crypto = options.crypto ?? fake;
  const rules = options.rules ?? 'hardened';
  const rng = options.rng ?? seededRng(`${toHex(own.publicKey)}`);
  const environment = { crypto, rng, identity: own, users: new Users(crypto), rules };
  const keys = fakeSlots();
  const table = createDataTable(keys, options.rows ?? 8, rules === 'stock' ? 'stock' : 'wide');
  const { credentials = null, requireAuth = false } = options;
  const association = new Association(environment, table, { peerKey: peer.publicKey, credentials, requireAuth }, 0);
  return { environment, table, keys, association };
}

/** A has the lower key. */
export const A = fakeIdentity(fake, 0x10);
export const B = fakeIdentity(fake, 0xe0);

/** Two parties who expect each other. */
export function pair(ofA: PartyOptions = {}, ofB: PartyOptions = {}): { a: Party; b: Party } {
  return { a: party(A, B, ofA), b: party(B, A, ofB) };
}

const text = new TextEncoder();

/** A payload. */
export function say(words: string): Uint8Array {
  return text.encode(words);
}

/** Seals at one side, opens at the other. */
export function pass(from: Party, to: Party, words: string, nowMs: number, via: 'live' | 'pending' = 'live'): Opened {
  return to.association.open(from.association.seal(say(words), nowMs, via), nowMs);
}

/** Hello, key, data, data: both are established, `from` initiated. */
export function establish(from: Party, to: Party, nowMs = 0): void {
  pass(from, to, 'hello', nowMs);
  pass(to, from, 'key', nowMs);
  pass(from, to, 'data', nowMs);
  pass(to, from, 'data', nowMs);
}

/** All that a party knows, as text: state, secrets, hot rows, engine keys. Counters of refusals are left out. */
export function snapshot({ association, table, keys }: Party): string {
  const rows = Array.from(table.sendCounter, (counter, row) => [
    counter,
    table.lastInMs[row],
    table.established[row],
    table.received[row],
  ]);
  const own = [association.sendRow, association.openRow, association.pending, association.user?.login ?? null];
  return JSON.stringify([plain(association.state), rows, own, [...keys.slots]]);
}

function plain(value: unknown): unknown {
  if (value instanceof SecretKey) return value.revealHex();
  if (value instanceof Uint8Array) return toHex(value);
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part)]));
}

/** A new process with the same key: nothing is left of the old one but its identity. */
export function restarted(old: Party, peer: Identity, options: PartyOptions = {}, seed = 'restarted'): Party {
  return party(old.environment.identity, peer, { rules: old.environment.rules, rng: seededRng(seed), ...options });
}

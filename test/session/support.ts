/** Two nodes that have nothing but sessions; a test carries their packets. */

import { type Counters, createCounters, readU32 } from '../../src/base/index.ts';
import { createDataTable, type DataTable, type KeySlots } from '../../src/channel/index.ts';
import { type CryptoBackend, generateIdentity, type Identity } from '../../src/crypto/index.ts';
import { createCryptoAuth, Users } from '../../src/cryptoauth/index.ts';
import { type Session, type SessionEffect, Sessions } from '../../src/session/index.ts';
import type { Label } from '../../src/wire/index.ts';
import { seededRng, sure } from '../cryptoauth/support.ts';
import { createFakeBackend } from '../support/fake-crypto.ts';

export const backend = createFakeBackend();

/** The label that packets of the tests go by. */
export const PATH: Label = 0x13n;

/** One end. */
export class End {
  readonly identity: Identity;
  readonly sessions: Sessions;
  readonly data: DataTable;
  readonly counters: Counters = createCounters();
  /** Everything that was delivered, newest last. */
  readonly heard: string[] = [];

  constructor(name: string, crypto: CryptoBackend = backend, keys: KeySlots = NO_KEYS, life = 0) {
    const rng = seededRng(`${name} ${life}`);
    this.identity = generateIdentity(crypto, seededRng(name));
    this.data = createDataTable(keys, 9_000);
    const environment = { crypto, rng, identity: this.identity, users: new Users(crypto), rules: 'hardened' } as const;
    const handshake = createCryptoAuth(environment, this.data);
    const { identity, data, counters } = this;
    this.sessions = new Sessions({ identity, crypto, rng, handshake, data, counters, nowMs: 0 });
  }

  /** The session with another end. */
  with(other: End): Session {
    return sure(this.sessions.get(other.identity.address));
  }

  /** Begins a session over PATH. */
  begin(other: End, nowMs: number): readonly SessionEffect[] {
    const session = this.sessions.obtain(other.identity.publicKey, other.identity.address, nowMs);
    return this.sessions.usePath(session, PATH, 1, nowMs);
  }

  /** A packet for `other`, as it lies behind the switch header. */
  say(other: End, words: string, nowMs: number, via: 'live' | 'pending' | null = null, type = 256): Uint8Array {
    return this.sessions.seal(this.with(other), type, new TextEncoder().encode(words), via, nowMs);
  }

  /** Takes a packet that came by `label`. */
  hear(packet: Uint8Array, nowMs: number, label: Label = PATH): readonly SessionEffect[] {
    const effects =
      readU32(packet, 0) < 4
        ? this.sessions.receiveHandshake(packet, label, nowMs)
        : this.sessions.receiveData(packet, label, nowMs);
    for (const effect of effects) {
      if (effect.type === 'deliver') this.heard.push(new TextDecoder().decode(effect.content));
    }
    return effects;
  }
}

const NO_KEYS: KeySlots = { setKey: () => {}, clearKey: () => {} };

/** Hello, key, data, data; both can send user data then. */
export function handshake(a: End, b: End, nowMs: number): readonly SessionEffect[] {
  a.begin(b, nowMs);
  b.hear(a.say(b, 'question', nowMs), nowMs);
  const effects = a.hear(b.say(a, 'answer', nowMs), nowMs);
  b.hear(a.say(b, 'data', nowMs), nowMs);
  a.hear(b.say(a, 'data back', nowMs), nowMs);
  return effects;
}

/** An IPv6 packet from one end to another. */
export function userPacket(from: End, to: End, payload = new Uint8Array(20)): Uint8Array {
  const packet = new Uint8Array(40 + payload.length);
  packet[0] = 0x60;
  packet[6] = 17;
  packet.set(from.identity.address, 8);
  packet.set(to.identity.address, 24);
  packet.set(payload, 40);
  return packet;
}

/** Types of effects, for comparing. */
export function kinds(effects: readonly SessionEffect[]): readonly string[] {
  return effects.map(({ type }) => type);
}

/**
 * A secure channel with one far end, whatever handshake made it: what links and sessions hold. Plain data packets its
 * owner seals and opens itself, with `sendRow` and `openRow` and the engine; whatever else there is goes through here.
 */

import type { TokenBucket } from '../base/index.ts';
import type { PublicKey, SecretKey } from '../crypto/index.ts';
import type { Row } from './data-table.ts';

/** Which of two coexisting sets of keys a packet belongs to: those in use, or those of the handshake under way (protocol 02 §14.1). */
export type Via = 'live' | 'pending';

/** A payload that came in, and by which packet. */
export type Delivered = {
  readonly payload: Uint8Array;
  readonly kind: 'hello' | 'key' | 'data';
  /** `pending`: the handshake beside a live session; answer with `seal(…, 'pending')`. Otherwise `live`. */
  readonly via: Via;
  /** Is the session of this packet established? False for all handshake packets: they may be replays (protocol 02 §8). */
  readonly established: boolean;
  /**
   * What names the hello that this is, or that this data packet proves: what came with a hello counts from the packet on
   * that proves it. Null for all others.
   */
  readonly hello: Uint8Array | null;
};

/** The payload, or why there is none: a number of protocol 02 §11. */
export type Opened = ({ readonly ok: true } & Delivered) | { readonly ok: false; readonly error: number };

/** What we show to be let in. Only the handshake that prepared it looks inside. */
export type Credentials = {
  /** Which kind of proof is offered, in the handshake's own numbering. */
  readonly authType: number;
  /** Which password is meant. */
  readonly lookup: Uint8Array;
  /** The password's share of the keys. */
  readonly secret: SecretKey;
};

/** What is decided when a channel begins. */
export type ChannelOptions = {
  readonly peerKey: PublicKey;
  /** What we show in every handshake packet. */
  readonly credentials: Credentials | null;
  /** Refuse handshake packets without a known password (links that somebody else began). */
  readonly requireAuth: boolean;
  /** How many new hellos may cost key exchanges: one that opened takes a token. Default: no limit. */
  readonly helloBudget?: TokenBucket;
};

/** One channel. After each `seal`, `open`, `checkTimeouts`, `resetHandshake` the owner reads `sendRow` and `openRow` again. */
export type SecureChannel = {
  readonly peerKey: PublicKey;
  /** Row of the data table to seal data packets with; -1 = there are no data keys: use `seal`. */
  readonly sendRow: Row;
  /** Row to open data packets with; -1 = nothing is established: use `open`. */
  readonly openRow: Row;
  /** There is more than one set of keys: packets that fail on `openRow` belong into `open`. */
  readonly pending: boolean;
  /** Would `seal` make a handshake packet, and not data? */
  readonly sealsHandshake: boolean;
  /** No counter is left under the present keys: only a new handshake helps. */
  readonly isExhausted: boolean;
  /** The state by the stock daemon's name and number, for `status` and error frames (protocol 02 §4, 04 §5). */
  readonly stateName: string;
  readonly stateNumber: number;
  /** Who authenticated, in the keys that we send with. */
  readonly user: { readonly login: string; readonly name: string | null } | null;
  /** We dial whoever dialled us, from the next handshake packet on: what answers ours bears no credentials (protocol 04 §9.2). */
  readonly dialWith: (credentials: Credentials | null) => void;
  /** Forgets all keys: the next payload goes out in a hello. A gentler way is `seal(…, 'pending')`. */
  readonly resetHandshake: (nowMs: number) => void;
  /**
   * Wraps a payload in whatever packet the state calls for: data if there are keys, else a part of the handshake.
   * @param via `pending`: part of the handshake beside live keys, of which it begins one if there is none
   */
  readonly seal: (payload: Uint8Array, nowMs: number, via?: Via) => Uint8Array;
  /** Deals with a packet of any kind. A refused packet changes nothing, but the counters of the table. Never throws. */
  readonly open: (packet: Uint8Array, nowMs: number) => Opened;
  /** The time-out check of the handshake. @returns true if what we send with was reset */
  readonly checkTimeouts: (nowMs: number) => boolean;
  /** Frees the rows and wipes all secrets. Idempotent. */
  readonly close: () => void;
};

/** What receiving a packet results in. */
import type { SecretKey } from '../crypto/index.ts';
import type { HandshakeHeader } from '../wire/index.ts';
import type { ErrorNumber } from './errors.ts';
import type { Effect, State } from './state.ts';
import type { User } from './users.ts';

/** Which of two coexisting associations a packet belongs to: the one in use, or the one whose handshake is under way (protocol 02 §14.1). */
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
   * Temporary key of the hello that this is, or that this data packet proves: what came with a hello counts from the packet
   * on that proves it. Null for all others.
   */
  readonly hello: Uint8Array | null;
};

/** The payload, or why there is none (protocol 02 §11). */
export type Opened = ({ readonly ok: true } & Delivered) | { readonly ok: false; readonly error: ErrorNumber };

/** A packet's outcome. */
export type Step = { readonly state: State; readonly opened: Opened; readonly effects: readonly Effect[] };

/** Replay check of the established session with this data secret; marks the counter when it answers true. */
export type Accept = (secret: SecretKey, counter: number) => boolean;

/** A handshake packet that was let in. */
export type Handshake = {
  readonly header: HandshakeHeader;
  readonly packet: Uint8Array;
  /** Whose password it is sealed with. */
  readonly user: User | null;
};

/** The packet is dropped. */
export function refused(state: State, error: ErrorNumber): Step {
  return { state, opened: { ok: false, error }, effects: [] };
}

/** The payload is delivered. */
export function accepted(state: State, delivered: Delivered, effects: readonly Effect[] = []): Step {
  return { state, opened: { ok: true, ...delivered }, effects };
}

/** What receiving a packet results in. */
import type { Delivered, Opened } from '../channel/index.ts';
import type { SecretKey } from '../crypto/index.ts';
import type { HandshakeHeader } from '../wire/index.ts';
import type { ErrorNumber } from './errors.ts';
import type { Effect, State } from './state.ts';
import type { User } from './users.ts';

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

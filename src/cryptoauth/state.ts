/** The state of one association as immutable values; what changes it is in `machine.ts`. Source: protocol 02 §4. */
import type { Rng } from '../base/index.ts';
import type { Credentials } from '../channel/index.ts';
import type { CryptoBackend, Identity, PublicKey, SecretKey } from '../crypto/index.ts';
import type { TemporaryPair } from './keys.ts';
import { STATE_NUMBER, type StateName, type StateNumber } from './spec.ts';
import type { User, Users } from './users.ts';

/** What all associations of a node share. `stock`: exactly as the stock programs; `hardened`: protocol 02 §10, §14. */
export type Environment = {
  readonly crypto: CryptoBackend;
  readonly rng: Rng;
  readonly identity: Identity;
  readonly users: Users;
  readonly rules: 'stock' | 'hardened';
};

/** What packets cannot change. */
export type Context = Environment & {
  readonly peerKey: PublicKey;
  /** Asked before a hello that opened may cost key exchanges; false = refuse it. */
  readonly mayAnswer: (nowMs: number) => boolean;
  /** X25519 of the permanent keys, computed once when first needed; null if the peer's key is of low order. */
  readonly peerPoint: () => SecretKey | null;
  readonly credentials: Credentials | null;
  /** Refuse handshake packets without a known password. */
  readonly requireAuth: boolean;
};

/** Nothing begun. */
export type Init = { readonly name: 'INIT'; readonly lastInMs: number };
/**
 * We asked; the pair is kept so that a late answer still fits. `keyPoint` is X25519 of our temporary and the peer's permanent key:
 * computed once, so that a forged answer costs no key exchange.
 */
export type SentHello = {
  readonly name: 'SENT_HELLO';
  readonly our: TemporaryPair;
  readonly keyPoint: SecretKey;
  readonly lastInMs: number;
};
/** The peer asked; `peerPoint` is X25519 of our permanent and the peer's temporary key. */
export type ReceivedHello = {
  readonly name: 'RECEIVED_HELLO';
  readonly peerEphemeral: Uint8Array;
  readonly peerPoint: SecretKey;
  readonly lastInMs: number;
  readonly user: User | null;
};
/** We answered. The private part of our pair is gone already: the data secret is all that it was for. */
export type SentKey = Omit<ReceivedHello, 'name'> & {
  readonly name: 'SENT_KEY';
  readonly ourPublic: Uint8Array;
  readonly secret: SecretKey;
  /** Stock only: failed data packets move the window (protocol 02 §6.1). Otherwise 0. */
  readonly refuseBelow: number;
};
/** A handshake without data keys to send with. */
export type Handshaking = Init | SentHello | ReceivedHello | SentKey;

/** The peer answered; we send data, but have not received any. */
export type ReceivedKey = {
  readonly name: 'RECEIVED_KEY';
  readonly initiator: true;
  readonly our: TemporaryPair;
  /** As in SentHello. */
  readonly keyPoint: SecretKey;
  readonly peerEphemeral: Uint8Array;
  readonly secret: SecretKey;
  /** Next counter to send. */
  readonly next: number;
  readonly lastInMs: number;
  readonly user: User | null;
  /** As in SentKey. */
  readonly refuseBelow: number;
};
/** Data was received. `next` and `lastInMs` live in the data table; the machine is given and returns copies. */
export type Established = Omit<ReceivedKey, 'name' | 'initiator' | 'our' | 'keyPoint' | 'refuseBelow'> & {
  readonly name: 'ESTABLISHED';
  readonly initiator: boolean;
};
/** A session that we can send data with. */
export type Current = ReceivedKey | Established;

/**
 * The sessions with one peer. Under the rules 'stock' there is only ever one: `handshaking` is INIT while `current` is there,
 * `previous` is always null and `answered` empty.
 */
export type State = {
  readonly handshaking: Handshaking;
  /**
   * Earlier hellos that were answered and may still be proven, oldest first: an old hello that somebody replays must not
   * push out the handshake of the real node. Bounded by MAX_ANSWERED.
   */
  readonly answered: readonly SentKey[];
  /** What we send with, if there is one. */
  readonly current: Current | null;
  /** An established one that `current` has replaced, or is about to, or whose counter is used up: packets are still read. */
  readonly previous: Established | null;
  /** Temporary keys of hellos since the last one that led to a session, newest last (protocol 02 §14.2). */
  readonly seenHellos: readonly Uint8Array[];
  /** Temporary keys of hellos that are used up: repetitions are refused. */
  readonly usedHellos: readonly Uint8Array[];
};

/** What the owner of the state has to do after a step, in this order. */
export type Effect =
  /** Data keys are known: they may be given to the engine, and counters live in the table from now on. */
  | {
      readonly type: 'install';
      readonly secret: SecretKey;
      readonly initiator: boolean;
      readonly next: number;
      readonly lastInMs: number;
    }
  /** The first data packet was good; the window begins with its counter. */
  | { readonly type: 'establish'; readonly secret: SecretKey; readonly counter: number }
  /** Not needed any more: free the row that was installed for it, if any, and wipe it. */
  | { readonly type: 'discard'; readonly secret: SecretKey };

/** A fresh association. */
export function initialState(nowMs: number): State {
  return { handshaking: init(nowMs), answered: [], current: null, previous: null, seenHellos: [], usedHellos: [] };
}

/** INIT, with the time that the time-out check goes by. */
export function init(lastInMs: number): Init {
  return { name: 'INIT', lastInMs };
}

/** The number of the state that we would send in (protocol 02 §4). */
export function stateNumber(state: State): StateNumber {
  return STATE_NUMBER[stateName(state)];
}

/** Effects that throw away whatever secrets these sessions hold. */
export function discard(...sessions: readonly (Handshaking | Current | null)[]): Effect[] {
  return sessions.flatMap(secretsOf).map((secret) => ({ type: 'discard', secret }));
}

function secretsOf(session: Handshaking | Current | null): SecretKey[] {
  switch (session?.name) {
    case 'SENT_HELLO':
      return [session.our.secret, session.keyPoint];
    case 'RECEIVED_HELLO':
      return [session.peerPoint];
    case 'SENT_KEY':
      return [session.peerPoint, session.secret];
    case 'RECEIVED_KEY':
      return [session.our.secret, session.keyPoint, session.secret];
    case 'ESTABLISHED':
      return [session.secret];
    default:
      return [];
  }
}

/** The name of that state. */
export function stateName(state: State): StateName {
  return (state.current ?? state.handshaking).name;
}

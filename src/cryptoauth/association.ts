/**
 * What links and sessions hold for a peer: the state machine, its secrets, and the rows of its keys in the data table.
 * The owner seals and opens plain data packets itself, with `sendRow` and `openRow` and the engine; whatever else there is
 * comes here. Source: protocol 02; ARCHITECTURE.md, "How a packet travels".
 */
import { equal, isZero, MeshError } from '../base/index.ts';
import type { ChannelOptions, Credentials, DataTable, Opened, Row, SecureChannel, Via } from '../channel/index.ts';
import type { PublicKey, SecretKey } from '../crypto/index.ts';
import { ERROR } from './errors.ts';
import { sharedPoint } from './keys.ts';
import {
  type Context,
  type Current,
  checkTimeouts,
  type Effect,
  type Environment,
  initialState,
  open,
  reset,
  type State,
  seal,
  stateName,
  stateNumber,
} from './machine.ts';
import { STATE_NUMBER, type StateName, type StateNumber } from './spec.ts';
import type { User } from './users.ts';

/**
 * One peer, known by its permanent key.
 *
 * After each `seal`, `open`, `checkTimeouts`, `resetHandshake` the owner reads `sendRow` and `openRow` again.
 *
 * @example
 * const hello = association.seal(ping, nowMs);
 * const opened = association.open(packet, nowMs);
 * if (opened.ok) answer(opened.payload, (pong) => association.seal(pong, nowMs, opened.via));
 */
export class Association implements SecureChannel {
  readonly peerKey: PublicKey;
  readonly #environment: Environment;
  readonly #table: DataTable;
  /** Rows of the sessions that have data keys: two at most. */
  readonly #rows: { readonly secret: SecretKey; readonly row: Row }[] = [];
  #context: Context;
  #state: State;
  #peerPoint: SecretKey | null | undefined;
  #closed = false;

  /**
   * @param nowMs monotonic milliseconds
   * @throws MeshError ERR_PEER_KEY for our own key or the zero key: callers check keys before (`addressOf`)
   */
  constructor(environment: Environment, table: DataTable, options: ChannelOptions, nowMs: number) {
    if (isZero(options.peerKey) || equal(options.peerKey, environment.identity.publicKey)) {
      throw new MeshError('ERR_PEER_KEY', 'a peer has a public key of its own');
    }
    this.peerKey = options.peerKey;
    this.#environment = environment;
    const { crypto, rng, identity, users, rules } = environment;
    const { helloBudget } = options;
    // Written out: a spread would give each association a hidden class of its own.
    this.#context = {
      crypto,
      rng,
      identity,
      users,
      rules,
      peerKey: options.peerKey,
      mayAnswer: (nowMs) => helloBudget === undefined || helloBudget.take(nowMs),
      peerPoint: () => this.#sharedWithPeer(),
      credentials: options.credentials,
      requireAuth: options.requireAuth,
    };
    this.#table = table;
    this.#state = initialState(nowMs);
  }

  /** Number of the state that we would send in (protocol 02 §4). */
  get stateNumber(): StateNumber {
    return stateNumber(this.#state);
  }

  /** The stock daemon's word for it: INIT, SENT_HELLO, ..., ESTABLISHED (protocol 04 §5). */
  get stateName(): StateName {
    return stateName(this.#state);
  }

  /** Would `seal` make a handshake packet, and not data? */
  get sealsHandshake(): boolean {
    return this.stateNumber < STATE_NUMBER.RECEIVED_KEY || this.isExhausted;
  }

  /** No counter is left under the present keys: only a new handshake helps (protocol 02 §5 step 2). */
  get isExhausted(): boolean {
    const row = this.sendRow;
    return row >= 0 && this.#table.isExhausted(row);
  }

  /** Row to seal data packets with; -1 = there are no data keys: use `seal`. */
  get sendRow(): Row {
    return this.#rowOf(this.#state.current?.secret);
  }

  /** Row to open data packets with; -1 = no session is established: use `open`. */
  get openRow(): Row {
    const { current, previous } = this.#state;
    return this.#rowOf(current?.name === 'ESTABLISHED' ? current.secret : previous?.secret);
  }

  /** There is more than one session: packets that fail on `openRow` belong into `open`. */
  get pending(): boolean {
    const { handshaking, answered, current, previous } = this.#state;
    const settled =
      handshaking.name === 'INIT' && answered.length === 0 && current?.name === 'ESTABLISHED' && previous === null;
    return this.openRow >= 0 && !settled;
  }

  /** Who authenticated, in the session that we send in. */
  get user(): User | null {
    const { handshaking, current, previous } = this.#state;
    if (current !== null) return current.user;
    return handshaking.name === 'RECEIVED_HELLO' || handshaking.name === 'SENT_KEY'
      ? handshaking.user
      : (previous?.user ?? null);
  }

  /** What the machine knows. Holds secrets (in boxes that do not print): for tests and close looks, not for logs. */
  get state(): State {
    return this.#load();
  }

  /** We dial whoever dialled us, from the next handshake packet on: what answers ours bears no credentials (protocol 04 §9.2). */
  dialWith(credentials: Credentials | null): void {
    this.#context = { ...this.#context, credentials, requireAuth: false };
  }

  /** Forgets all sessions: the next payload goes out in a hello. A gentler way is `seal(…, 'pending')`. */
  resetHandshake(nowMs: number): void {
    const { state, effects } = reset(this.#load());
    const hardened = this.#environment.rules === 'hardened';
    this.#commit(hardened ? { ...state, handshaking: { name: 'INIT', lastInMs: nowMs } } : state, effects);
  }

  /**
   * Wraps a payload in whatever packet the state calls for: data if there are keys, else a part of the handshake. Tell them
   * apart by the first four bytes: 4 and above is data.
   * @param via `pending`: part of the handshake beside a live session, of which it begins one if there is none. Answer with
   *   it what `open` reported as pending, nothing else: the payload has no forward secrecy
   * @throws MeshError ERR_EMPTY_PAYLOAD, ERR_PEER_KEY (low order), ERR_CLOSED
   */
  seal(payload: Uint8Array, nowMs: number, via: Via = 'live'): Uint8Array {
    if (this.#closed) throw new MeshError('ERR_CLOSED', 'the association is closed');
    const sealed = seal(this.#context, this.#load(), payload, nowMs, via);
    this.#commit(sealed.state, sealed.effects);
    return sealed.packet;
  }

  /** Deals with a packet of any kind. A refused packet changes nothing, but the counters of the table. Never throws. */
  open(packet: Uint8Array, nowMs: number): Opened {
    if (this.#closed) return { ok: false, error: ERROR.NO_SESSION };
    const accept = (secret: SecretKey, counter: number) => this.#table.accept(this.#rowOf(secret), counter);
    const step = open(this.#context, this.#load(), packet, nowMs, accept);
    if (!this.#hasRoomFor(step.effects)) return { ok: false, error: ERROR.INTERNAL };
    this.#commit(step.state, step.effects);
    return step.opened;
  }

  /**
   * The time-out check (protocol 02 §10): on links before each packet that is received, on sessions before handshake
   * packets; `seal` does it by itself.
   * @returns true if what we send with was reset
   */
  checkTimeouts(nowMs: number): boolean {
    const checked = checkTimeouts(this.#load(), nowMs);
    this.#commit(checked.state, checked.effects);
    return checked.reset;
  }

  /** Frees the rows and wipes all secrets. Idempotent. */
  close(): void {
    const { state, effects } = reset(this.#load());
    this.#commit({ ...state, seenHellos: [], usedHellos: [] }, effects);
    this.#peerPoint?.wipe();
    this.#peerPoint = null;
    this.#closed = true;
  }

  #sharedWithPeer(): SecretKey | null {
    const { crypto, identity } = this.#environment;
    if (this.#peerPoint === undefined) this.#peerPoint = sharedPoint(crypto, identity.privateKey, this.peerKey);
    return this.#peerPoint;
  }

  #rowOf(secret: SecretKey | undefined): Row {
    for (const entry of this.#rows) if (entry.secret === secret) return entry.row;
    return -1;
  }

  /** The state with what only the table knows: counters and times of the sessions that have a row. */
  #load(): State {
    const { handshaking, answered, current, previous, seenHellos, usedHellos } = this.#state;
    if (current === null && previous === null) return this.#state;
    return {
      handshaking,
      answered,
      current: this.#withHot(current),
      previous: this.#withHot(previous),
      seenHellos,
      usedHellos,
    };
  }

  #withHot<Session extends Current | null>(session: Session): Session {
    const row = this.#rowOf(session?.secret);
    if (session === null || row < 0) return session;
    const next = this.#table.sendCounter[row] ?? session.next;
    const lastInMs = this.#table.lastInMs[row] ?? session.lastInMs;
    return next === session.next && lastInMs === session.lastInMs ? session : { ...session, next, lastInMs };
  }

  /** A step installs one row at most, after it has freed what it frees. */
  #hasRoomFor(effects: readonly Effect[]): boolean {
    const installs = effects.findIndex((effect) => effect.type === 'install');
    const before = effects.slice(0, Math.max(installs, 0));
    return installs < 0 || !this.#table.full || before.some(({ secret }) => this.#rowOf(secret) >= 0);
  }

  #commit(state: State, effects: readonly Effect[]): void {
    for (const effect of effects) this.#perform(effect, state);
    this.#state = state;
    for (const session of [state.current, state.previous]) {
      const row = this.#rowOf(session?.secret);
      if (session === null || row < 0) continue;
      this.#table.sendCounter[row] = session.next;
      this.#table.lastInMs[row] = session.lastInMs;
    }
  }

  #perform(effect: Effect, state: State): void {
    const { secret } = effect;
    if (effect.type === 'install') {
      const row = this.#table.install(secret.bytes, effect.initiator, effect.next, effect.lastInMs);
      this.#rows.push({ secret, row });
    } else if (effect.type === 'establish') {
      this.#table.establish(this.#rowOf(secret), effect.counter, state.current?.lastInMs ?? 0);
    } else {
      const index = this.#rows.findIndex((entry) => entry.secret === secret);
      const row = this.#rows[index]?.row ?? -1;
      if (row >= 0) this.#table.free(row);
      if (index >= 0) this.#rows.splice(index, 1);
      secret.wipe();
    }
  }
}

/**
 * All end-to-end sessions: found by address or handle, opened by a handshake that carries a router message, closed by
 * silence. A session only stores the label it was given and that of the last valid packet; which label is best is
 * decided in `route/`. What is to be done comes back as effects for `node/`. Source: protocol 07.
 */
import { createTokenBucket, equal, readU32, type TokenBucket, writeU32 } from '../base/index.ts';
import type { Opened, SecureChannel, Via } from '../channel/index.ts';
import { addressOf, asPublicKey, type Ip6, type PublicKey } from '../crypto/index.ts';
import { descriptor } from '../packet/index.ts';
import { firstHop } from '../switch/index.ts';
import { dataHeader, type Label, sessionWord } from '../wire/index.ts';
import {
  ACTIVE_MS,
  FORGET_MS,
  HANDSHAKE_BURST,
  HANDSHAKE_RETRY_MS,
  HANDSHAKES_PER_SECOND,
  IDLE_TICK_MS,
  MAX_SESSIONS,
  RESTART_MS,
  STRANGER_BURST,
  STRANGERS_PER_SECOND,
  TICK_MS,
  WANT_PATH_MS,
} from './limits.ts';
import type { SessionsOptions } from './options.ts';
import { newSession, notePendingHandle, type Session, type SessionEffect } from './session.ts';
import { measureLoss, watchPath } from './silence.ts';
import {
  claim,
  createSessionTable,
  leave,
  lookupAddress,
  lookupHandle,
  type SessionNumber,
  type SessionTable,
} from './table.ts';
import { Waiting } from './waiting.ts';

const { SIZE: HANDLE_BYTES } = sessionWord;
const HANDSHAKE_LIMIT = { ratePerSecond: HANDSHAKES_PER_SECOND, burst: HANDSHAKE_BURST };

/** Sessions by address and by handle. */
export class Sessions {
  readonly table: SessionTable = createSessionTable();
  readonly waiting: Waiting;
  readonly #options: SessionsOptions;
  readonly #sessions = new Map<number, Session>();
  readonly #strangers: TokenBucket;
  #nextWantMs = 0;
  /** When the sessions that nobody uses are looked at again. */
  #nextFullLookMs = 0;

  constructor(options: SessionsOptions) {
    this.#options = options;
    this.waiting = new Waiting(options.counters);
    this.#strangers = createTokenBucket({ ratePerSecond: STRANGERS_PER_SECOND, burst: STRANGER_BURST }, options.nowMs);
  }

  /** All sessions. */
  get all(): Iterable<Session> {
    return this.#sessions.values();
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** The session with an address, null if there is none. */
  get(address: Ip6): Session | null {
    const number = lookupAddress(this.table, word(address, 0), word(address, 4), word(address, 8), word(address, 12));
    return this.byNumber(number);
  }

  /** The session of a table row. */
  byNumber(number: SessionNumber): Session | null {
    return this.#sessions.get(number) ?? null;
  }

  /** The session with a node, made when there is none yet. */
  obtain(key: PublicKey, address: Ip6, nowMs: number): Session {
    return this.get(address) ?? this.#insert(key, address, this.#associate(key, nowMs), nowMs);
  }

  /** Sets the label user data goes on; packets that waited may go if the handshake is done. */
  usePath(session: Session, label: Label, hops: number | null, nowMs: number): readonly SessionEffect[] {
    const { table } = this;
    const hop = firstHop(label);
    if (hop === null) return [];
    const changed = session.label !== label;
    session.label = label;
    session.hops = hops;
    table.firstHop[session.number] = hop.to;
    table.labelHigh[session.number] = hop.labelHigh;
    table.labelLow[session.number] = hop.labelLow;
    table.shift[session.number] = hop.shiftBits;
    if (changed) {
      session.doubtReportMs = 0;
      session.silentReportMs = 0;
      // The new path gets its own time before it is doubted.
      const since = table.unansweredSinceMs[session.number] as number;
      if (since !== Number.POSITIVE_INFINITY) table.unansweredSinceMs[session.number] = nowMs;
    }
    if ((table.sendRow[session.number] as number) >= 0 && !session.channel.isExhausted)
      return [{ type: 'ready', session }];
    session.nextHandshakeMs = Math.min(session.nextHandshakeMs, nowMs);
    return this.#pursueHandshake(session, nowMs);
  }

  /** Forgets the label if it is the one in use. */
  dropPath(session: Session, label: Label): void {
    if (session.label !== label) return;
    session.label = null;
    session.hops = null;
    this.table.firstHop[session.number] = -1;
  }

  /**
   * A user packet found no session that is ready: it waits, and what is missing is asked for.
   * @param packet whole IPv6 packet, kept: the caller must not reuse the buffer
   */
  queue(destination: Ip6, packet: Uint8Array, nowMs: number): readonly SessionEffect[] {
    const first = !this.waiting.has(destination);
    this.waiting.add(destination, packet, nowMs);
    const session = this.get(destination);
    if (session === null || session.label === null) return first ? [{ type: 'needPath', address: destination }] : [];
    this.table.usedMs[session.number] = nowMs;
    return this.#pursueHandshake(session, nowMs);
  }

  /**
   * Seals a message for the other side: everything after the switch header (protocol 07 §1).
   * @param via the coexisting session to use; null = a handshake packet until the handshake is done, then data
   */
  seal(session: Session, contentType: number, content: Uint8Array, via: Via | null, nowMs: number): Uint8Array {
    const { channel } = session;
    channel.checkTimeouts(nowMs);
    if (via === null && this.#isSilent(session, nowMs))
      return this.seal(session, contentType, content, 'pending', nowMs);
    const handshake = via === 'pending' || channel.sealsHandshake;
    const start = handshake ? HANDLE_BYTES : 0;
    const plain = new Uint8Array(start + dataHeader.SIZE + content.length);
    if (handshake) writeU32(plain, 0, session.receiveHandle);
    dataHeader.emit(dataHeader.original(contentType), plain.subarray(start));
    plain.set(content, start + dataHeader.SIZE);
    const sealed = via === null ? channel.seal(plain, nowMs) : channel.seal(plain, nowMs, via);
    this.#sync(session);
    if (handshake) return sealed;
    const packet = new Uint8Array(HANDLE_BYTES + sealed.length);
    writeU32(packet, 0, session.sendHandle ?? 0);
    packet.set(sealed, HANDLE_BYTES);
    return packet;
  }

  /** After silence the other side may have lost the keys: a hello beside the live session asks (protocol 07 §6). Questions count, too. */
  #isSilent(session: Session, nowMs: number): boolean {
    if (session.askedMs <= this.lastInMs(session)) session.askedMs = nowMs;
    return nowMs - Math.min(session.askedMs, this.table.unansweredSinceMs[session.number] as number) >= RESTART_MS;
  }

  /**
   * A handshake packet arrived through the mesh (protocol 07 §1.1).
   * @param packet everything after the switch header
   * @param label the arrived label field
   */
  receiveHandshake(packet: Uint8Array, label: Label, nowMs: number): readonly SessionEffect[] {
    const { crypto, handshake, identity } = this.#options;
    const peek = packet.length < handshake.shortestBytes + HANDLE_BYTES ? null : handshake.peek(packet);
    if (peek === null) return this.#drop('session.runt');
    const key = asPublicKey(peek.publicKey);
    const address = key === null ? null : addressOf(crypto, key);
    if (key === null || address === null || equal(key, identity.publicKey)) return this.#drop('session.invalid_key');
    const present = this.get(address);
    if (present !== null) {
      present.channel.checkTimeouts(nowMs);
      this.#sync(present);
      return this.#open(present, packet, true, label, nowMs);
    }
    if (!peek.isFirst) return this.#drop('session.stray_key');
    if (!this.#strangers.take(nowMs)) return this.#drop('session.stranger_limit');
    const channel = this.#associate(key, nowMs);
    const opened = channel.open(packet, nowMs);
    if (!opened.ok) {
      const state = channel.stateNumber;
      channel.close();
      this.#options.counters.add(`session.cryptoauth_${opened.error}`);
      return [{ type: 'authenticationError', error: opened.error, state }];
    }
    const session = this.#insert(key, address, channel, nowMs);
    return this.#delivered(session, opened, true, label, nowMs);
  }

  /**
   * A data packet that the fast path did not take: handle, then the sealed frame.
   * @param packet everything after the switch header
   */
  receiveData(packet: Uint8Array, label: Label, nowMs: number): readonly SessionEffect[] {
    if (packet.length < HANDLE_BYTES + descriptor.FRAME_OVERHEAD) return this.#drop('session.runt');
    const number = lookupHandle(this.table, readU32(packet, 0) | 0);
    const session = this.#sessions.get(number);
    // Unknown handles get no answer (protocol 07 §1.2); whoever restarted starts a new handshake itself.
    if (session === undefined) return this.#drop('session.unknown_handle');
    if (this.#options.handshake.isHandshakeAt(packet, HANDLE_BYTES, packet.length - HANDLE_BYTES))
      return this.#drop('session.handshake_with_handle');
    return this.#open(session, packet.subarray(HANDLE_BYTES), false, label, nowMs);
  }

  /** When `tick` is wanted next: soon while something is going on. */
  nextDueMs(nowMs: number): number {
    if (this.waiting.size > 0) return nowMs + TICK_MS;
    let due = nowMs + IDLE_TICK_MS;
    for (const session of this.#sessions.values()) if (this.isActive(session, nowMs)) due = nowMs + TICK_MS;
    return due;
  }

  /** Does what is due: paths, handshakes, silence, forgetting. */
  tick(nowMs: number): readonly SessionEffect[] {
    const effects: SessionEffect[] = [];
    for (const { address, packet } of this.waiting.expire(nowMs))
      effects.push({ type: 'unreachable', address, packet });
    if (nowMs >= this.#nextWantMs) {
      this.#nextWantMs = nowMs + WANT_PATH_MS;
      for (const address of this.waiting.destinations()) {
        if ((this.get(address)?.label ?? null) === null) effects.push({ type: 'needPath', address });
      }
    }
    const all = nowMs >= this.#nextFullLookMs;
    if (all) this.#nextFullLookMs = nowMs + IDLE_TICK_MS;
    // Deleting while going through a map is safe; most sessions only carry router messages and are looked at rarely.
    for (const session of this.#sessions.values()) {
      const usedMs = this.table.usedMs[session.number] as number;
      if (nowMs - Math.max(this.lastInMs(session), usedMs, session.createdMs) > FORGET_MS) {
        effects.push(...this.remove(session));
        continue;
      }
      if (!all && !this.isActive(session, nowMs)) continue;
      const row = this.table.openRow[session.number] as number;
      if (row >= 0) measureLoss(session, this.#options.data.stats(row), nowMs);
      const since = this.table.unansweredSinceMs[session.number] as number;
      effects.push(...this.#pursueHandshake(session, nowMs), ...watchPath(session, since, nowMs));
    }
    return effects;
  }

  /** Last valid packet of any kind, ms. */
  lastInMs(session: Session): number {
    const row = this.table.openRow[session.number] as number;
    return Math.max(session.lastInMs, this.#options.data.lastInMs[row] ?? 0);
  }

  /** Whether user data flowed lately. */
  isActive(session: Session, nowMs: number): boolean {
    return nowMs - (this.table.usedMs[session.number] as number) < ACTIVE_MS || this.waiting.has(session.address);
  }

  /** Ends a session. */
  remove(session: Session): readonly SessionEffect[] {
    session.channel.close();
    this.#sessions.delete(session.number);
    leave(this.table, session.number);
    return [{ type: 'removed', address: session.address }];
  }

  /** Ends all sessions. */
  close(): void {
    for (const session of [...this.#sessions.values()]) this.remove(session);
  }

  /** End-to-end sessions need no password: the address proves the key. */
  #associate(key: PublicKey, nowMs: number): SecureChannel {
    // Forged hellos take nothing from it: only those whose tag is good cost key exchanges.
    const helloBudget = createTokenBucket(HANDSHAKE_LIMIT, nowMs);
    const fixed = { peerKey: key, credentials: null, requireAuth: false, helloBudget };
    return this.#options.handshake.channel(fixed, nowMs);
  }

  #insert(key: PublicKey, address: Ip6, channel: SecureChannel, nowMs: number): Session {
    if (this.#sessions.size >= MAX_SESSIONS) this.#evict(nowMs);
    const number = claim(this.table, this.#options.rng, address);
    const receiveHandle = (this.table.handle[number] ?? 0) >>> 0;
    const session = newSession({ number, key, address, channel, receiveHandle }, nowMs);
    this.#sessions.set(number, session);
    this.#sync(session);
    return session;
  }

  #evict(nowMs: number): void {
    const all = [...this.#sessions.values()];
    const idle = all.filter((session) => !this.isActive(session, nowMs));
    const candidates = idle.length > 0 ? idle : all;
    this.remove(candidates.reduce((a, b) => (this.lastInMs(b) < this.lastInMs(a) ? b : a)));
    this.#options.counters.add('session.evicted');
  }

  #sync(session: Session): void {
    this.table.sendRow[session.number] = session.sendHandle === null ? -1 : session.channel.sendRow;
    this.table.openRow[session.number] = session.channel.openRow;
    this.table.pending[session.number] = session.channel.pending ? 1 : 0;
  }

  #open(
    session: Session,
    packet: Uint8Array,
    handshake: boolean,
    label: Label,
    nowMs: number,
  ): readonly SessionEffect[] {
    const waited = (this.table.sendRow[session.number] as number) < 0;
    const opened = session.channel.open(packet, nowMs);
    if (opened.ok && !handshake && opened.hello !== null) this.#provenHandle(session, opened.hello);
    this.#sync(session);
    if (opened.ok) {
      const effects = this.#delivered(session, opened, handshake, label, nowMs);
      const isReady = waited && (this.table.sendRow[session.number] as number) >= 0;
      return isReady ? [...effects, { type: 'ready', session }] : effects;
    }
    this.#options.counters.add(`session.cryptoauth_${opened.error}`);
    return [{ type: 'authenticationError', error: opened.error, state: session.channel.stateNumber }];
  }

  #delivered(
    session: Session,
    { payload, via, hello }: Opened & { readonly ok: true },
    handshake: boolean,
    label: Label,
    nowMs: number,
  ): readonly SessionEffect[] {
    const { table } = this;
    const start = handshake ? HANDLE_BYTES : 0;
    if (payload.length < start + dataHeader.SIZE) return this.#drop('session.short_content');
    // A hello beside a live session may be a replay (protocol 02 §8): it is answered, but moves nothing.
    if (handshake && hello !== null) notePendingHandle(session, hello, readU32(payload, 0));
    if (!handshake || via === 'live') {
      if (handshake) this.#useHandle(session, readU32(payload, 0));
      table.unansweredSinceMs[session.number] = Number.POSITIVE_INFINITY;
      session.lastInMs = nowMs;
      session.handshakeTries = 0;
      table.inLabelHigh[session.number] = Number(label >> 32n) | 0;
      table.inLabelLow[session.number] = Number(label & 0xffff_ffffn) | 0;
    }
    this.#sync(session);
    const header = dataHeader.parse(payload.subarray(start));
    const effects: SessionEffect[] = [];
    // The payload of a handshake packet may be a replay: only questions pass, never user data (protocol 02 §8, 07 §1.1).
    if (handshake && header?.contentType !== dataHeader.CONTENT.dht) return this.#drop('session.handshake_content');
    if (header !== null) {
      const content = payload.slice(start + dataHeader.SIZE);
      effects.push({ type: 'deliver', session, contentType: header.contentType, content, handshake, via, label });
    }
    return effects;
  }

  #provenHandle(session: Session, hello: Uint8Array): void {
    const proven = session.pendingHandles.find((pending) => equal(pending.hello, hello));
    if (proven !== undefined) this.#useHandle(session, proven.handle);
    session.pendingHandles.length = 0;
  }

  #useHandle(session: Session, handle: number): void {
    session.sendHandle = handle;
    this.table.sendHandle[session.number] = handle | 0;
  }

  /** Repeats the question that carries the handshake while user data waits for it. */
  #pursueHandshake(session: Session, nowMs: number): readonly SessionEffect[] {
    const isReady = (this.table.sendRow[session.number] as number) >= 0 && !session.channel.isExhausted;
    if (isReady || session.label === null) return [];
    if (nowMs < session.nextHandshakeMs || !this.isActive(session, nowMs)) return [];
    const last = HANDSHAKE_RETRY_MS.length - 1;
    session.nextHandshakeMs = nowMs + (HANDSHAKE_RETRY_MS[Math.min(session.handshakeTries, last)] ?? 1_000);
    session.handshakeTries += 1;
    return [{ type: 'needHandshake', session }];
  }

  #drop(counter: string): readonly SessionEffect[] {
    this.#options.counters.add(counter);
    return [];
  }
}

function word(address: Ip6, at: number): number {
  return readU32(address, at) | 0;
}

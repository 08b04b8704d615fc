/** Receiving: which session a packet belongs to, and data packets. Source: protocol 02 §6, §6.1, §6.3. */

import { COUNTER_LIMIT } from '../channel/index.ts';
import { cryptoAuthHeader } from '../wire/index.ts';
import { ERROR } from './errors.ts';
import { admit } from './handshake-packet.ts';
import { withProven } from './hello-memory.ts';
import { openData } from './keys.ts';
import { openHello } from './open-hello.ts';
import { openKey } from './open-key.ts';
import { ESTABLISHED_GAP, RESPONDER_FIRST_COUNTER } from './spec.ts';
import {
  type Context,
  discard,
  type Effect,
  type Established,
  type Handshaking,
  init,
  type ReceivedKey,
  type SentKey,
  type State,
} from './state.ts';
import { type Accept, accepted, refused, type Step } from './step.ts';

/**
 * Deals with one packet. When it is refused, the state that comes back is the one that went in (with one exception of
 * the stock rules, see `openFirst`), and there are no effects.
 * @param accept replay check of established sessions, asked once and only for packets whose tag is good
 */
export function open(context: Context, state: State, packet: Uint8Array, nowMs: number, accept: Accept): Step {
  const nonceField = cryptoAuthHeader.nonceFieldOf(packet);
  if (nonceField === null || packet.length < cryptoAuthHeader.DATA_SIZE) return refused(state, ERROR.RUNT);
  if (nonceField >= cryptoAuthHeader.MIN_COUNTER) return openCounter(context, state, packet, nonceField, nowMs, accept);
  const isKey = nonceField >= cryptoAuthHeader.KEY;
  if (isKey && state.current?.name === 'ESTABLISHED' && state.handshaking.name !== 'SENT_HELLO') {
    return refused(state, ERROR.KEY_PKT_ESTABLISHED_SESSION);
  }
  const header = cryptoAuthHeader.parse(packet);
  if (header === null) return refused(state, ERROR.RUNT);
  const admission = admit(context, header);
  if (!admission.ok) return refused(state, admission.error);
  const handshake = { header, packet, user: admission.user };
  return isKey ? openKey(context, state, handshake, nowMs) : openHello(context, state, handshake, nowMs);
}

/** A data packet: established sessions first, then those that it may establish. */
function openCounter(
  context: Context,
  state: State,
  packet: Uint8Array,
  counter: number,
  nowMs: number,
  accept: Accept,
): Step {
  const { current, previous, handshaking } = state;
  if (current === null && previous === null && handshaking.name !== 'SENT_KEY') return refused(state, ERROR.NO_SESSION);
  for (const session of [current, previous]) {
    if (session?.name !== 'ESTABLISHED') continue;
    const payload = openData(context.crypto, session.secret, session.initiator, packet);
    if (payload === null) continue;
    if (!accept(session.secret, counter)) return refused(state, ERROR.REPLAY);
    const next = heardOn(state, { ...session, lastInMs: nowMs }, session === current);
    return accepted(next, { payload, kind: 'data', via: 'live', established: true, hello: null });
  }
  for (const session of [current, handshaking, ...state.answered]) {
    if (session?.name !== 'RECEIVED_KEY' && session?.name !== 'SENT_KEY') continue;
    const payload = openData(context.crypto, session.secret, session.name === 'RECEIVED_KEY', packet);
    if (payload !== null) return openFirst(context, state, session, payload, counter, nowMs);
    if (context.rules === 'stock') return refused(movedWindow(state, session, counter), ERROR.DECRYPT);
  }
  return refused(state, ERROR.DECRYPT);
}

/**
 * Data came in on an established session. We send with the one that the peer sent with last: should each side have kept another
 * session after handshakes that crossed, this brings them together again.
 */
function heardOn(state: State, session: Established, isKeyed: boolean): State {
  if (isKeyed) return { ...state, current: session };
  const { current } = state;
  if (current?.name !== 'ESTABLISHED' || session.next >= COUNTER_LIMIT) return { ...state, previous: session };
  return { ...state, current: session, previous: current };
}

/**
 * The first data packet of a session (protocol 02 §6.1). Its counter becomes the start of the window. The stock code moves
 * the window even when the packet is refused; under 'hardened' only a good packet does (§14.5).
 */
function openFirst(
  context: Context,
  state: State,
  session: ReceivedKey | SentKey,
  payload: Uint8Array,
  counter: number,
  nowMs: number,
): Step {
  if (counter < session.refuseBelow) return refused(movedWindow(state, session, counter), ERROR.REPLAY);
  const established =
    session.name === 'RECEIVED_KEY'
      ? keyProven(state, session, counter, nowMs)
      : helloProven(context, state, session, counter, nowMs);
  const hello = session.name === 'SENT_KEY' ? session.peerEphemeral : null;
  return accepted(
    established.state,
    { payload, kind: 'data', via: 'live', established: true, hello },
    established.effects,
  );
}

/** We asked, the peer answered, and now sends data: our temporary key has done its work (§14.4). */
function keyProven(state: State, session: ReceivedKey, counter: number, nowMs: number) {
  const { peerEphemeral, secret, user, next } = session;
  const current = { initiator: true, peerEphemeral, secret, next: next + ESTABLISHED_GAP, lastInMs: nowMs, user };
  const effects: Effect[] = [{ type: 'establish', secret, counter }];
  effects.push(...discard(session).filter(({ secret: other }) => other !== secret));
  const after: State = {
    ...state,
    current: { name: 'ESTABLISHED', ...current },
    previous: retired(state.previous, nowMs),
  };
  return { state: after, effects };
}

/** The peer asked and has our answer: the session of its hello replaces all others, and that hello is used up (§14.1, §14.2). */
function helloProven(context: Context, state: State, session: SentKey, counter: number, nowMs: number) {
  const { peerEphemeral, secret, user } = session;
  const current = { initiator: false, peerEphemeral, secret, next: RESPONDER_FIRST_COUNTER, lastInMs: nowMs, user };
  const replaced = state.current?.name === 'ESTABLISHED' ? state.current : state.previous;
  const { earlier, later } = aroundHello(state, session);
  const effects: Effect[] = [
    ...discard(...[state.current, state.previous].filter((other) => other !== replaced), ...earlier),
    { type: 'discard', secret: session.peerPoint },
    { type: 'install', secret, initiator: false, next: current.next, lastInMs: nowMs },
    { type: 'establish', secret, counter },
  ];
  const memory = context.rules === 'stock' ? state : withProven(state, peerEphemeral);
  const newest = later.at(-1);
  const after: State = {
    ...memory,
    handshaking: newest ?? init(nowMs),
    answered: later.slice(0, -1).filter((handshaking) => handshaking.name === 'SENT_KEY'),
    current: { name: 'ESTABLISHED', ...current },
    previous: retired(replaced, nowMs),
  };
  return { state: after, effects };
}

/** The handshakes beside that of `session`: begun before it, and after it, which the peer may have begun since. */
function aroundHello(
  state: State,
  session: SentKey,
): { earlier: readonly Handshaking[]; later: readonly Handshaking[] } {
  const all: readonly Handshaking[] = [...state.answered, state.handshaking];
  const at = all.indexOf(session);
  const later = all.slice(at + 1).filter(({ name }) => name === 'SENT_KEY' || name === 'RECEIVED_HELLO');
  return { earlier: all.filter((handshaking) => handshaking !== session && !later.includes(handshaking)), later };
}

/** What the peer sent before it changed keys may still be on its way: it is read for another 10 s. */
function retired(session: Established | null, nowMs: number): Established | null {
  return session === null ? null : { ...session, lastInMs: nowMs };
}

function movedWindow(state: State, session: ReceivedKey | SentKey, counter: number): State {
  const refuseBelow = counter + 1;
  return session.name === 'RECEIVED_KEY'
    ? { ...state, current: { ...session, refuseBelow } }
    : { ...state, handshaking: { ...session, refuseBelow } };
}

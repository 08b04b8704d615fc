/** Key and repeat key packets: the answers to our hellos. Source: protocol 02 §6.2. */
import { equal, isZero } from '../base/index.ts';
import { COUNTER_LIMIT, type Delivered, FIRST_COUNTER } from '../channel/index.ts';
import type { SecretKey } from '../crypto/index.ts';
import { cryptoAuthHeader } from '../wire/index.ts';
import { ERROR } from './errors.ts';
import { type Content, openHandshake } from './handshake-packet.ts';
import { dataSecret } from './keys.ts';
import { type Context, discard, type Effect, init, type ReceivedKey, type SentHello, type State } from './state.ts';
import { accepted, type Handshake, refused, type Step } from './step.ts';

/** A key packet that was let in by its header. It is sealed for the temporary key of one of our hellos. */
export function openKey(context: Context, state: State, handshake: Handshake, nowMs: number): Step {
  const { handshaking, current } = state;
  if (handshaking.name !== 'SENT_HELLO' && current?.name !== 'RECEIVED_KEY') return refused(state, ERROR.STRAY_KEY);
  if (handshaking.name === 'SENT_HELLO') {
    const content = openWith(context, handshake, handshaking.keyPoint);
    if (content !== null) return firstKey(context, state, handshaking, handshake, content, nowMs);
  }
  if (current?.name === 'RECEIVED_KEY') {
    const content = openWith(context, handshake, current.keyPoint);
    if (content !== null) return anotherKey(context, state, current, handshake, content);
  }
  return refused(state, ERROR.HANDSHAKE_DECRYPT_FAILED);
}

function openWith(context: Context, { header, packet, user }: Handshake, keyPoint: SecretKey): Content | null {
  return openHandshake(context, header, packet, keyPoint, user);
}

/**
 * The peer answered our hello. The packet cannot be older than our temporary key, so under 'hardened' the time-outs begin anew
 * and we send with the new keys at once; an established session that we had goes on receiving until the peer does the same.
 */
function firstKey(
  context: Context,
  state: State,
  { our, keyPoint, lastInMs: sentMs }: SentHello,
  { user }: Handshake,
  { peerEphemeral, payload }: Content,
  nowMs: number,
): Step {
  const secret = isZero(peerEphemeral) ? null : dataSecret(context.crypto, our.secret, peerEphemeral);
  if (secret === null) return refused(state, ERROR.WISEGUY);
  const lastInMs = context.rules === 'stock' ? sentMs : nowMs;
  const next = FIRST_COUNTER;
  const hot = { next, lastInMs, refuseBelow: 0 };
  const current: ReceivedKey = {
    name: 'RECEIVED_KEY',
    initiator: true,
    our,
    keyPoint,
    peerEphemeral,
    secret,
    user,
    ...hot,
  };
  const replaced = state.current;
  const keeps = replaced?.name === 'ESTABLISHED';
  const after: State = { ...state, handshaking: init(lastInMs), current, previous: keeps ? replaced : state.previous };
  const effects: Effect[] = discard(keeps ? state.previous : replaced);
  effects.push({ type: 'install', secret, initiator: true, next, lastInMs });
  return accepted(after, delivered(payload), effects);
}

/** Another answer to the hello that we have an answer to: a repetition, or the peer began anew. */
function anotherKey(
  context: Context,
  state: State,
  current: ReceivedKey,
  { header }: Handshake,
  { peerEphemeral, payload }: Content,
): Step {
  if (isZero(peerEphemeral)) return refused(state, ERROR.WISEGUY);
  const same = equal(peerEphemeral, current.peerEphemeral);
  if (same === (header.nonceField === cryptoAuthHeader.KEY)) return refused(state, ERROR.INVALID_PACKET);
  const next = current.next > FIRST_COUNTER ? Math.min(current.next + 1, COUNTER_LIMIT) : FIRST_COUNTER;
  if (same) return accepted({ ...state, current: { ...current, next, refuseBelow: 0 } }, delivered(payload));
  const secret = dataSecret(context.crypto, current.our.secret, peerEphemeral);
  if (secret === null) return refused(state, ERROR.WISEGUY);
  const effects: readonly Effect[] = [
    { type: 'discard', secret: current.secret },
    { type: 'install', secret, initiator: true, next, lastInMs: current.lastInMs },
  ];
  return accepted(
    { ...state, current: { ...current, peerEphemeral, secret, next, refuseBelow: 0 } },
    delivered(payload),
    effects,
  );
}

function delivered(payload: Uint8Array): Delivered {
  return { payload, kind: 'key', via: 'live', established: false, hello: null };
}

/** Hellos and repeat hellos. Source: protocol 02 §6.2, §7 (crossing), §14.1 and §14.2 (hardened). */
import { compare, equal, isZero } from '../base/index.ts';
import type { Delivered } from '../channel/index.ts';
import { cryptoAuthHeader } from '../wire/index.ts';
import { ERROR } from './errors.ts';
import { type Content, openHandshake } from './handshake-packet.ts';
import { isSpent, withHeard } from './hello-memory.ts';
import { sharedPoint } from './keys.ts';
import { MAX_ANSWERED } from './limits.ts';
import { type Context, discard, type ReceivedHello, type SentKey, type State } from './state.ts';
import { accepted, type Handshake, refused, type Step } from './step.ts';

/** A hello that was let in by its header. */
export function openHello(context: Context, state: State, handshake: Handshake, nowMs: number): Step {
  const { header, packet, user } = handshake;
  const point = context.peerPoint();
  if (point === null) return refused(state, ERROR.WISEGUY);
  const content = openHandshake(context, header, packet, point, user);
  if (content === null) return refused(state, ERROR.HANDSHAKE_DECRYPT_FAILED);
  if (isZero(content.peerEphemeral)) return refused(state, ERROR.WISEGUY);
  const { handshaking, current, previous } = state;
  const known = [current, previous].some(
    (session) => session !== null && equal(session.peerEphemeral, content.peerEphemeral),
  );
  if (known || isSpent(state, content.peerEphemeral)) return refused(state, ERROR.INVALID_PACKET);
  if (
    (handshaking.name === 'RECEIVED_HELLO' || handshaking.name === 'SENT_KEY') &&
    equal(handshaking.peerEphemeral, content.peerEphemeral)
  ) {
    return header.nonceField === cryptoAuthHeader.REPEAT_HELLO
      ? repeated(context, state, handshaking, content, nowMs)
      : refused(state, ERROR.INVALID_PACKET);
  }
  const answered = state.answered.find(({ peerEphemeral }) => equal(peerEphemeral, content.peerEphemeral));
  if (answered !== undefined) {
    return header.nonceField === cryptoAuthHeader.REPEAT_HELLO
      ? repeated(context, inFront(state, answered), answered, content, nowMs)
      : refused(state, ERROR.INVALID_PACKET);
  }
  // Whoever yields must forget its own hello: if both handshakes could be completed, each side might keep another one.
  if (handshaking.name === 'SENT_HELLO' && compare(context.peerKey, context.identity.publicKey) > 0) {
    const stands = context.rules === 'stock' ? state : withHeard(state, content.peerEphemeral);
    return accepted(stands, delivered(state, content));
  }
  return newHello(context, state, handshake, content, nowMs);
}

/** The state with an earlier answered hello as the one that is answered again. */
function inFront(state: State, answered: SentKey): State {
  const others = state.answered.filter((other) => other !== answered);
  return {
    ...state,
    handshaking: answered,
    answered: state.handshaking.name === 'SENT_KEY' ? [...others, state.handshaking] : others,
  };
}

/** The peer did not get our key packet yet. */
function repeated(
  context: Context,
  state: State,
  handshaking: ReceivedHello | SentKey,
  content: Content,
  nowMs: number,
): Step {
  const lastInMs = context.rules === 'stock' ? handshaking.lastInMs : nowMs;
  const again =
    handshaking.name === 'SENT_KEY' ? { ...handshaking, lastInMs, refuseBelow: 0 } : { ...handshaking, lastInMs };
  return accepted({ ...state, handshaking: again }, delivered(state, content));
}

/**
 * A new session is wanted. Stock: whatever we had is gone. Hardened: a session with data keys goes on beside the new
 * handshake, because the hello may be an old one.
 */
function newHello(context: Context, state: State, { user }: Handshake, content: Content, nowMs: number): Step {
  const { peerEphemeral } = content;
  if (!context.mayAnswer(nowMs)) return refused(state, ERROR.BUSY);
  const peerPoint = sharedPoint(context.crypto, context.identity.privateKey, peerEphemeral);
  if (peerPoint === null) return refused(state, ERROR.WISEGUY);
  const { handshaking, current } = state;
  const received = { name: 'RECEIVED_HELLO', peerEphemeral, peerPoint, user } as const;
  if (context.rules === 'stock') {
    const { lastInMs } = current ?? handshaking;
    const alone: State = { ...state, handshaking: { ...received, lastInMs }, current: null };
    return accepted(alone, delivered(alone, content), discard(handshaking, current));
  }
  // Which of several hellos is the real one shows when data comes in: an answered one is kept, bounded.
  const kept = handshaking.name === 'SENT_KEY' ? [...state.answered, handshaking] : state.answered;
  const beside: State = {
    ...withHeard(state, peerEphemeral),
    handshaking: { ...received, lastInMs: nowMs },
    answered: kept.slice(-MAX_ANSWERED),
  };
  const dropped = kept.slice(0, Math.max(0, kept.length - MAX_ANSWERED));
  return accepted(
    beside,
    delivered(beside, content),
    discard(...(handshaking.name === 'SENT_KEY' ? [] : [handshaking]), ...dropped),
  );
}

function delivered(state: State, { payload, peerEphemeral }: Content): Delivered {
  return {
    payload,
    kind: 'hello',
    via: state.current === null ? 'live' : 'pending',
    established: false,
    hello: peerEphemeral,
  };
}

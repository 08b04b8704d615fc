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
  if (isZero(content.herTemp)) return refused(state, ERROR.WISEGUY);
  const { half, keyed, previous } = state;
  const known = [keyed, previous].some((session) => session !== null && equal(session.herTemp, content.herTemp));
  if (known || isSpent(state, content.herTemp)) return refused(state, ERROR.INVALID_PACKET);
  if ((half.name === 'RECEIVED_HELLO' || half.name === 'SENT_KEY') && equal(half.herTemp, content.herTemp)) {
    return header.nonceField === cryptoAuthHeader.REPEAT_HELLO
      ? repeated(context, state, half, content, nowMs)
      : refused(state, ERROR.INVALID_PACKET);
  }
  const answered = state.answered.find(({ herTemp }) => equal(herTemp, content.herTemp));
  if (answered !== undefined) {
    return header.nonceField === cryptoAuthHeader.REPEAT_HELLO
      ? repeated(context, inFront(state, answered), answered, content, nowMs)
      : refused(state, ERROR.INVALID_PACKET);
  }
  // Whoever yields must forget its own hello: if both handshakes could be completed, each side might keep another one.
  if (half.name === 'SENT_HELLO' && compare(context.peerKey, context.identity.publicKey) > 0) {
    const stands = context.rules === 'stock' ? state : withHeard(state, content.herTemp);
    return accepted(stands, delivered(state, content));
  }
  return newHello(context, state, handshake, content, nowMs);
}

/** The state with an earlier answered hello as the one that is answered again. */
function inFront(state: State, answered: SentKey): State {
  const others = state.answered.filter((other) => other !== answered);
  return { ...state, half: answered, answered: state.half.name === 'SENT_KEY' ? [...others, state.half] : others };
}

/** She did not get our key packet yet. */
function repeated(
  context: Context,
  state: State,
  half: ReceivedHello | SentKey,
  content: Content,
  nowMs: number,
): Step {
  const lastInMs = context.rules === 'stock' ? half.lastInMs : nowMs;
  const again = half.name === 'SENT_KEY' ? { ...half, lastInMs, refuseBelow: 0 } : { ...half, lastInMs };
  return accepted({ ...state, half: again }, delivered(state, content));
}

/**
 * A new session is wanted. Stock: whatever we had is gone. Hardened: a session with data keys goes on beside the new
 * handshake, because the hello may be an old one.
 */
function newHello(context: Context, state: State, { user }: Handshake, content: Content, nowMs: number): Step {
  const { herTemp } = content;
  if (!context.mayAnswer(nowMs)) return refused(state, ERROR.BUSY);
  const herPoint = sharedPoint(context.crypto, context.identity.privateKey, herTemp);
  if (herPoint === null) return refused(state, ERROR.WISEGUY);
  const { half, keyed } = state;
  const received = { name: 'RECEIVED_HELLO', herTemp, herPoint, user } as const;
  if (context.rules === 'stock') {
    const { lastInMs } = keyed ?? half;
    const alone: State = { ...state, half: { ...received, lastInMs }, keyed: null };
    return accepted(alone, delivered(alone, content), discard(half, keyed));
  }
  // Which of several hellos is the real one shows when data comes in: an answered one is kept, bounded.
  const kept = half.name === 'SENT_KEY' ? [...state.answered, half] : state.answered;
  const beside: State = {
    ...withHeard(state, herTemp),
    half: { ...received, lastInMs: nowMs },
    answered: kept.slice(-MAX_ANSWERED),
  };
  const dropped = kept.slice(0, Math.max(0, kept.length - MAX_ANSWERED));
  return accepted(beside, delivered(beside, content), discard(...(half.name === 'SENT_KEY' ? [] : [half]), ...dropped));
}

function delivered(state: State, { payload, herTemp }: Content): Delivered {
  return { payload, kind: 'hello', via: state.keyed === null ? 'live' : 'pending', established: false, hello: herTemp };
}

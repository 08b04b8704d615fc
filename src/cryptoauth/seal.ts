/** Sending: every payload goes out at once, in whatever packet the state calls for. Source: protocol 02 §5. */
import { MeshError } from '../base/index.ts';
import { COUNTER_LIMIT, type Via } from '../channel/index.ts';
import type { SecretKey } from '../crypto/index.ts';
import { cryptoAuthHeader } from '../wire/index.ts';
import { sealHandshake } from './handshake-packet.ts';
import { dataSecret, sealData, sharedPoint, temporaryPair } from './keys.ts';
import {
  type Context,
  type Current,
  discard,
  type Effect,
  type Handshaking,
  type SentHello,
  type State,
} from './state.ts';
import { checkTimeouts, reset } from './timeouts.ts';

/** A packet to send and what becomes of the state. */
export type Sealed = { readonly state: State; readonly packet: Uint8Array; readonly effects: readonly Effect[] };

/**
 * Wraps a payload. Draws, where a new temporary pair is needed, its private key (32 bytes), then what `sealHandshake` draws.
 * @param via `live`: with the data keys if there are any; `pending`: as part of the handshake beside them (hardened only)
 * @throws MeshError ERR_EMPTY_PAYLOAD (stock nodes abort on such packets), ERR_PEER_KEY (its key is of low order)
 */
export function seal(context: Context, before: State, payload: Uint8Array, nowMs: number, via: Via): Sealed {
  if (payload.length === 0) throw new MeshError('ERR_EMPTY_PAYLOAD', 'an empty payload must not be sent');
  const checked = checkTimeouts(before, nowMs);
  const { current } = checked.state;
  if (current !== null && current.next >= COUNTER_LIMIT) {
    const without = exhausted(context, checked.state, current);
    return sealHalf(context, without.state, payload, nowMs, [...checked.effects, ...without.effects]);
  }
  const pending = via === 'pending' && context.rules === 'hardened';
  if (current === null || pending) return sealHalf(context, checked.state, payload, nowMs, checked.effects);
  return {
    packet: sealData(context.crypto, current.secret, current.initiator, current.next, payload),
    state: { ...checked.state, current: { ...current, next: current.next + 1 } },
    effects: checked.effects,
  };
}

/** No counter is left: a new handshake begins. Hardened: what it sends under the old keys is still read meanwhile. */
function exhausted(context: Context, state: State, current: Current): { state: State; effects: readonly Effect[] } {
  if (context.rules === 'stock') return reset(state);
  if (current.name === 'ESTABLISHED') return { state: { ...state, current: null, previous: current }, effects: [] };
  return { state: { ...state, current: null }, effects: discard(current) };
}

function sealHalf(
  context: Context,
  state: State,
  payload: Uint8Array,
  nowMs: number,
  effects: readonly Effect[],
): Sealed {
  const sent = handshake(context, state.handshaking, payload, nowMs);
  return { packet: sent.packet, state: { ...state, handshaking: sent.handshaking }, effects };
}

/** The table of protocol 02 §5: what a half-open session sends. */
function handshake(
  context: Context,
  handshaking: Handshaking,
  payload: Uint8Array,
  nowMs: number,
): { packet: Uint8Array; handshaking: Handshaking } {
  const { crypto, rng, rules } = context;
  const { HELLO, REPEAT_HELLO, KEY, REPEAT_KEY } = cryptoAuthHeader;
  switch (handshaking.name) {
    case 'INIT':
    case 'SENT_HELLO': {
      const point = peerPoint(context);
      const { our, keyPoint } = handshaking.name === 'INIT' ? newHello(context) : handshaking;
      const nonceField = handshaking.name === 'INIT' ? HELLO : REPEAT_HELLO;
      const packet = sealHandshake(context, nonceField, point, our.publicKey, payload);
      const lastInMs = rules === 'stock' ? handshaking.lastInMs : nowMs;
      return { packet, handshaking: { name: 'SENT_HELLO', our, keyPoint, lastInMs } };
    }
    case 'RECEIVED_HELLO': {
      const { secret: ours, publicKey } = temporaryPair(crypto, rng);
      const secret = dataSecret(crypto, ours, handshaking.peerEphemeral);
      ours.wipe();
      if (secret === null) throw new MeshError('ERR_PEER_KEY', 'a temporary key of low order was let in');
      const packet = sealHandshake(context, KEY, handshaking.peerPoint, publicKey, payload);
      return {
        packet,
        handshaking: { ...handshaking, name: 'SENT_KEY', ourPublic: publicKey, secret, refuseBelow: 0 },
      };
    }
    case 'SENT_KEY':
      return {
        packet: sealHandshake(context, REPEAT_KEY, handshaking.peerPoint, handshaking.ourPublic, payload),
        handshaking,
      };
  }
}

function newHello({ crypto, rng, peerKey }: Context): Pick<SentHello, 'our' | 'keyPoint'> {
  const our = temporaryPair(crypto, rng);
  const keyPoint = sharedPoint(crypto, our.secret, peerKey);
  if (keyPoint === null) throw new MeshError('ERR_PEER_KEY', 'the public key of the peer is of low order');
  return { our, keyPoint };
}

function peerPoint(context: Context): SecretKey {
  const point = context.peerPoint();
  if (point === null) throw new MeshError('ERR_PEER_KEY', 'the public key of the peer is of low order');
  return point;
}

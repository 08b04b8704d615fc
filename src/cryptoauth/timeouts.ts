/** All timers of CryptoAuth: what is forgotten after which silence. Source: protocol 02 §10, §14.1. */
import { COUNTER_LIMIT } from '../channel/index.ts';
import { RESET_MS, SETUP_RESET_MS } from './spec.ts';
import { discard, type Effect, init, type SentKey, type State } from './state.ts';

/** A step that no packet belongs to. */
export type Checked = {
  readonly state: State;
  readonly effects: readonly Effect[];
  /** Was that what we send with thrown away? */
  readonly reset: boolean;
};

/**
 * The time-out check: 60 s without data for an established session, 10 s for one that is half open. A session that has
 * only sent hellos is kept for ever, so that a late answer still fits, unless there is another one to send with. One that was
 * replaced is read for another 10 s.
 */
export function checkTimeouts(state: State, nowMs: number): Checked {
  const fresh = dropOldAnswers(state, nowMs);
  const checked = checkKeyed(fresh.state, nowMs);
  return fresh.effects.length === 0 ? checked : { ...checked, effects: [...fresh.effects, ...checked.effects] };
}

function checkKeyed(state: State, nowMs: number): Checked {
  const silent = dropSilentPrevious(state, nowMs);
  const { current } = silent.state;
  const limitMs = current?.name === 'ESTABLISHED' ? RESET_MS : SETUP_RESET_MS;
  if (current === null || nowMs - current.lastInMs < limitMs) return checkHalf(silent.state, silent.effects, nowMs);
  const { handshaking, previous } = silent.state;
  const usable = previous !== null && previous.next < COUNTER_LIMIT;
  const left: State = {
    ...silent.state,
    handshaking: handshaking.name === 'INIT' ? init(nowMs) : handshaking,
    current: usable ? previous : null,
    previous: usable ? null : previous,
  };
  const checked = checkHalf(left, [...silent.effects, ...discard(current)], nowMs);
  return { ...checked, reset: true };
}

function dropOldAnswers(state: State, nowMs: number): { state: State; effects: readonly Effect[] } {
  const isOld = ({ lastInMs }: SentKey): boolean => nowMs - lastInMs >= SETUP_RESET_MS;
  if (!state.answered.some(isOld)) return { state, effects: [] };
  const answered = state.answered.filter((handshaking) => !isOld(handshaking));
  return { state: { ...state, answered }, effects: discard(...state.answered.filter(isOld)) };
}

function dropSilentPrevious(state: State, nowMs: number): { state: State; effects: readonly Effect[] } {
  const limitMs = state.current?.name === 'ESTABLISHED' ? SETUP_RESET_MS : RESET_MS;
  if (state.previous === null || nowMs - state.previous.lastInMs < limitMs) return { state, effects: [] };
  return { state: { ...state, previous: null }, effects: discard(state.previous) };
}

function checkHalf(state: State, effects: readonly Effect[], nowMs: number): Checked {
  const { handshaking, current } = state;
  const waitsForEver = handshaking.name === 'SENT_HELLO' && current === null;
  const beside = handshaking.name === 'INIT' && current !== null;
  if (waitsForEver || beside || nowMs - handshaking.lastInMs < SETUP_RESET_MS) return { state, effects, reset: false };
  return {
    state: { ...state, handshaking: init(nowMs) },
    effects: [...effects, ...discard(handshaking)],
    reset: current === null,
  };
}

/** Back to INIT, whatever the state; what is known of old hellos stays. As after a restart, except for the memory. */
export function reset(state: State): { readonly state: State; readonly effects: readonly Effect[] } {
  const lastInMs = (state.current ?? state.handshaking).lastInMs;
  return {
    state: { ...state, handshaking: init(lastInMs), answered: [], current: null, previous: null },
    effects: discard(state.handshaking, ...state.answered, state.current, state.previous),
  };
}

/**
 * Which hellos are used up (protocol 02 §14.2). A node never uses a temporary key again once the session made with it was
 * established, nor one that it sent before the hello of that session; whoever repeats such a hello is replaying it.
 *
 * That a hello was merely followed by another one proves nothing: the later one may be the replay, and a genuine node goes
 * on repeating the same hello for as long as it gets no answer. So keys count as used up only when a later session, with
 * us as the responder, has received data.
 */
import { equal } from '../base/index.ts';
import { MAX_HEARD_HELLOS, MAX_SPENT_HELLOS } from './limits.ts';
import type { State } from './state.ts';

type Memory = Pick<State, 'seenHellos' | 'usedHellos'>;

/** Is a hello with this temporary key a replay for certain? */
export function isSpent(memory: Memory, peerEphemeral: Uint8Array): boolean {
  return memory.usedHellos.some((key) => equal(key, peerEphemeral));
}

/** A good hello came in; its key moves to the end. */
export function withHeard<M extends Memory>(memory: M, peerEphemeral: Uint8Array): M {
  const others = memory.seenHellos.filter((key) => !equal(key, peerEphemeral));
  return { ...memory, seenHellos: [...others, peerEphemeral].slice(-MAX_HEARD_HELLOS) };
}

/** The hello with this temporary key led to a session that data came in on: it and all before it are used up. */
export function withProven<M extends Memory>(memory: M, peerEphemeral: Uint8Array): M {
  const at = memory.seenHellos.findIndex((key) => equal(key, peerEphemeral));
  const usedHellos = [...memory.usedHellos, ...memory.seenHellos.slice(0, at + 1)].slice(-MAX_SPENT_HELLOS);
  return { ...memory, seenHellos: memory.seenHellos.slice(at + 1), usedHellos };
}

/** The states of a session, which the admin API names as the stock daemon does, in words. */

const WORDS: Readonly<Record<string, string>> = {
  INIT: 'not begun',
  SENT_HELLO: 'asking',
  RECEIVED_HELLO: 'asked',
  SENT_KEY: 'answered',
  RECEIVED_KEY: 'agreed',
  ESTABLISHED: 'established',
  UNRESPONSIVE: 'no answer',
};

/** One or two words; a state that is not known is left as it is. @param state of protocol 04 §5, or null */
export function sessionState(state: string | null): string | null {
  return state === null ? null : (WORDS[state] ?? state);
}

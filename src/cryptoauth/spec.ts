/** Numbers that the wire prescribes for CryptoAuth; the layout of packets is in `wire/`. Source: protocol 02. */

/** What a side adds to its counter when the first data packet reaches it (§6.1): 3 of SENT_KEY + 3. */
export const ESTABLISHED_GAP = 3;
/** First counter of the responder's data packets. */
export const RESPONDER_FIRST_COUNTER = 3 + ESTABLISHED_GAP;

/** Bytes of a temporary key, the first part of what a handshake packet encrypts (§2.1). */
export const TEMPORARY_KEY_BYTES = 32;

/** Bytes of the box nonce (§1). */
export const BOX_NONCE_BYTES = 24;

/** A half-open session without data packets is forgotten after this time (§10, setupReset). */
export const SETUP_RESET_MS = 10_000;
/** So is an established one after this time (§10, reset). */
export const RESET_MS = 60_000;

/** Numbers of the states, also as they go into error reports (§4). */
export const STATE_NUMBER = {
  INIT: 0,
  SENT_HELLO: 1,
  RECEIVED_HELLO: 2,
  SENT_KEY: 3,
  RECEIVED_KEY: 4,
  ESTABLISHED: 100,
} as const;

/** Name of a state. */
export type StateName = keyof typeof STATE_NUMBER;
/** Number of a state. */
export type StateNumber = (typeof STATE_NUMBER)[StateName];

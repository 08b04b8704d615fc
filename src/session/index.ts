/**
 * Sessions: end-to-end encrypted associations between two nodes any number of hops apart.
 *
 * Promises: user data never leaves before the handshake proved who is there; packets that wait are bounded; a path
 * that falls silent under traffic is reported within two seconds; a session answers on whatever label it is given.
 * Refuses: to choose labels (that is `route/`), to answer unknown handles, to deliver what did not decrypt.
 * Follows protocol 07 (sessions) over `cryptoauth/` (protocol 02).
 */

export { mirrorSession } from './mirror.ts';
export type { SessionsOptions } from './options.ts';
export type { Session, SessionEffect } from './session.ts';
export { Sessions } from './sessions.ts';
export { longestSent } from './sizes.ts';
export { BEFORE_SESSION_FRAME, createSessionStages, type SessionStages } from './stages.ts';
export { lastInLabel, lookupAddress, type SessionNumber, type SessionTable } from './table.ts';

/**
 * CryptoAuth: keys are agreed on and data is kept secret, between direct peers and end to end alike.
 *
 * Promises: bytes and states as stock nodes have them (`rules: 'stock'` exactly, transcript by transcript); hardened, an old
 * hello neither ends a live session nor is let in twice, and each packet is delivered once at most. A refused packet
 * changes nothing. Temporary private keys live no longer than needed; secrets are never printed.
 * Refuses: low-order and zero keys, authentication types above 2, empty payloads, counters beyond the limit.
 * Leaves to its owners: deciding when to send, time-outs of links, what may be done with the payload of a handshake packet
 * (it may be a replay, protocol 02 §8).
 * Follows protocol 02.
 */
export { createCredentials } from './credentials.ts';
export { createCryptoAuth } from './crypto-auth.ts';
export { errorName } from './errors.ts';
export { MAX_USERS } from './limits.ts';
export { type NewUser, type User, Users } from './users.ts';

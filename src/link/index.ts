/**
 * Links: the encrypted associations with direct neighbours.
 *
 * Promises: nobody without a password of ours gets an entry; a stranger costs at most a bounded number of key
 * exchanges; a peer that dies is noticed in a second under traffic; at most 256 peers.
 * Refuses: to forward anything from a peer whose handshake is not finished, to answer strangers, to learn an address
 * from an unauthenticated packet.
 * Follows protocol 04 (peering); sessions of the links are `cryptoauth/` (protocol 02).
 */
export type { LinkEffect, Via } from './effects.ts';
export { type DialOptions, Links, type LinksOptions } from './links.ts';
export { costMs, jitterMs, loss, quality, rttMs, rttP95Ms } from './measure.ts';
export { type Peer, reasonOf, stateOf, stockState } from './peer.ts';
export type { Refusal, RefusalReason } from './refused.ts';
export { createLinkStages, type LinkStages, type Punt } from './stages.ts';
export { INTERFACES, type LinkTable } from './table.ts';
export { formatEndpoint, type UnderlayEndpoint } from './types.ts';

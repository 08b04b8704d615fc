/**
 * Links: the encrypted associations with direct neighbours.
 *
 * Promises: nobody without a password of ours gets an entry; a stranger costs at most a bounded number of key
 * exchanges, and gets at most as many bytes as it sent; who owns an endpoint or a link is decided by data that opens; a
 * link comes up again within three seconds of the line being clean; a peer that dies is noticed in a second under traffic;
 * at most 256 peers, of which the dead and unfinished give way.
 * Refuses: to forward anything from a peer whose handshake is not finished, to learn an address from a packet that proves
 * nothing.
 * Follows protocol 04 (peering); sessions of the links are `cryptoauth/` (protocol 02).
 */
export type { Discovery, Neighbour } from './discovered.ts';
export type { LinkEffect, Way } from './effects.ts';
export { LONG_FRAME_BYTES, MAX_ENDPOINTS, MAX_PEERS } from './limits.ts';
export { type DialOptions, Links } from './links.ts';
export { costMs, jitterMs, loss, quality, rttMs, rttP95Ms } from './measure.ts';
export { mirrorLink } from './mirror.ts';
export { isCut } from './path-mtu.ts';
export { isNeighbour, ownKeyElsewhere, type Peer, reasonOf, stateOf, stockState } from './peer.ts';
export type { LinksOptions } from './peers.ts';
export { REFUSAL_REASONS, type Refusal, type RefusalReason } from './refused.ts';
export { createLinkStages, type LinkStages, type Punt } from './stages.ts';
export { INTERFACES, type LinkTable } from './table.ts';
export type { PeerToDial, SocketEndpoint } from './types.ts';

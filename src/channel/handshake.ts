/**
 * What links and sessions ask of a handshake protocol. Where a packet lies in other bytes (`…At`), nothing is copied and
 * nothing is proven: these questions sort packets before anything is calculated.
 */
import type { ChannelOptions, SecureChannel } from './channel.ts';

/** What a handshake packet says of itself before anything of it is proven. */
export type FirstPacket = {
  /** 32 bytes, unchecked: who says to have sent it. */
  readonly publicKey: Uint8Array;
  /** It may begin a handshake; false for an answer in one. */
  readonly isFirst: boolean;
  /** It names a password or a login. */
  readonly hasCredentials: boolean;
};

/** Why somebody without the right credentials was turned away. */
export const CREDENTIAL_REFUSALS = ['unknown login', 'wrong password or key', 'password required'] as const;

/** One of them. */
export type CredentialRefusal = (typeof CREDENTIAL_REFUSALS)[number];

/** A handshake protocol of one node, with its users. */
export type Handshake = {
  /** Bytes of the shortest handshake packet. */
  readonly shortestBytes: number;
  /** Is what lies here part of a handshake? Otherwise it is data. */
  readonly isHandshakeAt: (bytes: Uint8Array, offset: number, length: number) => boolean;
  /** Does what lies here look like the first packet of a handshake, complete? */
  readonly isFirstAt: (bytes: Uint8Array, offset: number, length: number) => boolean;
  /** Does a handshake packet name a password that we know? In constant time. */
  readonly isKnownAt: (bytes: Uint8Array, offset: number) => boolean;
  /** Does a handshake packet say that this key sent it? */
  readonly isFromAt: (bytes: Uint8Array, offset: number, publicKey: Uint8Array) => boolean;
  /** 52 bits of a handshake packet that nobody can choose for another node's: tells a recording from a new one. */
  readonly markAt: (bytes: Uint8Array, offset: number) => number;
  /** @returns null for what is no complete handshake packet */
  readonly peek: (packet: Uint8Array) => FirstPacket | null;
  /** What an error number means for the person who has to mend it; null: it says nothing about credentials. */
  readonly refusalOf: (error: number, hasCredentials: boolean) => CredentialRefusal | null;
  /** A channel without keys. @throws MeshError ERR_PEER_KEY for our own key or the zero key: callers check keys before */
  readonly channel: (options: ChannelOptions, nowMs: number) => SecureChannel;
};

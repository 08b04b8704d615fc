/** One session as the slow path holds it, and what sessions want done. Source: protocol 07. */

import { createTokenBucket, equal, type TokenBucket } from '../base/index.ts';
import type { SecureChannel, Via } from '../channel/index.ts';
import type { Ip6, PublicKey } from '../crypto/index.ts';
import type { Label } from '../wire/index.ts';
import { MAX_PENDING_HANDLES, MESSAGE_BURST, MESSAGES_PER_SECOND } from './limits.ts';
import { newSentSizes, type SentSizes } from './sizes.ts';
import type { SessionNumber } from './table.ts';

/** One session; its hot fields are in the table under the same number. */
export type Session = {
  readonly number: SessionNumber;
  readonly key: PublicKey;
  readonly address: Ip6;
  readonly channel: SecureChannel;
  readonly receiveHandle: number;
  sendHandle: number | null;
  /** Handles from hellos beside the live session, newest last, each used once its handshake is proven: it may be an old hello. */
  readonly pendingHandles: { readonly hello: Uint8Array; readonly handle: number }[];
  /** Label user data is sent on. */
  label: Label | null;
  hops: number | null;
  rttMs: number | null;
  protocol: number | null;
  readonly createdMs: number;
  /** Last valid packet of any kind. */
  lastInMs: number;
  handshakeTries: number;
  nextHandshakeMs: number;
  /** When `pathDoubt` may be reported again. */
  doubtReportMs: number;
  /** First question of our router since the last valid packet. */
  askedMs: number;
  /** When `pathSilent` may be reported again. */
  silentReportMs: number;
  /** Routing was asked to keep a path to it. */
  wanted: boolean;
  /** Loss of what arrived over the last seconds, 0 to 1; null = too little to tell. */
  loss: number | null;
  readonly window: { startMs: number; received: number; lost: number };
  /** What it sends, by length. */
  readonly sizes: SentSizes;
  /** When routing was last told that the path works. */
  reportedGoodMs: number;
  /** Router messages that are looked at. */
  readonly messages: TokenBucket;
};

/** What the node has to do for the sessions. */
export type SessionEffect =
  /** User data waits for a path to `address`. */
  | { readonly type: 'needPath'; readonly address: Ip6 }
  /** A router message (`pn`) has to be sent over the session's label to bring the handshake forward. */
  | { readonly type: 'needHandshake'; readonly session: Session }
  /** Silence under traffic, each half second of it: ask something over the path. */
  | { readonly type: 'pathDoubt'; readonly session: Session; readonly label: Label }
  /** Two seconds of silence under traffic: the path is broken. */
  | { readonly type: 'pathSilent'; readonly session: Session; readonly label: Label }
  /** Content arrived; `label` is the arrived label field. */
  | {
      readonly type: 'deliver';
      readonly session: Session;
      readonly contentType: number;
      readonly content: Uint8Array;
      /** It rode in a handshake packet. */
      readonly handshake: boolean;
      readonly via: Via;
      readonly label: Label;
    }
  /** The session can carry user data now. */
  | { readonly type: 'ready'; readonly session: Session }
  /** User data was dropped because no path was found. */
  | { readonly type: 'unreachable'; readonly address: Ip6; readonly packet: Uint8Array }
  /** A packet could not be opened: tell the sender (protocol 02 §11.1). */
  | { readonly type: 'authenticationError'; readonly error: number; readonly state: number }
  | { readonly type: 'removed'; readonly address: Ip6 };

const MESSAGE_LIMIT = { ratePerSecond: MESSAGES_PER_SECOND, burst: MESSAGE_BURST };

/** A session that knows nothing yet but whom it is with. */
export function newSession(
  fixed: Pick<Session, 'number' | 'key' | 'address' | 'channel' | 'receiveHandle'>,
  nowMs: number,
): Session {
  const { number, key, address, channel, receiveHandle } = fixed;
  // Written out: a spread would give each session a hidden class of its own.
  return {
    number,
    key,
    address,
    channel,
    receiveHandle,
    sendHandle: null,
    pendingHandles: [],
    label: null,
    hops: null,
    rttMs: null,
    protocol: null,
    createdMs: nowMs,
    lastInMs: nowMs,
    handshakeTries: 0,
    nextHandshakeMs: nowMs,
    doubtReportMs: 0,
    askedMs: Number.NEGATIVE_INFINITY,
    silentReportMs: 0,
    wanted: false,
    loss: null,
    window: { startMs: nowMs, received: 0, lost: 0 },
    sizes: newSentSizes(nowMs),
    reportedGoodMs: 0,
    messages: createTokenBucket(MESSAGE_LIMIT, nowMs),
  };
}

/** Remembers the handle that came with a hello until data proves that hello; the oldest gives way. */
export function notePendingHandle({ pendingHandles }: Session, hello: Uint8Array, handle: number): void {
  const at = pendingHandles.findIndex((pending) => equal(pending.hello, hello));
  if (at >= 0) pendingHandles.splice(at, 1);
  pendingHandles.push({ hello, handle });
  if (pendingHandles.length > MAX_PENDING_HANDLES) pendingHandles.shift();
}

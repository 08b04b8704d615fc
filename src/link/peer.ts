/**
 * One direct neighbour: what is not needed per packet. The hot fields are in `table.ts` under the same number.
 * Source: protocol 04 §2, §5.
 */

import type { SecureChannel } from '../channel/index.ts';
import type { Ip6, PublicKey } from '../crypto/index.ts';
import { LAN_LOGIN } from '../lan/index.ts';
import type { PeerNumber } from '../switch/index.ts';
import type { Away } from './away.ts';
import { dialling, type Liveness } from './liveness.ts';
import { type Measure, unmeasured } from './measure.ts';
import { type PathMtu, unknownPathMtu } from './path-mtu.ts';
import type { SocketEndpoint } from './types.ts';

/** Where a neighbour is and the keys shared with it: what a link takes over when its peer comes from a new address. */
export type Line = {
  endpoint: SocketEndpoint;
  /** Endpoint slot of the engine; peers with different keys may share one until data proves whose it is. */
  slot: number;
  channel: SecureChannel;
};

/** A neighbour over one link. */
export type Peer = Line & {
  /** Switch interface number, 0 to 256 but 1; fixed while the peer is known. */
  readonly number: PeerNumber;
  readonly key: PublicKey;
  readonly address: Ip6;
  name: string | null;
  direction: 'in' | 'out' | 'lan';
  /** It is dialled at several places: our pings say which run of this node they come from, so that none is taken for a twin. */
  hasSeveralWays: boolean;
  /** Which run of its node the peer said that it is; null: nothing was said. */
  run: string | null;
  liveness: Liveness;
  measure: Measure;
  pathMtu: PathMtu;
  /** Protocol version, null before the first pong. */
  protocol: number | null;
  /** The version is one we cannot talk to (protocol 04 §4.4). */
  incompatible: boolean;
  /** Routing was told that the peer is there. */
  announced: boolean;
  readonly createdMs: number;
  establishedMs: number | null;
  /** First data packet under the keys of this line: the peer is where it says, and knows what it says. */
  provenMs: number | null;
  /** Since when data can be sent; null = it cannot. */
  sendableMs: number | null;
  /** Data of ours was answered since the link was last down: both directions work. */
  answered: boolean;
  /** Which of our addresses its last handshake packet came to, as `LinkTable.ownAddress` has it. */
  askedAt: number;
  /** Endpoint slot that it came from: its answer goes there. That of the link for whom we dial. */
  askedSlot: number;
  /** Bytes that may be sent in answer to handshake packets: as many as came, in one packet each (SECURITY.md, P8). */
  mayAnswerBytes: number;
  /** The same key answers from another address: since when that is being found out, and which link has the key. */
  rivalOf: { readonly holder: Peer; readonly sinceMs: number; readonly isRefused?: boolean } | null;
  /** Where the last such rival of this link was, which is not listened to until then. */
  refusedRival: { readonly endpoint: string; readonly untilMs: number } | null;
  /** Where the peer sees our own key, too: another machine has it. */
  ownKeyAt: { readonly endpoint: string; readonly untilMs: number } | null;
  /** Last data packet heard, as far as anybody looked; the tables know it sooner. */
  lastInMs: number;
  /** Packets in its row as of the last look, and when the last of so many came that they were a stream. */
  receivedThen: number;
  streamInMs: number;
  /** When the latest ping that was answered had left. */
  answeredPingMs: number;
  /** Pings since that one, whatever else was heard. */
  openPings: number;
  /** Row that data is sealed with, -1 without keys. */
  sendRow: number;
  /** Since when the link is up with the keys that it has. */
  steadySinceMs: number;
  /** Where we dialled it; null: it dialled us. */
  dialledAt: SocketEndpoint | null;
  /** Where it was heard from, too, lately. */
  away: Away | null;
  /** When it was heard from its endpoint, as of the last packet from elsewhere; and when that was. */
  hereInMs: number;
  awayInMs: number;
  /** When the link moved to another address, last. */
  movedMs: number | null;
  /** Since when it may have forgotten our keys: until it is heard, each ping goes in a new handshake, too. */
  keysDoubtedMs: number;
  /** When its timers are to be looked at again. */
  dueMs: number;
};

/** What is known of a peer when it begins. */
export type NewPeer = Pick<Peer, 'number' | 'key' | 'address' | 'endpoint' | 'slot' | 'channel' | 'direction'>;

/** A peer that has not been heard yet. */
export function newPeer(fixed: NewPeer, nowMs: number): Peer {
  return {
    ...fixed,
    name: null,
    hasSeveralWays: false,
    run: null,
    liveness: dialling(nowMs),
    measure: unmeasured(nowMs),
    pathMtu: unknownPathMtu(),
    protocol: null,
    incompatible: false,
    announced: false,
    createdMs: nowMs,
    establishedMs: null,
    provenMs: null,
    sendableMs: null,
    answered: false,
    askedAt: 0,
    askedSlot: fixed.slot,
    mayAnswerBytes: 0,
    rivalOf: null,
    refusedRival: null,
    ownKeyAt: null,
    lastInMs: nowMs,
    receivedThen: 0,
    streamInMs: Number.NEGATIVE_INFINITY,
    answeredPingMs: nowMs,
    openPings: 0,
    sendRow: -1,
    steadySinceMs: nowMs,
    dialledAt: fixed.direction === 'out' ? fixed.endpoint : null,
    away: null,
    hereInMs: nowMs,
    awayInMs: Number.NEGATIVE_INFINITY,
    movedMs: null,
    keysDoubtedMs: Number.NEGATIVE_INFINITY,
    dueMs: nowMs,
  };
}

/** A link that somebody else began and that has carried no data yet. */
export function isUnfinished(peer: Peer): boolean {
  return peer.direction === 'in' && peer.provenMs === null;
}

/** A beacon brought it: theirs, which we heard, or ours, whose password it has. */
export function isNeighbour({ direction, channel }: Peer): boolean {
  return direction === 'lan' || (direction === 'in' && channel.user?.login === LAN_LOGIN);
}

/** A neighbour that a beacon told of and that has not proved yet that it is there. */
export function isUnprovenNeighbour(peer: Peer): boolean {
  return peer.direction === 'lan' && peer.provenMs === null;
}

/** A link that nobody configured here and that no longer answers. */
export function isDeadGuest(peer: Peer): boolean {
  return peer.direction !== 'out' && peer.liveness.phase === 'dead';
}

/** The words of protocol 04 §5 for the state of a peer. */
export function stockState(peer: Peer): string {
  if (peer.incompatible) return 'INCOMPATIBLE';
  if (peer.liveness.phase === 'dead') return 'UNRESPONSIVE';
  return peer.channel.stateName;
}

/** The four words for people. */
export function stateOf(peer: Peer): 'handshake' | 'established' | 'unresponsive' | 'incompatible' {
  if (peer.incompatible) return 'incompatible';
  if (peer.liveness.phase === 'dead') return 'unresponsive';
  return peer.announced ? 'established' : 'handshake';
}

/** Why the peer is not established, with the likely remedy; null when it is. */
export function reasonOf(peer: Peer, nowMs: number): string | null {
  const time = inWords(nowMs - peer.liveness.sinceMs);
  if (peer.incompatible) return `its protocol version ${peer.protocol ?? 0} is too old: at least 20 is needed`;
  const ownKeyAt = peer.announced ? null : ownKeyElsewhere(peer, nowMs);
  if (ownKeyAt !== null) return `it talks to another machine that has our key, at ${ownKeyAt}`;
  if (peer.liveness.phase === 'dead') return `silent for ${time}: is it running, and is the network between up?`;
  if (peer.announced) return null;
  if (peer.rivalOf !== null) return 'the same key is in use at another address: waiting whether that still answers';
  if (peer.liveness.phase === 'alive') return 'it is heard, but has not answered us yet';
  if (peer.direction === 'in') return 'handshake not finished: waiting for its next packet';
  if (peer.direction === 'lan') return `a beacon named it ${time} ago, and it does not answer: does it let UDP in?`;
  return `no answer for ${time}: wrong password, key or port, or a firewall`;
}

/** Where this peer sees another machine that has our key; null if it said nothing of it lately. */
export function ownKeyElsewhere({ ownKeyAt }: Peer, nowMs: number): string | null {
  return ownKeyAt !== null && nowMs < ownKeyAt.untilMs ? ownKeyAt.endpoint : null;
}

/** `90 s`, `13 min`, `5 h`, `3 days`: two or more of a unit, so that the number says something. */
function inWords(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86_400)} days`;
}

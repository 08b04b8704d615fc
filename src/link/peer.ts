/**
 * One direct neighbour: what is not needed per packet. The hot fields are in `table.ts` under the same number.
 * Source: protocol 04 §2, §5.
 */
import { createTokenBucket, type TokenBucket } from '../base/index.ts';
import type { Ip6, PublicKey } from '../crypto/index.ts';
import type { Association } from '../cryptoauth/index.ts';
import { PEER_HANDSHAKE_BURST, PEER_HANDSHAKES_PER_SECOND } from './limits.ts';
import { dialling, type Liveness } from './liveness.ts';
import { type Measure, unmeasured } from './measure.ts';
import type { UnderlayEndpoint } from './types.ts';

/** A neighbour over one link; several may have the same key (protocol 04 §4.5). */
export type Peer = {
  /** Switch interface number, 0 to 256 but 1; fixed while the peer is known. */
  readonly number: number;
  readonly key: PublicKey;
  readonly address: Ip6;
  readonly endpoint: UnderlayEndpoint;
  /** Endpoint slot of the engine. */
  readonly slot: number;
  name: string | null;
  direction: 'in' | 'out' | 'lan';
  readonly association: Association;
  liveness: Liveness;
  readonly measure: Measure;
  /** Protocol version, null before the first pong. */
  protocol: number | null;
  /** The version is one we cannot talk to (protocol 04 §4.4). */
  incompatible: boolean;
  /** Routing was told that the peer is there. */
  announced: boolean;
  readonly createdMs: number;
  establishedMs: number | null;
  /** When its timers are to be looked at again. */
  dueMs: number;
  readonly handshakes: TokenBucket;
};

/** What is known of a peer when it begins. */
export type NewPeer = Pick<Peer, 'number' | 'key' | 'address' | 'endpoint' | 'slot' | 'association' | 'direction'>;

/** A peer that has not been heard yet. */
export function newPeer(fixed: NewPeer, nowMs: number): Peer {
  return {
    ...fixed,
    name: null,
    liveness: dialling(nowMs),
    measure: unmeasured(nowMs),
    protocol: null,
    incompatible: false,
    announced: false,
    createdMs: nowMs,
    establishedMs: null,
    dueMs: nowMs,
    handshakes: createTokenBucket({ ratePerSecond: PEER_HANDSHAKES_PER_SECOND, burst: PEER_HANDSHAKE_BURST }, nowMs),
  };
}

/** The words of protocol 04 §5 for the state of a peer. */
export function stockState(peer: Peer): string {
  if (peer.incompatible) return 'INCOMPATIBLE';
  if (peer.liveness.phase === 'dead') return 'UNRESPONSIVE';
  const names: Readonly<Record<number, string>> = {
    0: 'INIT',
    1: 'SENT_HELLO',
    2: 'RECEIVED_HELLO',
    3: 'SENT_KEY',
    4: 'RECEIVED_KEY',
    100: 'ESTABLISHED',
  };
  return names[peer.association.stateNumber] ?? 'INIT';
}

/** The four words for people. */
export function stateOf(peer: Peer): 'handshake' | 'established' | 'unresponsive' | 'incompatible' {
  if (peer.incompatible) return 'incompatible';
  if (peer.liveness.phase === 'dead') return 'unresponsive';
  return peer.announced ? 'established' : 'handshake';
}

/** Why the peer is not established, with the likely remedy; null when it is. */
export function reasonOf(peer: Peer, nowMs: number): string | null {
  const seconds = Math.max(0, Math.round((nowMs - peer.liveness.sinceMs) / 1000));
  if (peer.incompatible) return `its protocol version ${peer.protocol ?? 0} is too old: at least 20 is needed`;
  if (peer.liveness.phase === 'dead') return `silent for ${seconds} s: is it running, and is the network between up?`;
  if (peer.announced) return null;
  if (peer.direction === 'in') return 'handshake not finished: waiting for its next packet';
  return `no answer for ${seconds} s: wrong password, key or port, or a firewall`;
}

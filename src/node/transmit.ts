/**
 * The slow path's switch: packets made here, and packets that a handshake delivered, go to the interface their label
 * names, or back to this node. Source: protocol 05 §4, 04 §6.
 */

import type { Counters } from '../base/index.ts';
import type { Via } from '../channel/index.ts';
import type { Links, Way } from '../link/index.ts';
import {
  DOWN,
  type ErrorLimiter,
  errorFrame,
  forward,
  type InterfaceTable,
  type PeerNumber,
  SELF_INTERFACE,
  type SwitchErrorCode,
  UP,
} from '../switch/index.ts';
import type { Outbox } from './outbox.ts';
import type { WorkQueue } from './work.ts';

/** What `createTransmitter` is made from. */
export type TransmitterOptions = {
  readonly links: Links;
  readonly interfaces: InterfaceTable;
  readonly outbox: Outbox;
  readonly limiter: ErrorLimiter;
  readonly counters: Counters;
  /** Takes packets that turned out to be for this node. */
  readonly queue: WorkQueue;
};

/** Switches and sends single packets. */
export type Transmitter = {
  /**
   * Switches a packet that came in by interface `from` (1 = made here).
   * @param via for packets to the neighbour itself: the session to answer in (protocol 02 §14.1)
   * @param way to the neighbour, another than that of its link; null: the link's
   */
  readonly send: (packet: Uint8Array, from: PeerNumber, via: Via | null, way: Way | null, nowMs: number) => void;
  /** Sends the error frame about `packet`, which came in by `from` and is not rewritten yet. */
  readonly report: (packet: Uint8Array, from: PeerNumber, code: SwitchErrorCode, nowMs: number) => void;
};

/** Builds the slow switch. */
export function createTransmitter(options: TransmitterOptions): Transmitter {
  const { links, interfaces, outbox, limiter, counters, queue } = options;

  const state = (number: number): 'up' | 'down' | 'absent' => {
    const value = interfaces.state[number];
    if (value === UP) return 'up';
    return value === DOWN ? 'down' : 'absent';
  };

  /** Hands a switched packet to a peer: sealed at once, or inside the handshake. */
  const toPeer = (peer: PeerNumber, packet: Uint8Array, via: Via | null, way: Way | null, nowMs: number): void => {
    if (via !== 'pending' && outbox.sendSealed(peer, packet, way)) return;
    const asked = links.peers.get(peer);
    const datagram = links.seal(peer, packet, nowMs, via);
    if (asked === undefined || datagram === null) counters.add('node.no_peer');
    else outbox.sendRaw(way?.slot ?? asked.askedSlot, way?.ownAddress ?? asked.askedAt, datagram);
  };

  const send: Transmitter['send'] = (packet, from, via, way, nowMs) => {
    const forwarded = forward(packet, from, state);
    if (forwarded.kind === 'local') queue.post({ type: 'local', packet: forwarded.packet, from, via });
    else if (forwarded.kind === 'forward') toPeer(forwarded.to, forwarded.packet, via, way, nowMs);
    else if (forwarded.kind === 'error') report(packet, from, forwarded.code, nowMs);
    else counters.add(`switch.${forwarded.reason}`);
  };

  const report: Transmitter['report'] = (packet, from, code, nowMs) => {
    counters.add(`switch.error_${code}`);
    const frame = errorFrame(packet, code);
    if (frame === null || (from !== SELF_INTERFACE && !limiter.allow(from, packet, nowMs))) return;
    if (from === SELF_INTERFACE) queue.post({ type: 'local', packet: frame, from, via: null });
    else toPeer(from, frame, null, null, nowMs);
  };

  return { send, report };
}

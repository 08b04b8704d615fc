/** Sends what the slow path made: one packet at a time through the output slot of the arena. */

import type { Counters } from '../base/index.ts';
import type { LinkStages, Way } from '../link/index.ts';
import { descriptor, type Engine, HEADROOM_BYTES, SLOT_BYTES } from '../packet/index.ts';
import type { PeerNumber } from '../switch/index.ts';
import { OUTPUT } from './vectors.ts';

const { STRIDE, OFFSET, LENGTH, ENDPOINT, SOCKET, RESULT, FRAME_OVERHEAD } = descriptor;

/** The slow path's way out. */
export type Outbox = {
  /** Sends a datagram as it is (a handshake packet). @param ownAddress where it leaves from, as `LinkTable` has it */
  readonly sendRaw: (endpointSlot: number, ownAddress: number, datagram: Uint8Array) => void;
  /**
   * Seals a switch packet for an established peer and sends it.
   * @param way another than that of the link; null: the link's
   * @returns false if the peer needs the slow path
   */
  readonly sendSealed: (peer: PeerNumber, packet: Uint8Array, way: Way | null) => boolean;
  /** Writes an IPv6 packet made here (an ICMPv6 error) to the TUN. */
  readonly writeToTun: (packet: Uint8Array) => void;
};

/** Most bytes the output slot takes behind the link frame's own. */
const MOST_BYTES = SLOT_BYTES - HEADROOM_BYTES;

/** Builds the outbox over the engine's output slot. */
export function createOutbox(engine: Engine, stages: LinkStages, counters: Counters): Outbox {
  const { arena } = engine;
  const at = OUTPUT * STRIDE;

  const send = (): void => {
    if (engine.send(OUTPUT, 1) < 1) counters.add('node.output_full');
  };

  const sendRaw = (endpointSlot: number, ownAddress: number, datagram: Uint8Array): void => {
    if (datagram.length > SLOT_BYTES) return counters.add('node.output_large');
    arena.bytes.set(datagram, arena.outputStart);
    arena.descriptors[at + OFFSET] = arena.outputStart;
    arena.descriptors[at + LENGTH] = datagram.length;
    arena.descriptors[at + ENDPOINT] = endpointSlot;
    arena.descriptors[at + SOCKET] = ownAddress;
    send();
  };

  const sendSealed = (peer: PeerNumber, packet: Uint8Array, way: Way | null): boolean => {
    if (packet.length > MOST_BYTES) {
      counters.add('node.output_large');
      return true;
    }
    const frame = arena.outputStart + HEADROOM_BYTES - FRAME_OVERHEAD;
    if (!stages.prepareSeal(OUTPUT, peer, frame, packet.length + FRAME_OVERHEAD)) return false;
    arena.bytes.set(packet, arena.outputStart + HEADROOM_BYTES);
    engine.seal(OUTPUT, 1);
    if (way !== null) {
      arena.descriptors[at + ENDPOINT] = way.slot;
      arena.descriptors[at + SOCKET] = way.ownAddress;
    }
    // Nothing leaves in the clear: without a key there is nothing to send.
    if (arena.descriptors[at + RESULT] === 0) send();
    else counters.add('node.unsealed');
    return true;
  };

  const writeToTun = (packet: Uint8Array): void => {
    arena.bytes.set(packet, arena.outputStart + HEADROOM_BYTES);
    arena.descriptors[at + OFFSET] = arena.outputStart + HEADROOM_BYTES;
    arena.descriptors[at + LENGTH] = packet.length;
    engine.writeTun(OUTPUT, 1);
  };

  return { sendRaw, sendSealed, writeToTun };
}

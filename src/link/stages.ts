/**
 * The link layer's part of the packet path: functions over vectors of descriptors, no object per packet.
 * What is not a data packet of an established link is handed to `punt`. Source: protocol 04 §6, design "The packet path".
 */

import type { Counters } from '../base/index.ts';
import { type DataTable, type Handshake, openSlot, type Row, sealSlot } from '../channel/index.ts';
import { type Arena, type DescriptorIndex, descriptor } from '../packet/index.ts';
import type { PeerNumber } from '../switch/index.ts';
import type { LinkTable } from './table.ts';

const { STRIDE, OFFSET, LENGTH, KEY, NONCE, ENDPOINT, SOCKET, RESULT, SPARE, FRAME_OVERHEAD } = descriptor;

/** Shortest link frame of the fast path: its own overhead and a switch header. */
const SHORTEST_FRAME = FRAME_OVERHEAD + 12;

/** Takes the packet of a descriptor out of the fast path; called before the descriptor is emptied. */
export type Punt = (index: DescriptorIndex) => void;

/** The link stages of one node. */
export type LinkStages = {
  /** Chooses the key of each received frame and notes its peer in SPARE; the rest is punted. */
  readonly prepareOpen: (first: DescriptorIndex, count: number, punt: Punt) => void;
  /**
   * After `Engine.open`: drops forged and repeated frames, counts the rest. Descriptors keep their frame (OFFSET at the
   * link counter); dropped ones get LENGTH 0.
   */
  readonly acceptOpened: (first: DescriptorIndex, count: number, nowMs: number, punt: Punt) => void;
  /**
   * Makes descriptor `index` a link frame for a peer: the switch packet begins FRAME_OVERHEAD bytes after `offset`.
   * @returns false if the peer cannot be sent to on the fast path
   */
  readonly prepareSeal: (index: DescriptorIndex, peer: PeerNumber, offset: number, lengthBytes: number) => boolean;
};

/** Builds the stages over the tables of a node. */
export function createLinkStages(
  arena: Arena,
  table: LinkTable,
  data: DataTable,
  { isHandshakeAt }: Pick<Handshake, 'isHandshakeAt'>,
  counters: Counters,
): LinkStages {
  const descriptors = arena.descriptors;
  const bytes = arena.bytes;

  const prepareOpen = (first: DescriptorIndex, count: number, punt: Punt): void => {
    for (let index = first; index < first + count; index++) {
      const at = index * STRIDE;
      const slot = descriptors[at + ENDPOINT] as number;
      const peer = slot < 0 ? -1 : (table.byEndpoint[slot] ?? -1);
      const row = peer < 0 ? -1 : (table.openRow[peer] as number);
      const offset = descriptors[at + OFFSET] as number;
      const length = descriptors[at + LENGTH] as number;
      if (row >= 0 && length >= SHORTEST_FRAME && !isHandshakeAt(bytes, offset, length)) {
        descriptors[at + KEY] = openSlot(row);
        descriptors[at + SPARE] = peer;
      } else {
        punt(index);
        descriptors[at + LENGTH] = 0;
      }
    }
  };

  const acceptOpened = (first: DescriptorIndex, count: number, nowMs: number, punt: Punt): void => {
    for (let index = first; index < first + count; index++) {
      const at = index * STRIDE;
      const length = descriptors[at + LENGTH] as number;
      if (length === 0) continue;
      const peer = descriptors[at + SPARE] as PeerNumber;
      const row = table.openRow[peer] as Row;
      if (descriptors[at + RESULT] !== 0) {
        // Perhaps sealed in a newer session that is not proven yet (protocol 02 §14.1).
        if (table.pending[peer] === 1) punt(index);
        else counters.add('link.forged');
        descriptors[at + LENGTH] = 0;
      } else if (row < 0 || !data.accept(row, (descriptors[at + NONCE] as number) >>> 0)) {
        counters.add('link.replay');
        descriptors[at + LENGTH] = 0;
      } else {
        data.lastInMs[row] = nowMs;
        // It proved that it is the peer: what it sent to is where it expects us.
        table.ownAddress[peer] = (descriptors[at + SOCKET] as number) & (table.keepsAddress[peer] as number);
        table.rxBytes[peer] = (table.rxBytes[peer] as number) + length - FRAME_OVERHEAD;
      }
    }
  };

  const prepareSeal = (index: DescriptorIndex, peer: PeerNumber, offset: number, lengthBytes: number): boolean => {
    const row = table.sendRow[peer] as Row;
    if (row < 0) return false;
    if (data.isExhausted(row)) return false;
    const counter = data.sendCounter[row] as number;
    data.sendCounter[row] = counter + 1;
    table.txBytes[peer] = (table.txBytes[peer] as number) + lengthBytes - FRAME_OVERHEAD;
    const at = index * STRIDE;
    descriptors[at + OFFSET] = offset;
    descriptors[at + LENGTH] = lengthBytes;
    descriptors[at + KEY] = sealSlot(row);
    descriptors[at + NONCE] = counter | 0;
    descriptors[at + ENDPOINT] = table.endpoint[peer] as number;
    descriptors[at + SOCKET] = table.ownAddress[peer] as number;
    return true;
  };

  return { prepareOpen, acceptOpened, prepareSeal };
}

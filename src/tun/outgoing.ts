/**
 * From the TUN into the mesh: which packets are ours to carry, and the removal of their IPv6 header.
 * Source: protocol 07 §4.
 */
import { MESH_PREFIX } from '../crypto/index.ts';
import { type Arena, type DescriptorIndex, descriptor } from '../packet/index.ts';
import { lookupAddress, type SessionNumber, type SessionTable } from '../session/index.ts';
import { dataHeader, ipv6Header } from '../wire/index.ts';

const { STRIDE, OFFSET, LENGTH } = descriptor;

/** No session for the destination, or none that is looked up here: the slow path decides. */
export const NO_SESSION = -1;
/** Not an IPv6 packet of this node, or for nobody in the mesh: dropped. */
export const NOT_OURS = -2;
/** For the node itself: written back to the TUN unchanged. */
export const TO_SELF = -3;

// Taken out once: the packet path looks nothing up by name.
const { write: writeDataHeader } = dataHeader;
const { nextHeader: NEXT_HEADER } = ipv6Header.OFFSET;
const IPV6_HEADER = ipv6Header.SIZE;
/** The data header stands where the end of the IPv6 header was. */
const SAVED = ipv6Header.SIZE - dataHeader.SIZE;

/** Decides about packets from the TUN. */
export type Outgoing = {
  /** @returns session number, or NO_SESSION, NOT_OURS, TO_SELF; the packet is untouched */
  readonly classify: (index: DescriptorIndex) => SessionNumber;
  /** Puts the data header where the IPv6 header ended; the descriptor then holds data header and payload. */
  readonly removeHeader: (index: DescriptorIndex) => void;
};

/** Builds the stage for the node with `address` (16 bytes). */
export function createOutgoing(arena: Arena, table: SessionTable, address: Uint8Array): Outgoing {
  const { bytes, view, descriptors } = arena;
  const own = new DataView(Uint8Array.from(address).buffer);
  const [a, b, c, d] = [own.getInt32(0), own.getInt32(4), own.getInt32(8), own.getInt32(12)];

  const classify = (index: DescriptorIndex): SessionNumber => {
    const offset = descriptors[index * STRIDE + OFFSET] as number;
    const length = descriptors[index * STRIDE + LENGTH] as number;
    if (length < IPV6_HEADER || (bytes[offset] as number) >> 4 !== 6) return NOT_OURS;
    const ours =
      view.getInt32(offset + 20) === d &&
      view.getInt32(offset + 16) === c &&
      view.getInt32(offset + 12) === b &&
      view.getInt32(offset + 8) === a;
    if (!ours || bytes[offset + 24] !== MESH_PREFIX) return NOT_OURS;
    const a2 = view.getInt32(offset + 24);
    const b2 = view.getInt32(offset + 28);
    const c2 = view.getInt32(offset + 32);
    const d2 = view.getInt32(offset + 36);
    if (d2 === d && c2 === c && b2 === b && a2 === a) return TO_SELF;
    return lookupAddress(table, a2, b2, c2, d2);
  };

  const removeHeader = (index: DescriptorIndex): void => {
    const at = index * STRIDE;
    const offset = descriptors[at + OFFSET] as number;
    // The content type is the next header (protocol 07 §2).
    writeDataHeader(view, offset + SAVED, bytes[offset + NEXT_HEADER] as number);
    descriptors[at + OFFSET] = offset + SAVED;
    descriptors[at + LENGTH] = (descriptors[at + LENGTH] as number) - SAVED;
  };

  return { classify, removeHeader };
}

/**
 * From the mesh to the TUN: the IPv6 header is rebuilt from what the session proves. The source is the address of the
 * session's key and the destination our own, whatever the sender wrote (promises P10, T1, T2). Source: protocol 07 §4.
 */
import { type Arena, type DescriptorIndex, descriptor } from '../packet/index.ts';
import type { SessionNumber, SessionTable } from '../session/index.ts';
import { dataHeader, ipv6Header } from '../wire/index.ts';

const { STRIDE, OFFSET, LENGTH } = descriptor;

/** Sealed session frame in front of the payload: counter, tag (20) and data header (4). */
const BEFORE_PAYLOAD = descriptor.FRAME_OVERHEAD + dataHeader.SIZE;
const { SIZE: IPV6_HEADER, write: writeHeader } = ipv6Header;

/** Rebuilds headers. */
export type Incoming = {
  /**
   * Turns descriptor `index`, an opened session frame of session `number`, into an IPv6 packet in place. The 40 bytes
   * take the room of link frame, switch header, handle and session frame (60 bytes).
   */
  readonly rebuild: (index: DescriptorIndex, number: SessionNumber, nextHeader: number) => void;
};

/** Builds the stage for the node with `address` (16 bytes). */
export function createIncoming(arena: Arena, table: SessionTable, address: Uint8Array): Incoming {
  const { view, descriptors } = arena;
  const own = new DataView(Uint8Array.from(address).buffer);
  const [a, b, c, d] = [own.getInt32(0), own.getInt32(4), own.getInt32(8), own.getInt32(12)];

  const rebuild = (index: DescriptorIndex, number: SessionNumber, nextHeader: number): void => {
    const at = index * STRIDE;
    const payloadBytes = (descriptors[at + LENGTH] as number) - BEFORE_PAYLOAD;
    const offset = (descriptors[at + OFFSET] as number) + BEFORE_PAYLOAD - IPV6_HEADER;
    const word = number * 4;
    writeHeader(view, offset, payloadBytes, nextHeader);
    view.setInt32(offset + 8, table.address[word] as number);
    view.setInt32(offset + 12, table.address[word + 1] as number);
    view.setInt32(offset + 16, table.address[word + 2] as number);
    view.setInt32(offset + 20, table.address[word + 3] as number);
    view.setInt32(offset + 24, a);
    view.setInt32(offset + 28, b);
    view.setInt32(offset + 32, c);
    view.setInt32(offset + 36, d);
    descriptors[at + OFFSET] = offset;
    descriptors[at + LENGTH] = payloadBytes + IPV6_HEADER;
  };

  return { rebuild };
}

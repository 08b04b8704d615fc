/**
 * The arena: one buffer that holds every packet of the data path, and the table of descriptors beside it.
 * Both are registered once with the engine; afterwards only integers cross the boundary.
 *
 *   | TUN slots, 2 KiB each, 64 B headroom | UDP receive slots, 64 KiB each | output slots, 2 KiB each |
 */
import { STRIDE } from './descriptor.ts';

/** Size of a TUN or output slot in bytes. */
export const SLOT_BYTES = 2048;
/** Room in front of a packet in a TUN or output slot: our headers are at most 60 B, of which 40 replace the IPv6 header. */
export const HEADROOM_BYTES = 64;
/** Size of a receive slot: a coalesced datagram has up to 64 KiB. */
export const RECEIVE_SLOT_BYTES = 65536;

/** How many of each the arena holds. */
export type ArenaSize = {
  readonly tunSlots: number;
  readonly receiveSlots: number;
  readonly outputSlots: number;
  readonly descriptors: number;
};

/** The shared memory of a data path. Offsets are bytes from the start of `bytes`. */
export type Arena = Omit<ArenaSize, 'descriptors'> & {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly descriptors: Int32Array;
  readonly tunStart: number;
  readonly receiveStart: number;
  readonly outputStart: number;
};

/**
 * Allocates an arena; all bytes and descriptors are 0.
 * @param memory gives so many bytes, all 0: an engine may want memory of its own
 */
export function createArena(size: ArenaSize, memory = (bytes: number) => new ArrayBuffer(bytes)): Arena {
  const tunStart = 0;
  const receiveStart = tunStart + size.tunSlots * SLOT_BYTES;
  const outputStart = receiveStart + size.receiveSlots * RECEIVE_SLOT_BYTES;
  const bytes = new Uint8Array(memory(outputStart + size.outputSlots * SLOT_BYTES));
  return {
    ...size,
    bytes,
    view: new DataView(bytes.buffer),
    descriptors: new Int32Array(memory(size.descriptors * STRIDE * Int32Array.BYTES_PER_ELEMENT)),
    tunStart,
    receiveStart,
    outputStart,
  };
}

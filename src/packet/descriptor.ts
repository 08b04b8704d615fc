/**
 * Descriptors: eight 32-bit integers that say where a packet lies in the arena and what to do with it.
 * Only these integers cross between TypeScript and native code. Source: ARCHITECTURE.md, "How a packet travels".
 */

import type { Flavor } from '../base/index.ts';

/** Which descriptor of the arena; its fields begin at `index * STRIDE`. */
export type DescriptorIndex = Flavor<number, 'descriptor'>;

/** Integers per descriptor. */
export const STRIDE = 8;

/** Field numbers inside a descriptor: `descriptors[index * STRIDE + FIELD]`. */
export const OFFSET = 0;
/** Bytes of the packet from OFFSET on; 0 = nothing here, every stage skips it. */
export const LENGTH = 1;
/** Key slot for seal and open. */
export const KEY = 2;
/** Packet counter: read by seal, written by open; an unsigned 32-bit value in a signed field (use >>> 0). */
export const NONCE = 3;
/** Endpoint slot: where to send, or who sent; -1 = unknown sender, see `Engine.sender`. */
export const ENDPOINT = 4;
/**
 * Received: the number of the socket (the low eight bits), and above it which of our addresses the packet came to. To be
 * sent: only the latter counts, and says where the packet leaves from. 0 = not known; the kernel chooses. Numbers of our
 * addresses are the engine's own.
 */
export const SOCKET = 5;
/** Those parts of SOCKET. */
export const SOCKET_NUMBER = 0xff;
export const OWN_ADDRESS = ~0xff;
/** Written by open, seal, writeTun: 0 good, otherwise a negative reason. */
export const RESULT = 6;
/** Scratch of the stages (a peer, a row); native code never looks at it. */
export const SPARE = 7;

/** Bytes in front of the data in a sealed frame: counter (4) and Poly1305 tag (16). Source: protocol 02 §2.2. */
export const FRAME_OVERHEAD = 20;

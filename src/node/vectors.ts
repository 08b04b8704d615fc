/** Where the vectors of the packet path lie in the table of descriptors. */
import type { ArenaSize } from '../packet/index.ts';
import { REHEARSAL_VECTOR, VECTOR } from './limits.ts';

/** Packets read from the TUN, then their session frames. */
export const TUN_IN = 0;
/** Link frames around them, one for one. */
export const LINK_OUT = VECTOR;
/** Received link frames. */
export const LINK_IN = 2 * VECTOR;
/** Session frames found in them, one for one. */
export const LOCAL = 3 * VECTOR;
/** Frames passed on, one for one. */
export const FORWARD = 4 * VECTOR;
/** Two for the slow path: a session frame and its link frame. */
export const OUTPUT = 5 * VECTOR;

/** The arena a node needs; simulated nodes share one. */
export const NODE_ARENA: ArenaSize = {
  tunSlots: VECTOR,
  receiveSlots: VECTOR,
  // One for what is sent alone, the others for the rehearsal.
  outputSlots: 1 + REHEARSAL_VECTOR,
  descriptors: 5 * VECTOR + 2,
};

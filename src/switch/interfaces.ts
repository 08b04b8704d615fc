/**
 * Which interfaces the switch has, and which of them carry traffic. Source: protocol 05 §2, §4.1, §7.
 */
import type { Flavor } from '../base/index.ts';
import { isInterfaceNumber } from './director.ts';
import { INTERFACE_COUNT, SELF_INTERFACE } from './spec.ts';

/** No such interface: packets for it are MALFORMED_ADDRESS. */
export const ABSENT = 0;
/** Traffic passes. */
export const UP = 1;
/** The number is taken but the peer does not answer: packets of others for it are UNDELIVERABLE. */
export const DOWN = 2;

/** Hot state of the switch, one byte per interface number; owned and written by the node, read by the forwarder. */
export type InterfaceTable = {
  /** 257 bytes of ABSENT, UP or DOWN. */
  readonly state: Uint8Array;
  /** Told of each number that is given back: whoever keeps something by number forgets it, for the next peer is another. */
  readonly released: (number: PeerNumber) => void;
};

/** Number of a switch interface: of a peer, or 1, the node itself (protocol 05 §2). */
export type PeerNumber = Flavor<number, 'peer'>;

/** A table with the node itself and no peer. @param released called with each number that is given back */
export function createInterfaceTable(released: (number: PeerNumber) => void = () => undefined): InterfaceTable {
  const state = new Uint8Array(INTERFACE_COUNT);
  state[SELF_INTERFACE] = UP;
  return { state, released };
}

/**
 * Takes the lowest free number of 0, 2, 3, ... 256 and marks it DOWN until the link is ready. A peer keeps its number as
 * long as it is known: a renumbered switch invalidates all labels that others hold through it (protocol 05 §7).
 * @returns null if all 256 are taken
 */
export function allocate(state: Uint8Array): number | null {
  for (let number = 0; number < INTERFACE_COUNT; number++) {
    if (number === SELF_INTERFACE || state[number] !== ABSENT) continue;
    state[number] = DOWN;
    return number;
  }
  return null;
}

/** Gives a number back; the node's own, impossible ones and free ones are left alone. */
export function release({ state, released }: InterfaceTable, number: PeerNumber): void {
  if (number === SELF_INTERFACE || !isInterfaceNumber(number) || state[number] === ABSENT) return;
  state[number] = ABSENT;
  released(number);
}

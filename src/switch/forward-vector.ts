/**
 * The switch on the data path: the decisions of forward.ts over packets in the arena, with labels as two 32-bit halves,
 * without allocation. Source: protocol 05 §4; forward.ts is the oracle.
 */
import type { Arena } from '../packet/index.ts';
import { type Label, switchHeader } from '../wire/index.ts';
import { directorOf, firstDirector, smallestBits } from './director.ts';
import { DOWN, type InterfaceTable, UP } from './interfaces.ts';
import { INVALID } from './labels.ts';
import { TURNED } from './limits.ts';
import { INTERFACE_COUNT, MAX_SHIFT, SELF_INTERFACE } from './spec.ts';

/** Shorter than a switch header: drop. */
export const DROP_RUNT = -1;
/** More than 63 bits shifted: drop. */
export const DROP_SHIFT = -2;
/** It would leave by the interface it came in by a second time: drop. */
export const DROP_U_TURN = -6;
/** Error MALFORMED_ADDRESS. */
export const ERROR_MALFORMED = -3;
/** Error UNDELIVERABLE. */
export const ERROR_UNDELIVERABLE = -4;
/** Error RETURN_PATH_INVALID. */
export const ERROR_RETURN_PATH = -5;

/** TURNED in the byte that it shares with the S bit. */
const TURNED_FLAG = TURNED << 1;

/** Decides for one packet after the other. */
export type Forwarder = {
  /**
   * Rewrites the switch header of the packet at `offset` of the arena in place.
   * @param length bytes of the packet; `offset + length` lies within the arena
   * @param from interface it came in by; 1 = made by this node
   * @returns interface it leaves by (1 = for this node), or a negative DROP_ or ERROR_ code; then it is untouched, so that
   *   the error frame can be built from it
   */
  readonly forwardOne: (offset: number, length: number, from: number) => number;
};

/** The first hop of a path of our own: its packets leave by `to` with this label and shift already in the header. */
export type FirstHop = {
  /** Interface, 0..256; 1 = to ourselves. */
  readonly to: number;
  /** Upper half of the label after our own switch, unsigned. */
  readonly labelHigh: number;
  readonly labelLow: number;
  /** Bits consumed by our own switch. */
  readonly shiftBits: number;
};

/** The bits of `value`, at most 32, in reverse order. */
function mirror32(value: number): number {
  let mirrored = 0;
  for (let bit = 0; bit < 32; bit++) if ((value & (1 << bit)) !== 0) mirrored |= 1 << (31 - bit);
  return mirrored;
}

type DirectorTables = {
  /** The director back to each interface, mirrored at the top of a 32-bit half, at 4, 7 and 10 bits. */
  readonly mirrored: Uint32Array;
  /** Smallest form of each interface number. */
  readonly smallestForm: Uint8Array;
};

/** The same for every node, so made once, when the first one starts. */
let directors: DirectorTables | null = null;

function directorTables(): DirectorTables {
  const mirrored = new Uint32Array(INTERFACE_COUNT * 3);
  const smallestForm = Uint8Array.from(
    { length: INTERFACE_COUNT },
    (_, number) => ((smallestBits(number) ?? 4) - 4) / 3,
  );
  for (let number = 0; number < INTERFACE_COUNT; number++) {
    for (let form = 0; form < 3; form++) {
      const director = number === SELF_INTERFACE ? 1n : (directorOf(number, 4 + 3 * form) ?? 0n);
      mirrored[number * 3 + form] = mirror32(Number(director));
    }
  }
  return { mirrored, smallestForm };
}

/** A forwarder over the packets of `arena`; reads `interfaces.state` afresh for each packet. */
export function createForwarder(arena: Pick<Arena, 'bytes' | 'view'>, interfaces: InterfaceTable): Forwarder {
  const { bytes, view } = arena;
  const { state } = interfaces;
  directors ??= directorTables();
  const { mirrored, smallestForm } = directors;

  const forwardOne = (offset: number, length: number, from: number): number => {
    if (length < switchHeader.SIZE) return DROP_RUNT;
    const high = view.getUint32(offset);
    const low = view.getUint32(offset + 4);
    let form = 2;
    let to = (low >>> 2) & 0xff;
    if ((low & 1) === 1) {
      form = 0;
      to = (low >>> 1) & 7;
      if (to <= 1) to ^= 1;
    } else {
      if ((low & 2) === 2) {
        form = 1;
        to &= 0x1f;
      }
      if (to > 0) to++;
    }
    const backForm = smallestForm[from];
    if (backForm === undefined) return ERROR_MALFORMED;
    if (backForm > form) {
      if (to !== SELF_INTERFACE) return ERROR_MALFORMED;
      // The low 4 bits are the self director; the rest of the mask covers 7 + 4 or 10 + 4 bits.
      if (((low ^ 1) & (backForm === 1 ? 0x7ff : 0x3fff)) !== 0) return ERROR_RETURN_PATH;
      form = backForm;
    }
    let isUTurn = false;
    if (to !== SELF_INTERFACE) {
      const carries = state[to];
      if (carries !== UP && carries !== DOWN) return ERROR_MALFORMED;
      if (to === from) {
        if (((bytes[offset + 8] ?? 0) & TURNED_FLAG) !== 0) return DROP_U_TURN;
        isUTurn = true;
      }
      if (carries === DOWN && from !== SELF_INTERFACE) return ERROR_UNDELIVERABLE;
    }
    const bits = 4 + 3 * form;
    const versionAndShift = bytes[offset + 9] ?? 0;
    if ((versionAndShift & 0x3f) + bits > MAX_SHIFT) return DROP_SHIFT;
    view.setUint32(offset, (high >>> bits) | (mirrored[from * 3 + form] ?? 0));
    view.setUint32(offset + 4, (low >>> bits) | (high << (32 - bits)));
    if (isUTurn) bytes[offset + 8] = (bytes[offset + 8] ?? 0) | TURNED_FLAG;
    bytes[offset + 9] = versionAndShift + bits;
    bytes[offset + 10] = 0xff;
    bytes[offset + 11] = 0xff;
    return to;
  };

  return { forwardOne };
}

/**
 * What our own switch makes of `label`, computed once per path: a packet then starts with `switchHeader.write`. Whether the
 * interface exists is checked by whoever sends.
 * @returns null for 0 (no label), the invalid label, and what is no 64-bit value
 */
export function firstHop(label: Label): FirstHop | null {
  if (label <= 0n || label >= INVALID) return null;
  const director = firstDirector(label);
  if (director === null) return null;
  const rewritten = (label >> BigInt(director.bits)) | (1n << 63n);
  return {
    to: director.number,
    labelHigh: Number(rewritten >> 32n),
    labelLow: Number(rewritten & 0xffff_ffffn),
    shiftBits: director.bits,
  };
}

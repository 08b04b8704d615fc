/**
 * A bench for the stages of the packet path: a portable engine (real encryption), and a data table with a pair of rows
 * that belong together, so that what one seals the other opens.
 */

import { xsalsa20poly1305 } from '@noble/ciphers/salsa.js';
import { type Counters, createCounters } from '../../src/base/index.ts';
import { createDataTable, type DataTable } from '../../src/channel/index.ts';
import { createPortableEngine } from '../../src/engine/index.ts';
import { descriptor, type Engine } from '../../src/packet/index.ts';

/** Row that seals (the initiator's), and the row that opens what it sealed. */
export const SENDER = 0;
export const RECEIVER = 1;
export const KEY_BYTES = new Uint8Array(32).fill(0x42);

/** See the head of the file. */
export type Bench = {
  readonly engine: Engine;
  readonly data: DataTable;
  readonly counters: Counters;
  readonly get: (index: number, field: number) => number;
  readonly set: (index: number, fields: Readonly<Record<number, number>>) => void;
  /** Puts bytes into the arena and a descriptor on them. */
  readonly put: (index: number, offset: number, bytes: Uint8Array) => void;
  /** A copy of what a descriptor points to. */
  readonly packet: (index: number) => Uint8Array;
};

/** Sets one up; both rows are established, the counters of the sender begin at 10. */
export async function createBench(): Promise<Bench> {
  const engine = await createPortableEngine({ tunSlots: 8, receiveSlots: 2, outputSlots: 8, descriptors: 64 });
  const data = createDataTable(engine, 8);
  data.install(KEY_BYTES, true, 10, 0);
  data.install(KEY_BYTES, false, 6, 0);
  data.establish(SENDER, 6, 0);
  data.establish(RECEIVER, 4, 0);
  const { bytes, descriptors } = engine.arena;
  const get = (index: number, field: number) => descriptors[index * descriptor.STRIDE + field] ?? Number.NaN;
  const set: Bench['set'] = (index, fields) => {
    for (const [field, value] of Object.entries(fields)) descriptors[index * descriptor.STRIDE + Number(field)] = value;
  };
  return {
    engine,
    data,
    counters: createCounters(),
    get,
    set,
    put: (index, offset, packet) => {
      bytes.set(packet, offset);
      set(index, { [descriptor.OFFSET]: offset, [descriptor.LENGTH]: packet.length });
    },
    packet: (index) => {
      const offset = get(index, descriptor.OFFSET);
      return bytes.slice(offset, offset + get(index, descriptor.LENGTH));
    },
  };
}

/** The frame that the sender's row makes of `plain`, by another implementation (protocol 02 §2.2). */
export function sealedSlowly(plain: Uint8Array, counter: number, nonceOffset: 0 | 4 = 4): Uint8Array {
  const nonce = new Uint8Array(24);
  new DataView(nonce.buffer).setUint32(nonceOffset, counter, true);
  const frame = new Uint8Array(descriptor.FRAME_OVERHEAD + plain.length);
  new DataView(frame.buffer).setUint32(0, counter);
  frame.set(xsalsa20poly1305(KEY_BYTES, nonce).encrypt(plain), 4);
  return frame;
}

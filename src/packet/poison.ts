/**
 * A debugging aid: packet memory that its owner has given back is overwritten, so that whoever reads a packet too late
 * reads nonsense in every run, and not now and then. The rule it enforces: what `readTun` or `recv` gave is good until
 * the next call of the same function, and no longer.
 */
import { type Arena, HEADROOM_BYTES, SLOT_BYTES } from './arena.ts';
import { LENGTH, OFFSET, STRIDE } from './descriptor.ts';
import type { Engine } from './engine.ts';

/** What freed memory is filled with: no IPv6 version, no counter and no handle looks like it. */
export const POISON = 0xdb;

/** The same engine, which overwrites freed TUN and receive slots. Costs about as much as a copy of each packet. */
export function poisonFreed(engine: Engine): Engine {
  const { arena } = engine;
  const fromTun = createGiven(arena);
  const fromSockets = createGiven(arena);
  return {
    ...engine,
    readTun: (first, count) => {
      fromTun.free();
      const done = engine.readTun(first, count);
      fromTun.note(first, done);
      return done;
    },
    recv: (socket, first, count) => {
      fromSockets.free();
      const done = engine.recv(socket, first, count);
      fromSockets.note(first, done);
      return done;
    },
  };
}

/** Places of the packets that one function gave last; descriptors may have been changed since. */
type Given = {
  readonly note: (first: number, count: number) => void;
  readonly free: () => void;
};

function createGiven({ bytes, descriptors, receiveStart }: Arena): Given {
  let places: { readonly start: number; readonly end: number }[] = [];
  return {
    note: (first, count) => {
      places = Array.from({ length: count }, (_, index) => {
        const at = (first + index) * STRIDE;
        const offset = descriptors[at + OFFSET] as number;
        if (offset >= receiveStart) return { start: offset, end: offset + (descriptors[at + LENGTH] as number) };
        // A TUN slot belongs to one packet, with its headroom and what is behind it.
        return { start: offset - HEADROOM_BYTES, end: offset - HEADROOM_BYTES + SLOT_BYTES };
      });
    },
    free: () => {
      for (const { start, end } of places) bytes.fill(POISON, Math.max(0, start), end);
      places = [];
    },
  };
}

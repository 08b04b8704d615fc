import t from 'tap';
import { createPortableEngine } from '../../src/engine/index.ts';
import { descriptor, type Engine, HEADROOM_BYTES, POISON, poisonFreed, SLOT_BYTES } from '../../src/packet/index.ts';

const { STRIDE, OFFSET, LENGTH } = descriptor;

/** A poisoned engine whose TUN and socket give `packets` once each time. */
async function poisoned(packets: readonly Uint8Array[]) {
  const base = await createPortableEngine({ tunSlots: 4, receiveSlots: 1, outputSlots: 0, descriptors: 8 });
  const { arena } = base;
  const give = (first: number, start: number, stride: number): number => {
    packets.forEach((packet, index) => {
      arena.bytes.set(packet, start + index * stride);
      arena.descriptors.set([start + index * stride, packet.length], (first + index) * STRIDE + OFFSET);
    });
    return packets.length;
  };
  let trains = 0;
  const giving: Engine = {
    ...base,
    readTun: (first) => give(first, arena.tunStart + HEADROOM_BYTES, SLOT_BYTES),
    recv: (_socket, first) => (trains++ === 0 ? give(first, arena.receiveStart, 100) : 0),
  };
  const engine = poisonFreed(giving);
  const packet = (index: number) => {
    const offset = arena.descriptors[index * STRIDE + OFFSET] ?? 0;
    return arena.bytes.slice(offset, offset + (arena.descriptors[index * STRIDE + LENGTH] ?? 0));
  };
  return { engine, arena, packet };
}

const one = new Uint8Array(60).fill(1);
const two = new Uint8Array(80).fill(2);

t.test('packets stay as they are until the next call of the function that gave them', async (t) => {
  const { engine, packet } = await poisoned([one, two]);
  t.equal(engine.readTun(0, 4), 2);
  t.same(packet(0), one);
  t.same(packet(1), two);
  t.equal(engine.recv(0, 4, 4), 2);
  t.same(packet(0), one);
  t.same(packet(5), two);
  engine.close();
});

t.test('the next read overwrites TUN slots with their headroom, but for what it brings', async (t) => {
  const { engine, arena, packet } = await poisoned([one]);
  engine.readTun(0, 4);
  arena.bytes.fill(7, 0, SLOT_BYTES * 2);
  arena.descriptors[OFFSET] = 0; // stages move it: what counts is where the packet was
  engine.readTun(0, 4);
  t.same(packet(0), one);
  t.ok(arena.bytes.subarray(0, HEADROOM_BYTES).every((byte) => byte === POISON));
  t.ok(arena.bytes.subarray(HEADROOM_BYTES + one.length, SLOT_BYTES).every((byte) => byte === POISON));
  t.equal(arena.bytes[SLOT_BYTES], 7, 'a slot that had no packet is left alone');
  engine.close();
});

t.test('the next receive overwrites the packets of the last one, and only them', async (t) => {
  const { engine, arena, packet } = await poisoned([one, two]);
  engine.recv(0, 0, 4);
  t.equal(engine.recv(0, 0, 4), 0);
  t.ok(packet(0).every((byte) => byte === POISON));
  t.ok(packet(1).every((byte) => byte === POISON));
  t.equal(arena.bytes[arena.receiveStart + one.length], 0, 'nothing between them was touched');
  engine.close();
});

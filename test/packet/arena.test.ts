import t from 'tap';
import { createArena, HEADROOM_BYTES, RECEIVE_SLOT_BYTES, SLOT_BYTES } from '../../src/packet/index.ts';

t.test('the regions lie behind each other, without gaps, and end with the buffer', async (t) => {
  const arena = createArena({ tunSlots: 3, receiveSlots: 2, outputSlots: 5, descriptors: 7 });
  t.equal(arena.tunStart, 0);
  t.equal(arena.receiveStart, 3 * SLOT_BYTES);
  t.equal(arena.outputStart, arena.receiveStart + 2 * RECEIVE_SLOT_BYTES);
  t.equal(arena.bytes.length, arena.outputStart + 5 * SLOT_BYTES);
  t.equal(arena.descriptors.length, 7 * 8);
  t.ok(arena.bytes.every((byte) => byte === 0) && arena.descriptors.every((field) => field === 0));
  arena.view.setUint16(5, 0x1234);
  t.same([...arena.bytes.subarray(5, 7)], [0x12, 0x34]);
});

t.test('headroom takes what our headers need beyond the removed IPv6 header', async (t) => {
  // Link frame 20, switch header 12, handle 4, session frame 20, data header 4: 60; the IPv6 header gives 40.
  t.ok(HEADROOM_BYTES >= 60 - 40);
  t.ok(SLOT_BYTES >= HEADROOM_BYTES + 1_304);
});

/** Seals and opens a vector with the fastest code that this processor has, and prints its name: run under an emulator. */
import { createNativeEngine, loadAddon } from '../../src/engine/native.ts';
import { GOOD } from '../../src/engine/native-addon.ts';
import { descriptor } from '../../src/packet/index.ts';
import { get, set } from './native-setup.ts';

const { OFFSET, LENGTH, KEY, NONCE, RESULT, FRAME_OVERHEAD } = descriptor;
const COUNT = 160;
const arena = { tunSlots: 1, receiveSlots: 1, outputSlots: COUNT, descriptors: COUNT };
const engine = createNativeEngine(loadAddon(), { arena, crypto: 'auto' });
engine.setKey(0, new Uint8Array(32).fill(7), 0);
for (let index = 0; index < COUNT; index++) {
  const offset = engine.arena.outputStart + index * 2048;
  set(engine.arena, index, { [OFFSET]: offset, [LENGTH]: 9 * index + FRAME_OVERHEAD, [KEY]: 0, [NONCE]: index });
}
engine.seal(0, COUNT);
engine.open(0, COUNT);
const good = Array.from({ length: COUNT }, (_, index) => get(engine.arena, index, RESULT)).filter((it) => it === GOOD);
process.stdout.write(JSON.stringify({ crypto: engine.describe().crypto, good: good.length }));
engine.close();

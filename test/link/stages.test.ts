import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { createLinkStages } from '../../src/link/index.ts';
import { bindEndpoint, createLinkTable } from '../../src/link/table.ts';
import { descriptor } from '../../src/packet/index.ts';
import { cryptoAuthHeader } from '../../src/wire/index.ts';
import { createBench, RECEIVER, SENDER, sealedSlowly } from '../support/stage-bench.ts';

const { OFFSET, LENGTH, ENDPOINT, SOCKET, NONCE, RESULT, SPARE, FRAME_OVERHEAD, OWN_ADDRESS } = descriptor;
const PEER = 3;
const SLOT = 20;

async function bench() {
  const base = await createBench();
  const table = createLinkTable();
  bindEndpoint(table, SLOT, PEER);
  table.endpoint[PEER] = SLOT;
  table.sendRow[PEER] = SENDER;
  table.openRow[PEER] = RECEIVER;
  const stages = createLinkStages(base.engine.arena, table, base.data, cryptoAuthHeader, base.counters);
  const punted: number[] = [];
  const punt = (index: number) => void punted.push(index);
  /** Receives frames in descriptors 0, 1, ... as the engine would leave them, and runs them through. */
  const receive = (frames: readonly Uint8Array[], slot = SLOT, nowMs = 50) => {
    frames.forEach((frame, index) => {
      base.put(index, base.engine.arena.receiveStart + index * 2_048, frame);
      base.set(index, { [ENDPOINT]: slot });
    });
    stages.prepareOpen(0, frames.length, punt);
    base.engine.open(0, frames.length);
    stages.acceptOpened(0, frames.length, nowMs, punt);
  };
  return { ...base, table, stages, punted, receive };
}

const switchPacket = Uint8Array.from({ length: 60 }, (_, index) => index);

t.test('a switch packet becomes the frame that the slow way makes of it', async (t) => {
  const { engine, stages, put, packet, get, table, data } = await bench();
  const offset = engine.arena.outputStart;
  put(5, offset + FRAME_OVERHEAD, switchPacket);
  t.ok(stages.prepareSeal(5, PEER, offset, switchPacket.length + FRAME_OVERHEAD));
  engine.seal(5, 1);
  t.equal(get(5, RESULT), 0);
  t.equal(get(5, ENDPOINT), SLOT);
  t.same(packet(5), sealedSlowly(switchPacket, 10));
  t.equal(data.sendCounter[SENDER], 11);
  t.equal(table.txBytes[PEER], switchPacket.length);
});

t.test('a good frame is opened where it lies, counted, and its peer noted', async (t) => {
  const { engine, receive, get, packet, table, data, punted } = await bench();
  receive([sealedSlowly(switchPacket, 10)]);
  t.same(punted, []);
  t.equal(get(0, SPARE), PEER);
  t.same(packet(0).subarray(FRAME_OVERHEAD), switchPacket);
  t.equal(get(0, OFFSET), engine.arena.receiveStart);
  t.equal(table.rxBytes[PEER], switchPacket.length);
  t.equal(data.lastInMs[RECEIVER], 50);
  t.equal(data.stats(RECEIVER).received, 2);
});

t.test('a repeated frame and a forged one are dropped and counted, the rest of the vector goes on', async (t) => {
  const { receive, get, counters, punted, table } = await bench();
  const good = sealedSlowly(switchPacket, 10);
  const forged = good.slice();
  forged[25] = (forged[25] ?? 0) ^ 1;
  receive([good, good, forged, sealedSlowly(switchPacket, 11)]);
  t.same(
    [0, 1, 2, 3].map((index) => get(index, LENGTH) > 0),
    [true, false, false, true],
  );
  t.equal(counters.get('link.replay'), 1);
  t.equal(counters.get('link.forged'), 1);
  t.same(punted, []);
  t.equal(table.rxBytes[PEER], 2 * switchPacket.length);
});

t.test('frames leave from the address that the last proven one came to, and no other', async (t) => {
  const { engine, stages, receive, get, set, table } = await bench();
  const leaves = (): number => {
    stages.prepareSeal(5, PEER, engine.arena.outputStart, 100);
    return get(5, SOCKET);
  };
  const arrives = (frame: Uint8Array, own: number): void => {
    set(0, { [SOCKET]: 7 | (own << 8) });
    receive([frame]);
  };
  const good = sealedSlowly(switchPacket, 10);
  arrives(good, 2);
  t.equal(leaves(), 0, 'whom we dial the kernel finds');
  table.keepsAddress[PEER] = OWN_ADDRESS;
  arrives(good, 2);
  t.equal(leaves(), 0, 'a repetition proves nothing');
  const forged = sealedSlowly(switchPacket, 11);
  forged[25] = (forged[25] ?? 0) ^ 1;
  arrives(forged, 2);
  t.equal(leaves(), 0);
  arrives(sealedSlowly(switchPacket, 11), 2);
  t.equal(leaves(), 2 << 8);
  arrives(sealedSlowly(switchPacket, 12), 3);
  t.equal(leaves(), 3 << 8, 'it was asked at another one since');
});

t.test('what may belong to a newer session is handed on as it came', async (t) => {
  const { receive, counters, punted, table, engine } = await bench();
  table.pending[PEER] = 1;
  const forged = sealedSlowly(switchPacket, 10);
  forged[25] = (forged[25] ?? 0) ^ 1;
  receive([forged]);
  t.same(punted, [0]);
  t.equal(counters.get('link.forged'), 0);
  const { receiveStart } = engine.arena;
  t.same(engine.arena.bytes.slice(receiveStart, receiveStart + forged.length), forged);
});

t.test('handshakes, short frames, strangers and peers without keys are punted', async (t) => {
  const { receive, get, punted, table } = await bench();
  const handshake = new Uint8Array(160);
  handshake[3] = 3;
  const short = sealedSlowly(new Uint8Array(11), 10);
  receive([handshake, short, new Uint8Array(0)]);
  t.same(punted.splice(0), [0, 1, 2]);
  t.ok([0, 1, 2].every((index) => get(index, LENGTH) === 0));
  const good = sealedSlowly(switchPacket, 10);
  for (const slot of [-1, SLOT + 1, 5_000]) receive([good], slot);
  t.same(punted.splice(0), [0, 0, 0]);
  table.openRow[PEER] = -1;
  receive([good]);
  t.same(punted, [0]);
});

t.test('without keys, or without counters left, the slow way has to be taken', async (t) => {
  const { stages, table, data } = await bench();
  t.notOk(stages.prepareSeal(5, 0, 0, 100));
  data.sendCounter[SENDER] = 0xffff_ffef;
  t.ok(stages.prepareSeal(5, PEER, 0, 100));
  t.notOk(stages.prepareSeal(5, PEER, 0, 100));
  t.equal(data.sendCounter[SENDER], 0xffff_fff0, 'no counter is used twice');
  table.sendRow[PEER] = -1;
  t.notOk(stages.prepareSeal(5, PEER, 0, 100));
});

t.test('counters above 2^31 are read as unsigned', async (t) => {
  const { receive, punted, get } = await bench();
  receive([sealedSlowly(switchPacket, 0x8000_0001), sealedSlowly(switchPacket, 0xffff_ffee)]);
  t.same(punted, []);
  t.equal(get(0, NONCE) >>> 0, 0x8000_0001);
  t.ok(get(0, LENGTH) > 0 && get(1, LENGTH) > 0);
});

t.test('any bytes from a peer are dropped or punted, never opened', async (t) => {
  const { receive, get, punted, table } = await bench();
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { minLength: 1, maxLength: 8 }), (frames) => {
      punted.length = 0;
      receive(frames);
      for (let index = 0; index < frames.length; index++) assert.equal(get(index, LENGTH), 0);
    }),
    { numRuns: 100 },
  );
  t.equal(table.rxBytes[PEER], 0);
});

import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { descriptor } from '../../src/packet/index.ts';
import { BEFORE_SESSION_FRAME, createSessionStages } from '../../src/session/index.ts';
import { createSessionTable, enter } from '../../src/session/table.ts';
import { firstHop } from '../../src/switch/index.ts';
import { cryptoAuthHeader } from '../../src/wire/index.ts';
import { createBench, RECEIVER, SENDER, sealedSlowly } from '../support/stage-bench.ts';
import { hex } from '../support/vectors.ts';

const { OFFSET, LENGTH, NONCE, RESULT, SPARE, FRAME_OVERHEAD } = descriptor;
const HANDLE = 0x9d27;

/** Session 0 sends to session 1. */
async function bench() {
  const base = await createBench();
  const table = createSessionTable();
  const hop = firstHop(0x1333n);
  assert(hop !== null);
  table.handle.set([77, HANDLE]);
  table.address.set([1, 2, 3, 4, 5, 6, 7, 8]);
  enter(table, 0);
  enter(table, 1);
  table.sendRow[0] = SENDER;
  table.sendHandle[0] = HANDLE;
  table.openRow[1] = RECEIVER;
  table.firstHop[0] = hop.to;
  table.labelHigh[0] = hop.labelHigh;
  table.labelLow[0] = hop.labelLow;
  table.shift[0] = hop.shiftBits;
  const stages = createSessionStages(base.engine.arena, table, base.data, cryptoAuthHeader, base.counters);
  /** A received link frame around a session packet, in descriptor 10; its session frame goes to 20. */
  const receive = (afterSwitchHeader: Uint8Array, header: Uint8Array = new Uint8Array(12)) => {
    const link = new Uint8Array(FRAME_OVERHEAD + 12 + afterSwitchHeader.length);
    link.set(header, FRAME_OVERHEAD);
    link.set(afterSwitchHeader, FRAME_OVERHEAD + 12);
    base.put(10, base.engine.arena.receiveStart, link);
    base.set(20, { [LENGTH]: 0 });
    if (!stages.prepareOpen(10, 20)) return 'slow' as const;
    base.engine.open(20, 1);
    return stages.acceptOpened(20, 99);
  };
  return { ...base, table, stages, receive };
}

/** Handle, then the sealed frame. */
function sessionPacket(handle: number, plain: Uint8Array, counter: number): Uint8Array {
  const frame = sealedSlowly(plain, counter);
  const packet = new Uint8Array(4 + frame.length);
  new DataView(packet.buffer).setUint32(0, handle);
  packet.set(frame, 4);
  return packet;
}

const plain = hex('100000fd303132333435363738396162636465666768696a6b6c6d6e');

t.test(
  'data header and payload become switch header, handle and sealed frame, as the slow way makes them',
  async (t) => {
    const { engine, stages, put, packet, get, set, table, data } = await bench();
    const at = engine.arena.tunStart + 64 + 36;
    put(0, at, plain);
    t.ok(stages.ready(0));
    stages.prepareSeal(0, 0, 70);
    engine.seal(0, 1);
    t.equal(get(0, RESULT), 0);
    t.same(packet(0), sealedSlowly(plain, 10));
    set(0, { [OFFSET]: get(0, OFFSET) - 16, [LENGTH]: 16 });
    t.same(packet(0), hex('80000000000001330044ffff' + '00009d27'), 'the header of the capture as it left A');
    t.equal(data.sendCounter[SENDER], 11);
    t.same([table.txBytes[0], table.usedMs[0], table.unansweredSinceMs[0]], [plain.length, 70, 70]);
    put(0, at, plain);
    stages.prepareSeal(0, 0, 90);
    t.same([table.usedMs[0], table.unansweredSinceMs[0]], [90, 70], 'unanswered since the first of them');
    t.ok(get(0, OFFSET) - BEFORE_SESSION_FRAME >= engine.arena.tunStart + 8, 'the link frame fits into the headroom');
  },
);

t.test('a session without keys, label or counters is not ready', async (t) => {
  const { stages, table, data } = await bench();
  t.notOk(stages.ready(1));
  table.firstHop[0] = -1;
  t.notOk(stages.ready(0));
  table.firstHop[0] = 0;
  data.sendCounter[SENDER] = 0xffff_fff0;
  t.notOk(stages.ready(0));
});

t.test('a good packet gives its content type, and the way it came by is kept', async (t) => {
  const { receive, table, get, packet, data } = await bench();
  table.unansweredSinceMs[1] = 5;
  t.equal(receive(sessionPacket(HANDLE, plain, 10), hex('caa80000000000000050ffff')), 0xfd);
  t.equal(get(20, SPARE), 1);
  t.same(packet(20).subarray(FRAME_OVERHEAD), plain);
  t.equal((table.inLabelHigh[1] ?? 0) >>> 0, 0xcaa8_0000);
  t.equal(table.inLabelLow[1], 0);
  t.equal(table.unansweredSinceMs[1], Number.POSITIVE_INFINITY);
  t.same([table.rxBytes[1], data.lastInMs[RECEIVER]], [plain.length, 99]);
  t.equal(receive(sessionPacket(HANDLE, hex('10000100' + '6465'), 11)), 256);
});

t.test('a repetition is dropped, a forgery handed on as it came', async (t) => {
  const { receive, counters, table, packet } = await bench();
  const good = sessionPacket(HANDLE, plain, 10);
  receive(good);
  table.inLabelHigh[1] = 7;
  t.equal(receive(good, new Uint8Array(12).fill(9)), -1);
  t.equal(counters.get('session.replay'), 1);
  const forged = sessionPacket(HANDLE, plain, 11);
  forged[24] = (forged[24] ?? 0) ^ 1;
  t.equal(receive(forged), -2);
  t.same(packet(20), forged.subarray(4));
  t.equal(table.inLabelHigh[1], 7, 'only a good packet moves the label');
  t.equal(table.rxBytes[1], plain.length);
});

t.test('handshakes, CTRL, unknown handles, low counters and short packets take the slow way', async (t) => {
  const { receive, table } = await bench();
  for (const word of [0, 1, 2, 3, 4, 78, 0xffff_fffe, 0xffff_ffff]) {
    t.equal(receive(sessionPacket(word, plain, 10)), 'slow', `word ${word}`);
  }
  t.equal(receive(sessionPacket(HANDLE, plain, 3)), 'slow');
  t.equal(receive(sessionPacket(HANDLE, plain.subarray(0, 3), 10)), 'slow');
  t.equal(receive(sessionPacket(HANDLE, plain.subarray(0, 4), 10)), 0xfd);
  t.equal(receive(new Uint8Array(0)), 'slow');
  t.equal(receive(sessionPacket(77, plain, 10)), 'slow', 'not established');
  table.openRow[1] = -1;
  t.equal(receive(sessionPacket(HANDLE, plain, 12)), 'slow');
});

t.test('handles and counters of all sizes are compared as unsigned', async (t) => {
  const { receive, table, get } = await bench();
  table.handle[1] = 0xffff_fffe | 0;
  enter(table, 1);
  t.equal(receive(sessionPacket(0xffff_fffe, plain, 0xffff_ffee)), 0xfd);
  t.equal(get(20, NONCE) >>> 0, 0xffff_ffee);
});

t.test('any bytes for a session are slow, dropped or not opened', async (t) => {
  const { receive, table } = await bench();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 120 }), fc.boolean(), (bytes, withHandle) => {
      const packet = withHandle ? Uint8Array.of(0, 0, 0x9d, 0x27, ...bytes) : bytes;
      assert(['slow', -2].includes(receive(packet)));
    }),
    { numRuns: 200 },
  );
  t.equal(table.rxBytes[1], 0);
});

import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { createCounters, internetChecksum } from '../../src/base/index.ts';
import { type AnswerContext, answer, createAnswerBudget } from '../../src/control/answer.ts';
import { packetOf, readPacket } from '../../src/control/packet.ts';
import { reverse64 } from '../../src/switch/index.ts';
import {
  control,
  controlError,
  controlGetSnode,
  controlPing,
  type LinkAddress,
  switchHeader,
} from '../../src/wire/index.ts';
import { hostile } from '../support/hostile.ts';
import { hex } from '../support/vectors.ts';
import { arrivedFrom, controlVectors, FRAME_AT, frameOf, packetFrom, someKey, withVersion } from './frames.ts';

function contextWith(changes: Partial<AnswerContext> = {}): AnswerContext {
  const budget = createAnswerBudget(0);
  const counters = createCounters();
  return { ownKey: someKey(1), supernode: null, askerAddress: null, budget, counters, nowMs: 0, ...changes };
}

/** The answer's frame from the checksum on; the header has to be the fresh one for `label`. */
function frameIn(packet: Uint8Array | null, label: bigint): Uint8Array {
  assert.ok(packet !== null);
  assert.deepEqual(packet.subarray(0, FRAME_AT), packetOf(label, new Uint8Array()));
  return packet.subarray(FRAME_AT);
}

function vectorOf(type: number, at = 0): string {
  return [...controlVectors.frames, ...controlVectors.own].filter((item) => item.type === type)[at]?.frame ?? '';
}

t.test('the checksums of the vectors', async (t) => {
  for (const { data, checksum } of controlVectors.checksums) {
    t.equal(internetChecksum(hex(data)).toString(16).padStart(4, '0'), checksum);
  }
});

t.test('captured pings and supernode queries are answered as stock did, but for the version', async (t) => {
  for (const type of [3, 7]) {
    const queries = controlVectors.captured[type] ?? [];
    const replies = controlVectors.captured[type + 1] ?? [];
    for (const query of queries.filter(({ direction }) => direction === 'received')) {
      const read = readPacket(packetFrom(query.switchHeader, query.frame));
      assert.ok(read !== null);
      const cookie = query.frame.slice(-24);
      const reply = replies.find(
        ({ seenAt, direction, frame }) => seenAt === query.seenAt && direction === 'sent' && frame.endsWith(cookie),
      );
      assert.ok(reply !== undefined);
      const packet = answer(contextWith(), read.frame, read.header);
      t.same(packet?.subarray(0, 12), hex(reply.switchHeader));
      t.same(frameIn(packet, read.returnLabel), withVersion(frameOf(reply.frame), 21));
    }
  }
});

t.test('a PING of any stock version is answered with the same data, older ones not at all', async (t) => {
  for (const { frame } of controlVectors.frames.filter(({ type }) => type === 3)) {
    const ping = controlPing.parse(frameOf(frame));
    const reply = controlPing.parse(frameOf(Buffer.from(frameIn(answerTo(frame), 0x15n)).toString('hex')));
    t.same(reply, { reply: true, version: 21, data: ping?.data });
  }
  const context = contextWith();
  const old = control.parse(withVersion(frameOf(vectorOf(3)), 19));
  assert.ok(old !== null);
  t.equal(answer(context, old, arrivedFrom(0x15n)), null);
  t.equal(context.counters.get('control.incompatible'), 1);
});

function answerTo(frame: string, changes: Partial<AnswerContext> = {}, returnLabel = 0x15n): Uint8Array | null {
  return answer(contextWith(changes), frameOf(frame), arrivedFrom(returnLabel));
}

t.test('the last 12 bytes of a v22 keep-alive come back: IFACE_CNTRLR', async (t) => {
  const packet = answerTo(vectorOf(3, 2));
  t.equal(Buffer.from(packet?.subarray(-12) ?? []).toString('latin1'), 'IFACE_CNTRLR');
});

t.test('a KEYPING is answered with our key', async (t) => {
  const expected = withVersion(frameOf(vectorOf(6)), 21);
  t.same(frameIn(answerTo(vectorOf(5), { ownKey: someKey(1) }), 0x15n), expected);
});

t.test('GETSNODE is answered with the supernode, or with zeros', async (t) => {
  const key = someKey(0x40);
  const supernode = { key, version: 21, path: 0x13n };
  t.same(frameIn(answerTo(vectorOf(7), { supernode }), 0x15n), withVersion(frameOf(vectorOf(8)), 21));
  const zeros = readPacket(answerTo(vectorOf(7)) ?? new Uint8Array());
  assert.ok(zeros !== null);
  t.match(controlGetSnode.parse(zeros.frame), { snodeVersion: 0, kbps: 0xffff_ffff, snodeKey: null, pathToSnode: 0n });
  const far = readPacket(
    answerTo(vectorOf(7), { supernode: { key, version: 21, path: (1n << 59n) | 3n } }, 0x9en) ?? new Uint8Array(),
  );
  assert.ok(far !== null);
  t.match(controlGetSnode.parse(far.frame), { snodeVersion: 0, snodeKey: null, pathToSnode: 0n }, 'cannot be widened');
  const wide = readPacket(answerTo(vectorOf(7), { supernode }, 0x9en) ?? new Uint8Array());
  assert.ok(wide !== null);
  t.match(controlGetSnode.parse(wide.frame), { pathToSnode: 0x82n }, 'widened for an asker behind 7 bits');
});

t.test('RPATH is answered with the label from us to the asker', async (t) => {
  t.same(frameIn(answerTo(vectorOf(9)), 0x15n), withVersion(frameOf(vectorOf(10)), 21));
});

t.test('LLADDR is answered to direct neighbours with the address we see', async (t) => {
  const addresses = ['c0000207', '20010db8000000000000000000000007'];
  addresses.forEach((address, at) => {
    const askerAddress: LinkAddress = { kind: 'udp', address: hex(address), port: 4000 };
    t.same(frameIn(answerTo(vectorOf(11), { askerAddress }), 0x15n), withVersion(frameOf(vectorOf(12, at)), 21));
  });
  const opaque = answerTo(vectorOf(11), {}, 0x9en);
  t.equal(Buffer.from(opaque?.subarray(28, 60) ?? []).toString('hex'), `0320${'00'.repeat(30)}`);
  const context = contextWith();
  t.equal(answer(context, frameOf(vectorOf(11)), arrivedFrom(0x153n)), null, 'two hops');
  t.equal(context.counters.get('control.notNeighbour'), 1);
});

t.test('replies, errors and unknown types are never answered (S4)', async (t) => {
  const context = contextWith();
  const error = controlError.emit({ code: 1, cause: new Uint8Array(40) });
  for (const frame of [vectorOf(4), vectorOf(6), vectorOf(8), vectorOf(10), vectorOf(12)])
    t.equal(answerTo(frame), null);
  t.equal(answer(context, frameOf(Buffer.from(error).toString('hex')), arrivedFrom(0x15n)), null);
  t.equal(context.counters.get('control.unasked'), 1);
  for (const type of [0, 1, 13, 0xffff])
    t.equal(answer(context, { type, body: new Uint8Array(60) }, arrivedFrom(0x15n)), null);
  t.equal(context.counters.get('control.unknownType'), 4);
});

t.test('an answer has a fresh header along the path of the query, whatever the header of the query says', async (t) => {
  const frame = frameOf(vectorOf(3));
  const header = {
    label: 0xa800_0000_0000_0000n,
    congestion: 99,
    suppressErrors: true,
    version: 3,
    shiftBits: 63,
    trafficClass: 7,
  };
  frameIn(answer(contextWith(), frame, header), 0x15n);
  t.equal(answer(contextWith(), frame, { ...header, label: 0n }), null, 'no way back');
});

t.test('answers are limited to a burst of 200 and 100 a second', async (t) => {
  const budget = createAnswerBudget(0);
  const counters = createCounters();
  const answersAt = (nowMs: number): number => {
    let answers = 0;
    for (let i = 0; i < 1000; i++) if (answerTo(vectorOf(3), { budget, counters, nowMs }) !== null) answers++;
    return answers;
  };
  t.equal(answersAt(0), 200);
  t.equal(answersAt(1000), 100);
  t.equal(counters.get('control.answerLimit'), 1700);
});

t.test('hostile packets are refused or answered one for one, never with more bytes', async (t) => {
  const queries = [3, 5, 7, 9, 11].map((type) => packetFrom('a8000000000000000048ffff', vectorOf(type)));
  const tally = hostile((bytes) => {
    const read = readPacket(bytes);
    const reply = read === null ? null : answer(contextWith(), read.frame, read.header);
    if (reply !== null) assert.equal(reply.length, bytes.length);
    return reply;
  }, queries);
  t.ok(tally.accepted > 0 && tally.refused > tally.accepted);
});

t.test('frames with a right checksum and any body are answered at most with as many bytes', async (t) => {
  const bodies = fc.oneof(
    fc.uint8Array({ minLength: 4, maxLength: 120 }),
    fc
      .tuple(fc.constantFrom(3, 5, 7, 9, 11), fc.uint8Array({ maxLength: 60 }))
      .map(([type, tail]) => Uint8Array.of(...frameOf(vectorOf(type)).body.subarray(0, 8), ...tail)),
  );
  fc.assert(
    fc.property(fc.nat(14), bodies, fc.bigInt(0n, (1n << 64n) - 1n), (type, body, label) => {
      const header = { ...switchHeader.original(label) };
      const reply = answer(contextWith(), { type, body }, header);
      if (reply === null) return;
      assert.equal(reply.length, FRAME_AT + 4 + body.length);
      assert.equal(switchHeader.parse(reply)?.label, reverse64(label));
    }),
    { numRuns: 2000 },
  );
  t.pass();
});

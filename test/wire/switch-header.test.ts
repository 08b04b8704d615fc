import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { switchHeader } from '../../src/wire/index.ts';
import { hostile } from '../support/hostile.ts';
import { hex } from '../support/vectors.ts';

const headers = fc.record(
  {
    label: fc.bigInt(0n, 0xffff_ffff_ffff_ffffn),
    congestion: fc.nat(127),
    suppressErrors: fc.boolean(),
    version: fc.nat(3),
    shiftBits: fc.nat(63),
    trafficClass: fc.nat(0xffff),
  },
  { noNullPrototype: true },
);

t.test('a header of a stock node, captured at the first relay', async (t) => {
  const bytes = Buffer.from('0000000000000013' + '00' + '44' + 'ffff', 'hex');
  t.same(switchHeader.parse(bytes), {
    label: 0x13n,
    congestion: 0,
    suppressErrors: false,
    version: 1,
    shiftBits: 4,
    trafficClass: 0xffff,
  });
});

t.test('what was written is read back', async (t) => {
  fc.assert(
    fc.property(headers, (header) => {
      const bytes = new Uint8Array(switchHeader.SIZE);
      switchHeader.emit(header, bytes);
      assert.deepEqual(switchHeader.parse(bytes), header);
    }),
  );
  t.pass();
});

t.test('any 12 bytes are read and written back unchanged', async (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 12, maxLength: 12 }), (bytes) => {
      const header = switchHeader.parse(bytes);
      const again = new Uint8Array(switchHeader.SIZE);
      if (header) switchHeader.emit(header, again);
      assert.deepEqual(again, bytes);
    }),
  );
  t.pass();
});

t.test('fewer than 12 bytes are refused', async (t) => {
  for (let length = 0; length < switchHeader.SIZE; length++) t.equal(switchHeader.parse(new Uint8Array(length)), null);
});

t.test('the text for people', async (t) => {
  t.equal(switchHeader.format(switchHeader.original(0x13n)), '0000.0000.0000.0013 shift 0');
  const error = { ...switchHeader.original(0x13n), suppressErrors: true, shiftBits: 4 };
  t.equal(switchHeader.format(error), '0000.0000.0000.0013 shift 4 error');
});

t.test('a packet that starts here has version 1 and nothing else set', async (t) => {
  const bytes = new Uint8Array(switchHeader.SIZE);
  switchHeader.emit(switchHeader.original(0x13n), bytes);
  t.same(bytes, hex('000000000000001300400000'));
});

t.test('what the packet path writes is what emit writes', async (t) => {
  fc.assert(
    fc.property(fc.bigInt(0n, (1n << 64n) - 1n), fc.nat(63), (label, shiftBits) => {
      const [slow, fast] = [new Uint8Array(switchHeader.SIZE), new Uint8Array(switchHeader.SIZE + 4)];
      switchHeader.emit({ ...switchHeader.original(label), shiftBits, trafficClass: 0xffff }, slow);
      const halves = [Number(label >> 32n), Number(label & 0xffff_ffffn)] as const;
      for (const [high, low] of [halves, [halves[0] | 0, halves[1] | 0] as const]) {
        switchHeader.write(new DataView(fast.buffer), 3, high, low, shiftBits);
        assert.deepEqual(fast.subarray(3, 15), slow);
      }
    }),
  );
  t.pass();
});

t.test('survives hostile input', async (t) => {
  t.ok(hostile(switchHeader.parse, [hex('0000000000000013' + '00' + '44' + 'ffff')]).refused > 0);
});

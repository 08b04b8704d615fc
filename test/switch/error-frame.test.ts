import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { internetChecksum } from '../../src/base/index.ts';
import { errorFrame, mayReport } from '../../src/switch/error-frame.ts';
import { reverse64 } from '../../src/switch/labels.ts';
import { switchHeader } from '../../src/wire/index.ts';

const received = fc.uint8Array({ maxLength: 400 });

t.test('an error repeats its cause, runs back on the way come, and checks out', async (t) => {
  fc.assert(
    fc.property(received, fc.nat(13), (packet, code) => {
      const frame = errorFrame(packet, code);
      assert.equal(frame !== null, mayReport(packet));
      if (frame === null) return;
      assert.equal(frame.length, 24 + Math.min(packet.length, 256));
      assert.deepEqual(frame.subarray(24), packet.subarray(0, 256));
      assert.equal(internetChecksum(frame, 16), 0);
      assert.equal(switchHeader.parse(frame)?.label, reverse64(switchHeader.parse(packet)?.label ?? 0n));
    }),
  );
  t.pass();
});

t.test('nothing is sent about packets shorter than 16 bytes', async (t) => {
  for (let length = 0; length < 16; length++) t.equal(errorFrame(new Uint8Array(length), 1), null);
  t.equal(errorFrame(new Uint8Array(16), 1)?.length, 40);
});

t.test('an error is never answered with an error (S4)', async (t) => {
  fc.assert(
    fc.property(received, fc.nat(13), (packet, code) => {
      const first = errorFrame(packet, code);
      if (first === null) return;
      assert.equal(errorFrame(first, code), null);
      assert.equal(mayReport(first), false);
    }),
  );
  t.pass();
});

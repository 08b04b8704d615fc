import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { dataHeader } from '../../src/wire/index.ts';
import { hostile } from '../support/hostile.ts';
import { hex, vectors } from '../support/vectors.ts';

const { dataHeaders } = vectors<{ dataHeaders: { type: number; hex: string }[] }>('session');
const samples = dataHeaders.map((vector) => hex(vector.hex));

function emitted(header: dataHeader.DataHeader): Uint8Array {
  const bytes = new Uint8Array(dataHeader.SIZE).fill(0xee);
  dataHeader.emit(header, bytes);
  return bytes;
}

t.test('the vectors', async (t) => {
  for (const vector of dataHeaders) {
    t.same(dataHeader.parse(hex(vector.hex)), { version: 1, flags: 0, contentType: vector.type });
    t.same(emitted(dataHeader.original(vector.type)), hex(vector.hex));
  }
});

t.test('what was written is read back', async (t) => {
  const headers = fc.record(
    { version: fc.nat(15), flags: fc.nat(15), contentType: fc.nat(0xffff) },
    { noNullPrototype: true },
  );
  fc.assert(fc.property(headers, (header) => assert.deepEqual(dataHeader.parse(emitted(header)), header)));
  t.pass();
});

t.test('any 4 bytes are read and written back, but for the unused one', async (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 4, maxLength: 4 }), (bytes) => {
      const header = dataHeader.parse(bytes);
      bytes[1] = 0;
      assert.deepEqual(header && emitted(header), bytes);
    }),
  );
  t.pass();
});

t.test('content types have names', async (t) => {
  const names = [6, 256, 257, 0x8000].map((type) => dataHeader.format(dataHeader.original(type)));
  t.same(names, ['IPv6 next header 6', 'CJDHT', 'IPTUN', 'type 32768']);
});

t.test('what the packet path writes and reads is what emit writes', async (t) => {
  const fast = new Uint8Array(dataHeader.SIZE + 2);
  const view = new DataView(fast.buffer);
  for (let type = 0; type < 65_536; type += 7) {
    const slow = new Uint8Array(dataHeader.SIZE);
    dataHeader.emit(dataHeader.original(type), slow);
    dataHeader.write(view, 1, type);
    assert.deepEqual(fast.subarray(1, 5), slow);
    assert.equal(dataHeader.contentTypeAt(view, 1), type);
  }
  t.pass();
});

t.test('survives hostile input', async (t) => {
  t.ok(hostile(dataHeader.parse, samples).refused > 0);
});

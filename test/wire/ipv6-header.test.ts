import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { ipv6Header } from '../../src/wire/index.ts';
import { hostile } from '../support/hostile.ts';
import { hex } from '../support/vectors.ts';

const address = fc.uint8Array({ minLength: 16, maxLength: 16 });
const headers = fc.record(
  {
    trafficClass: fc.nat(255),
    flowLabel: fc.nat(0xf_ffff),
    payloadLength: fc.nat(0xffff),
    nextHeader: fc.nat(255),
    hopLimit: fc.nat(255),
    source: address,
    destination: address,
  },
  { noNullPrototype: true },
);

const SOURCE = 'fc000000000000000000000000000001';
const DESTINATION = 'fc000000000000000000000000000002';
/** An echo request header as Linux writes it. */
const packet = hex(`600d4c2b00403a40${SOURCE}${DESTINATION}`);

function emitted(header: ipv6Header.Ipv6Header): Uint8Array {
  const bytes = new Uint8Array(ipv6Header.SIZE).fill(0xee);
  ipv6Header.emit(header, bytes);
  return bytes;
}

t.test('a header written by a kernel', async (t) => {
  t.same(ipv6Header.parse(packet), {
    trafficClass: 0,
    flowLabel: 0xd4c2b,
    payloadLength: 64,
    nextHeader: ipv6Header.NEXT_HEADER.icmpv6,
    hopLimit: 64,
    source: hex(SOURCE),
    destination: hex(DESTINATION),
  });
});

t.test('what was written is read back', async (t) => {
  fc.assert(fc.property(headers, (header) => assert.deepEqual(ipv6Header.parse(emitted(header)), header)));
  t.pass();
});

t.test('any 40 bytes of version 6 are read and written back unchanged', async (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 40, maxLength: 40 }), (bytes) => {
      bytes[0] = 0x60 | ((bytes[0] ?? 0) & 0xf);
      const header = ipv6Header.parse(bytes);
      assert.deepEqual(header && emitted(header), bytes);
    }),
  );
  t.pass();
});

t.test('other versions and fewer bytes are refused', async (t) => {
  for (const first of [0x40, 0x50, 0x70, 0xe0])
    t.equal(ipv6Header.parse(Uint8Array.of(first, ...packet.subarray(1))), null);
  t.equal(ipv6Header.parse(packet.subarray(0, 39)), null);
});

t.test('the rebuilt header has hop limit 42 and nothing of the lost fields', async (t) => {
  const fields = { payloadLength: 64, nextHeader: 58, source: hex(SOURCE), destination: hex(DESTINATION) };
  t.same(emitted(ipv6Header.rebuilt(fields)), hex(`6000000000403a2a${SOURCE}${DESTINATION}`));
});

t.test('what the packet path writes is the start of what emit writes', async (t) => {
  const nobody = new Uint8Array(16);
  const lost = { trafficClass: 0, flowLabel: 0, hopLimit: ipv6Header.HOP_LIMIT, source: nobody, destination: nobody };
  fc.assert(
    fc.property(fc.nat(65_535), fc.nat(255), (payloadLength, nextHeader) => {
      const [slow, fast] = [new Uint8Array(ipv6Header.SIZE), new Uint8Array(ipv6Header.SIZE + 1)];
      ipv6Header.emit({ ...lost, payloadLength, nextHeader }, slow);
      ipv6Header.write(new DataView(fast.buffer), 1, payloadLength, nextHeader);
      assert.deepEqual(fast.subarray(1), slow);
    }),
  );
  t.pass();
});

t.test('survives hostile input', async (t) => {
  t.ok(hostile(ipv6Header.parse, [packet]).refused > 0);
});

import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { ADDRESS_UNREACHABLE, NO_ROUTE, packetTooBig, refusalCode, unreachable } from '../../src/tun/index.ts';
import { ipv6Header } from '../../src/wire/index.ts';

const source = Uint8Array.from({ length: 16 }, (_, index) => (index === 0 ? 0xfc : index));
const destination = source.map((byte) => byte ^ 0x0f);

function packet(nextHeader: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(40 + payload.length);
  const fields = { trafficClass: 0, flowLabel: 0, payloadLength: payload.length, nextHeader, hopLimit: 64 };
  ipv6Header.emit({ ...fields, source, destination }, bytes);
  bytes.set(payload, 40);
  return bytes;
}

/** The sum of RFC 8200 §8.1 written the obvious way; 0xffff when the checksum is right. */
function pseudoSum(error: Uint8Array): number {
  const words = [...error.slice(8, 40), 0, 0, (error.length - 40) >> 8, (error.length - 40) & 0xff, 0, 0, 0, 58];
  words.push(...error.slice(40));
  if (words.length % 2 === 1) words.push(0);
  let sum = 0;
  for (let i = 0; i < words.length; i += 2) sum += ((words[i] ?? 0) << 8) | (words[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return sum;
}

t.test('an error goes from the destination to the source, quotes the packet and has a right checksum', async (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 1400 }), fc.constantFrom(NO_ROUTE, ADDRESS_UNREACHABLE), (payload, code) => {
      const original = packet(17, payload);
      const error = unreachable(original, code);
      assert(error !== null);
      const header = ipv6Header.parse(error);
      assert(header !== null);
      assert.deepEqual(
        [header.source, header.destination, header.nextHeader, header.payloadLength],
        [destination, source, 58, error.length - 40],
      );
      assert.deepEqual([...error.slice(40, 42)], [1, code]);
      assert(error.length <= 1280);
      assert.deepEqual(error.slice(48), original.slice(0, 1232));
      assert.equal(pseudoSum(error), 0xffff);
    }),
    { numRuns: 60 },
  );
  t.pass();
});

t.test('who sends what the mesh does not carry may hear why, but nobody about a group or from nobody', async (t) => {
  const to = (first: number, from = source): Uint8Array => {
    const bytes = packet(17, new Uint8Array(8));
    bytes.set(from, 8);
    bytes[24] = first;
    return bytes;
  };
  t.equal(refusalCode(to(0x20)), NO_ROUTE);
  t.equal(refusalCode(to(0xfe)), NO_ROUTE);
  t.equal(refusalCode(to(0xfc)), 5, 'the source address failed our policy');
  t.equal(refusalCode(to(0xff)), null);
  t.equal(refusalCode(to(0x20, new Uint8Array(16))), null);
  t.equal(
    refusalCode(
      to(
        0x20,
        source.map((byte, at) => (at === 0 ? 0xff : byte)),
      ),
    ),
    null,
  );
  t.equal(refusalCode(to(0x20).fill(0x45, 0, 1)), null, 'IPv4');
  t.equal(refusalCode(new Uint8Array(39).fill(0x60)), null);
});

t.test('an error about an error, and about what is no packet, is not made', async (t) => {
  t.equal(unreachable(packet(58, Uint8Array.of(1, 3)), NO_ROUTE), null);
  t.equal(unreachable(packet(58, Uint8Array.of(127)), NO_ROUTE), null);
  t.equal(unreachable(packet(58, new Uint8Array(0)), NO_ROUTE), null);
  t.ok(unreachable(packet(58, Uint8Array.of(128, 0)), NO_ROUTE));
  t.equal(unreachable(new Uint8Array(39), NO_ROUTE), null);
});

t.test('a packet that is too big is answered with what would pass', async (t) => {
  const error = packetTooBig(packet(17, new Uint8Array(1_300)), 1_330);
  assert(error !== null);
  t.same([...error.slice(40, 42), ...error.slice(44, 48)], [2, 0, 0, 0, 1_330 >> 8, 1_330 & 0xff]);
  t.equal(pseudoSum(error), 0xffff);
  t.equal(packetTooBig(packet(58, Uint8Array.of(1, 0)), 1_280), null, 'no error about an error');
});

import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { createArena, descriptor } from '../../src/packet/index.ts';
import { createSessionTable, enter } from '../../src/session/table.ts';
import { createIncoming, createOutgoing, NO_SESSION, NOT_OURS, TO_SELF } from '../../src/tun/index.ts';
import { ipv6Header } from '../../src/wire/index.ts';

const { OFFSET, LENGTH } = descriptor;
const own = Uint8Array.from({ length: 16 }, (_, index) => (index === 0 ? 0xfc : index));
const other = Uint8Array.from({ length: 16 }, (_, index) => (index === 0 ? 0xfc : 0x80 + index));
const AT = 64;

function bench() {
  const arena = createArena({ tunSlots: 2, receiveSlots: 1, outputSlots: 1, descriptors: 4 });
  const table = createSessionTable();
  const view = new DataView(other.buffer);
  for (let word = 0; word < 4; word++) table.address[5 * 4 + word] = view.getInt32(word * 4);
  table.handle[5] = 99;
  enter(table, 5);
  const outgoing = createOutgoing(arena, table, own);
  const classify = (packet: Uint8Array) => {
    arena.bytes.set(packet, AT);
    arena.descriptors[OFFSET] = AT;
    arena.descriptors[LENGTH] = packet.length;
    const before = arena.bytes.slice(0, 256);
    const verdict = outgoing.classify(0);
    assert.deepEqual(arena.bytes.slice(0, 256), before, 'the packet is untouched');
    return verdict;
  };
  return { arena, table, outgoing, classify };
}

function packet(source: Uint8Array, destination: Uint8Array, payload = new Uint8Array(8)): Uint8Array {
  const bytes = new Uint8Array(40 + payload.length);
  const fields = { trafficClass: 9, flowLabel: 77, payloadLength: payload.length, nextHeader: 17, hopLimit: 64 };
  ipv6Header.emit({ ...fields, source, destination }, bytes);
  bytes.set(payload, 40);
  return bytes;
}

function with0(address: Uint8Array, first: number): Uint8Array {
  const changed = address.slice();
  changed[0] = first;
  return changed;
}

t.test('a packet to a node finds its session, to an unknown node none, to ourselves the way back', async (t) => {
  const { classify } = bench();
  t.equal(classify(packet(own, other)), 5);
  const unknown = other.slice();
  unknown[15] = 0;
  t.equal(classify(packet(own, unknown)), NO_SESSION);
  t.equal(classify(packet(own, own)), TO_SELF);
});

t.test('any other source, and any destination outside the mesh, is not ours to carry', async (t) => {
  const { classify } = bench();
  for (let index = 0; index < 16; index++) {
    const source = own.slice();
    source[index] = (source[index] ?? 0) ^ 1;
    t.equal(classify(packet(source, other)), NOT_OURS, `byte ${index} of the source`);
  }
  for (const first of [0, 0x20, 0xfb, 0xfd, 0xfe, 0xff]) t.equal(classify(packet(own, with0(other, first))), NOT_OURS);
  t.equal(classify(packet(new Uint8Array(16), other)), NOT_OURS);
});

t.test('packets of 0 to 39 bytes and of another IP version are dropped', async (t) => {
  const { classify } = bench();
  const good = packet(own, other);
  for (let length = 0; length < 40; length++) t.equal(classify(good.subarray(0, length)), NOT_OURS);
  t.equal(classify(good.subarray(0, 40)), 5);
  for (let version = 0; version < 16; version++) {
    const changed = good.slice();
    changed[0] = (version << 4) | 3;
    t.equal(classify(changed), version === 6 ? 5 : NOT_OURS);
  }
});

t.test('the payload length field is not believed: what is there is carried', async (t) => {
  const { classify, outgoing, arena } = bench();
  const odd = packet(own, other);
  odd.set([0xff, 0xff], 4);
  t.equal(classify(odd), 5);
  outgoing.removeHeader(0);
  t.equal(arena.descriptors[LENGTH], 4 + 8);
});

t.test(
  'whatever was sent, the receiver sees the session source, our destination and nothing of the old header',
  async (t) => {
    const { arena, table, outgoing, classify } = bench();
    const incoming = createIncoming(arena, table, own);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1264 }), fc.nat(255), (payload, nextHeader) => {
        const sent = packet(own, other, payload);
        sent[6] = nextHeader;
        assert.equal(classify(sent), 5);
        outgoing.removeHeader(0);
        const at = arena.descriptors[OFFSET] ?? 0;
        assert.deepEqual([...arena.bytes.slice(at, at + 4)], [0x10, 0, 0, nextHeader]);
        // The opened session frame of the receiver: 20 bytes of frame, then data header and payload.
        arena.descriptors[OFFSET] = at - 20;
        arena.descriptors[LENGTH] = (arena.descriptors[LENGTH] ?? 0) + 20;
        incoming.rebuild(0, 5, nextHeader);
        const start = arena.descriptors[OFFSET] ?? 0;
        const received = arena.bytes.slice(start, start + (arena.descriptors[LENGTH] ?? 0));
        const fields = { payloadLength: payload.length, nextHeader, source: other, destination: own };
        assert.deepEqual(ipv6Header.parse(received), ipv6Header.rebuilt(fields));
        assert.deepEqual(received.slice(40), payload);
      }),
      { numRuns: 100 },
    );
    t.pass();
  },
);

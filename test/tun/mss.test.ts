import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import t from 'tap';
import { concat, internetChecksum, writeU16, writeU32 } from '../../src/base/index.ts';
import { isTcpOpening, lowerSegmentSize } from '../../src/tun/index.ts';

const TCP = 6;
const SYN = 0x02;
const ACK = 0x10;

/** The sum over what the checksum of TCP covers; 0 when it is right. */
function sumOf(packet: Uint8Array): number {
  const pseudo = new Uint8Array(8);
  writeU32(pseudo, 0, packet.length - 40);
  pseudo[7] = TCP;
  const summed = concat(packet.subarray(8, 40), pseudo, packet.subarray(40));
  return internetChecksum(summed, 0, summed.length);
}

/** A TCP packet with these options, its checksum right. */
function tcp(options: readonly number[], flags = SYN, payload = new Uint8Array()): Uint8Array {
  const padded = Math.ceil(options.length / 4) * 4;
  const packet = new Uint8Array(60 + padded + payload.length);
  packet[0] = 0x60;
  writeU16(packet, 4, packet.length - 40);
  packet[6] = TCP;
  packet.fill(0xfc, 8, 24);
  packet.fill(0xfd, 24, 40);
  writeU16(packet, 40, 40_000);
  writeU16(packet, 42, 80);
  writeU32(packet, 44, 0x1234_5678);
  packet[52] = ((20 + padded) / 4) << 4;
  packet[53] = flags;
  packet.set(options, 60);
  packet.set(payload, 60 + padded);
  writeU16(packet, 56, sumOf(packet));
  return packet;
}

function lowered(packet: Uint8Array, mtuBytes: number): boolean {
  // Not at the beginning of its memory, as in the arena.
  const bytes = new Uint8Array(packet.length + 64);
  bytes.set(packet, 64);
  if (!isTcpOpening(bytes, 64, packet.length)) return false;
  const view = new DataView(bytes.buffer);
  const result = lowerSegmentSize(view, 64, packet.length, mtuBytes);
  packet.set(bytes.subarray(64));
  return result;
}

const mss = (bytes: number): number[] => [2, 4, bytes >> 8, bytes & 0xff];
/** As Linux sends them: segment size, SACK, timestamps, no-op, window scale. */
const LINUX = [...mss(1244), 4, 2, 8, 10, 1, 2, 3, 4, 0, 0, 0, 0, 1, 3, 3, 7];

t.test('the segment size of both opening packets is lowered, and the checksum stays right', async (t) => {
  for (const flags of [SYN, SYN | ACK]) {
    const packet = tcp(LINUX, flags);
    t.ok(lowered(packet, 1280));
    t.same([...packet.subarray(60, 64)], mss(1220));
    t.equal(sumOf(packet), 0);
  }
});

t.test('it is never raised, and others are not touched', async (t) => {
  for (const packet of [tcp(LINUX, ACK), tcp(mss(1220)), tcp(mss(536)), tcp([]), tcp([4, 2])]) {
    const before = packet.slice();
    t.notOk(lowered(packet, 1280));
    t.same(packet, before);
  }
  const udp = tcp(LINUX);
  udp[6] = 17;
  t.notOk(lowered(udp, 1280));
  t.notOk(isTcpOpening(tcp(LINUX), 0, 59), 'the header has to be whole');
});

t.test('damaged options leave the packet as it is', async (t) => {
  const damaged = [
    [2, 3, 5, 220],
    [2, 0, 5, 220],
    [2, 4],
    [8, 40, 0, 0],
    [1, 1, 1, 2],
    [0, 2, 4, 5, 220, 0, 0, 0],
  ];
  for (const options of damaged) {
    const packet = tcp(options);
    const before = packet.slice();
    t.notOk(lowered(packet, 600), options.join(' '));
    t.same(packet, before);
  }
  const headless = tcp(LINUX);
  headless[52] = 4 << 4;
  t.notOk(lowered(headless, 600), 'a header shorter than one');
  headless[52] = 15 << 4;
  t.notOk(lowered(headless, 600), 'a header longer than the packet');
  t.notOk(lowered(tcp(LINUX), 60), 'nothing would fit');
});

t.test('wherever the option stands, and whatever it says, the checksum stays right', async () => {
  const noops = fc.nat(7);
  const size = fc.integer({ min: 0, max: 65_535 });
  const mtu = fc.integer({ min: 61, max: 65_595 });
  fc.assert(
    fc.property(noops, size, mtu, fc.uint8Array({ maxLength: 64 }), (before, bytes, mtuBytes, payload) => {
      const packet = tcp([...new Array<number>(before).fill(1), ...mss(bytes)], SYN, payload);
      assert.equal(lowered(packet, mtuBytes), bytes > mtuBytes - 60);
      const at = 60 + before + 2;
      assert.equal((packet[at] as number) * 256 + (packet[at + 1] as number), Math.min(bytes, mtuBytes - 60));
      // Zero and all ones are the same sum.
      assert.ok([0, 0xffff].includes(sumOf(packet)));
    }),
  );
});

t.test('any bytes are taken, and only two words of them are changed', async () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 120 }), fc.nat(65_535), (bytes, mtuBytes) => {
      const packet = bytes.slice();
      if (packet.length > 53) {
        packet[6] = TCP;
        packet[53] = (packet[53] as number) | SYN;
      }
      const before = packet.slice();
      const isLowered = lowered(packet, mtuBytes);
      const changed = [...packet].filter((byte, at) => byte !== before[at]).length;
      assert.ok(isLowered ? changed <= 4 : changed === 0);
    }),
  );
});

import t from 'tap';
import { packetOf, readPacket } from '../../src/control/packet.ts';
import { hostile } from '../support/hostile.ts';
import { hex } from '../support/vectors.ts';
import { controlVectors, packetFrom } from './frames.ts';

t.test('captured packets are read, with the way back', async (t) => {
  for (const item of Object.values(controlVectors.captured).flat()) {
    const read = readPacket(packetFrom(item.switchHeader, item.frame));
    if (item.direction === 'received') t.equal(read?.returnLabel, item.switchHeader.startsWith('a8') ? 0x15n : 0x13n);
    else t.same(packetFrom(item.switchHeader, item.frame), packetOf(read?.header.label ?? 0n, hex(item.frame)));
  }
});

t.test('the damaged AUTHENTICATION error of stock v20 is refused', async (t) => {
  const { switchHeader, frame } = controlVectors.v20_auth_error_quirk;
  t.equal(readPacket(packetFrom(switchHeader, frame)), null);
});

t.test('hostile packets are refused, other session words too', async (t) => {
  const samples = [...controlVectors.frames, ...controlVectors.own].map(({ frame }) =>
    packetFrom('a8000000000000000048ffff', frame),
  );
  const tally = hostile(readPacket, samples);
  t.ok(tally.refused > 0);
  const data = packetFrom('a8000000000000000048ffff', controlVectors.frames[0]?.frame ?? '');
  for (let bit = 0; bit < 32; bit++) {
    const other = new Uint8Array(data);
    other[12 + (bit >> 3)] = 0xff ^ (1 << (bit & 7));
    t.equal(readPacket(other), null);
  }
});

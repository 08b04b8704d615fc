import t from 'tap';
import type { Row } from '../../src/channel/index.ts';
import type { DescriptorIndex } from '../../src/packet/index.ts';
import type { SessionNumber } from '../../src/session/index.ts';
import type { PeerNumber } from '../../src/switch/index.ts';

t.test('one kind of number is never taken for another; a plain number goes for any', async (t) => {
  const ofPeer = (peer: PeerNumber): number => peer;
  const row: Row = 1;
  const session: SessionNumber = 2;
  const index: DescriptorIndex = 3;
  // @ts-expect-error: a row is no peer number
  ofPeer(row);
  // @ts-expect-error: a session number is no peer number
  ofPeer(session);
  // @ts-expect-error: a descriptor is no peer
  ofPeer(index);
  t.equal(ofPeer(4) + row, 5, 'and arithmetic needs no cast');
});

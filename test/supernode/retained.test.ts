import t from 'tap';
import { concat } from '../../src/base/index.ts';
import { asIp6 } from '../../src/crypto/index.ts';
import { RetainedAnnouncements } from '../../src/supernode/retained.ts';
import { type AnnouncementItem, announcement } from '../../src/wire/index.ts';
import { hashesOnly } from './support.ts';

const address = asIp6(new Uint8Array(16).fill(0xfc));
if (address === null) throw new Error('address');
const supernode = address;
const version: AnnouncementItem = { type: 'version', protocol: 21 };
const link = (peerNumber: number, label = 0x15): AnnouncementItem => ({
  type: 'peer',
  form: 0,
  peerNumber,
  address: supernode,
  label,
});
const state: AnnouncementItem = { type: 'linkState', peerNumber: 1, firstSlot: 0, slots: [] };

function message(timestampMs: number, ...items: readonly AnnouncementItem[]): Uint8Array {
  const [signature, signingKey] = [new Uint8Array(64), new Uint8Array(32)];
  return announcement.emit({ signature, signingKey, supernode, timestampMs, reset: false, items });
}

function hashOf(...messages: readonly Uint8Array[]): Uint8Array {
  let hash: Uint8Array = new Uint8Array(64);
  for (const bytes of messages) hash = hashesOnly.sha512(concat(hash, bytes));
  return hash;
}

t.test('the hash runs over the messages, oldest first, from 64 zeros', (t) => {
  const kept = new RetainedAnnouncements();
  t.same(kept.hash(hashesOnly), new Uint8Array(64));
  const [a, b] = [message(1, version, link(1)), message(2, link(2))];
  kept.add(a);
  kept.add(b);
  t.same(kept.hash(hashesOnly), hashOf(a, b));
  kept.clear();
  t.equal(kept.size, 0);
  t.end();
});

t.test('a message goes when all that lasts in it was said again, and one of link states at once', (t) => {
  const kept = new RetainedAnnouncements();
  const [a, b, c] = [message(1, link(1), link(2)), message(2, link(1, 0)), message(3, state, link(2))];
  kept.add(a);
  kept.add(b);
  t.same(kept.hash(hashesOnly), hashOf(a, b), 'the link 2 is still said by the first one');
  kept.add(c);
  t.same(kept.hash(hashesOnly), hashOf(b, c));
  kept.add(message(4, state));
  t.same(kept.hash(hashesOnly), hashOf(b, c));
  t.end();
});

t.test('what is 20 minutes older than the newest goes', (t) => {
  const kept = new RetainedAnnouncements();
  const [a, b, c] = [message(0, link(1)), message(1, link(2)), message(1_200_001, link(3))];
  for (const bytes of [a, b, c]) kept.add(bytes);
  t.same(kept.hash(hashesOnly), hashOf(b, c));
  t.end();
});

import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { concat } from '../../src/base/index.ts';
import { asIp6 } from '../../src/crypto/index.ts';
import { type AnnouncementItem, announcement, announcementItem } from '../../src/wire/index.ts';
import { hex } from '../support/vectors.ts';

const plain = { noNullPrototype: true } as const;
const exactly = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const address = exactly(16).map(ip6);
const word = fc.nat(0xffff);
const large = fc.nat(0xffff_ffff);
const slot = fc.record({ lagMs: large, drops: word, kilobytes: large }, plain);
const item: fc.Arbitrary<AnnouncementItem> = fc.oneof(
  fc.record({ type: fc.constant('scheme' as const), scheme: fc.uint8Array({ minLength: 1, maxLength: 20 }) }, plain),
  fc.record({ type: fc.constant('version' as const), protocol: word }, plain),
  fc.record({ type: fc.constant('peer' as const), form: fc.nat(255), peerNumber: word, address, label: large }, plain),
  fc.record(
    {
      type: fc.constant('linkState' as const),
      peerNumber: word,
      firstSlot: fc.nat(17),
      slots: fc.array(slot, { maxLength: 18 }),
    },
    plain,
  ),
  fc.record(
    {
      type: fc.constant('unknown' as const),
      code: fc.integer({ min: 4, max: 255 }),
      rest: fc.uint8Array({ maxLength: 253 }),
    },
    plain,
  ),
);
const whole = fc.record(
  {
    signature: exactly(64),
    signingKey: exactly(32),
    supernode: address,
    timestampMs: fc.maxSafeNat(),
    reset: fc.boolean(),
    items: fc.array(item, { maxLength: 8 }),
  },
  plain,
);

function ip6(bytes: Uint8Array) {
  const made = asIp6(bytes);
  if (made === null) throw new Error('address');
  return made;
}

t.test('what was written is read back, and every item stands at a multiple of four', async () => {
  fc.assert(
    fc.property(whole, (value) => {
      const bytes = announcement.emit(value);
      assert.deepEqual(announcement.parse(bytes), value);
      assert.deepEqual(bytes.subarray(64), announcement.emitBody(value));
      assert.equal(bytes.length % 4, 0);
      for (const one of value.items) assert.ok(announcementItem.emitItem(one).length <= 256);
    }),
  );
});

t.test('any bytes give an announcement or null', async () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => void announcement.parse(bytes)));
  fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => void announcementItem.parseAll(bytes)));
});

t.test('the layout of protocol 09 §3, byte for byte', async (t) => {
  const peer = {
    type: 'peer',
    form: 1,
    peerNumber: 0x13,
    address: ip6(new Uint8Array(16).fill(0xfc)),
    label: 0x15,
  } as const;
  t.same(announcementItem.emitItem(peer), hex(`200101000000${'0013'}ffffffff${'fc'.repeat(16)}00000015`));
  t.same(announcementItem.emitItem({ type: 'version', protocol: 21 }), hex('04020015'));
  t.same(
    announcementItem.emitItem({ type: 'scheme', scheme: hex('6114458100') }),
    hex('01070061 14458100'.replace(' ', '')),
  );
  const slots = [{ lagMs: 5, drops: 256, kilobytes: 10 }];
  const state = { type: 'linkState', peerNumber: 0x13, firstSlot: 2, slots } as const;
  t.same(announcementItem.emitItem(state), hex('0c03020000130205fd01000a'.replace('0205', '0205')));
  const head = { signature: new Uint8Array(64), signingKey: new Uint8Array(32), supernode: peer.address };
  const bytes = announcement.emit({ ...head, timestampMs: 0x12_3456, reset: true, items: [] });
  t.same(bytes.subarray(112), hex('0000000001234569'));
});

t.test('padding is skipped, an item of length 0, a short one and another version are refused', async (t) => {
  t.same(announcementItem.parseAll(hex('010104020015')), [{ type: 'version', protocol: 21 }]);
  for (const bytes of ['00', '0402', '03020015', '0302', '2001', '03030100', '0303ff'])
    t.equal(announcementItem.parseAll(hex(bytes)), null, bytes);
  const empty = concat(new Uint8Array(119), Uint8Array.of(1));
  t.not(announcement.parse(empty), null);
  t.equal(announcement.parse(empty.subarray(1)), null);
  t.equal(announcement.parse(concat(new Uint8Array(119), Uint8Array.of(2))), null);
  t.equal(announcement.parse(concat(new Uint8Array(112), hex('ffffffffffffffe1'))), null, 'beyond all time');
});

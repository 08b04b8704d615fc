import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import {
  addressKey,
  addressOf,
  asIp6,
  closerTo,
  compareDistance,
  distance,
  formatIp6,
  type Ip6,
  isMeshAddress,
  loadNodeBackend,
  parseIp6,
} from '../../src/crypto/index.ts';
import { hex, vectors } from '../support/vectors.ts';

type Key = { publicKey: string; ipv6: string; ipv6Text: string; ipv6ShortText: string; searchKey: string };
type Closest = { target: string; a: string; b: string; closer: string; result: number };
const identity = vectors<{ keys: Key[]; notFc: Key[]; distance: Closest[] }>('identity');
const dht = vectors<{ nodes: { key: string; ip6: string }[]; closest: Closest[] }>('dht');
const backend = await loadNodeBackend();
const ip6 = (text: string): Ip6 => hex(text) as Ip6;
const addresses = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => bytes as Ip6);

t.test('the address follows from the key', async (t) => {
  for (const { publicKey, ipv6 } of identity.keys) t.same(addressOf(backend, hex(publicKey)), hex(ipv6));
  for (const { key, ip6 } of dht.nodes) t.same(addressOf(backend, hex(key)), hex(ip6));
});

t.test('keys whose address is not in fc00::/8 have none, nor have things that are no keys', async (t) => {
  for (const { publicKey } of identity.notFc) {
    t.equal(addressOf(backend, hex(publicKey)), null);
  }
  for (const bytes of [new Uint8Array(32), new Uint8Array(31).fill(1), new Uint8Array(0)]) {
    t.equal(addressOf(backend, bytes), null);
  }
});

t.test('texts, long and short, as stock nodes write them', async (t) => {
  for (const { ipv6, ipv6Text, ipv6ShortText } of identity.keys) {
    t.equal(formatIp6(ip6(ipv6)), ipv6Text);
    t.same(parseIp6(ipv6Text), hex(ipv6));
    t.same(parseIp6(ipv6ShortText), hex(ipv6));
  }
});

t.test('any text form is read', async (t) => {
  const address = hex('fc000000000000000000000000000001');
  for (const text of ['fc00::1', 'FC00::1', 'fc00:0:0::0:1', 'fc00:0000::0001']) t.same(parseIp6(text), address, text);
  t.same(parseIp6('::ffff:192.0.2.7'), hex('00000000000000000000ffffc0000207'));
});

t.test('what is no IPv6 address is refused', async (t) => {
  const refused = [
    '',
    'fc00',
    '192.0.2.7',
    'fc00::1%eth0',
    'fc00::1/8',
    'fc00:::1',
    'fc00::g',
    '1:2:3:4:5:6:7',
    ' fc00::1',
  ];
  for (const text of [...refused, '1:2:3:4:5:6:7:8:9', 'fc00::12345', 'f'.repeat(100_000)]) {
    t.equal(parseIp6(text), null, text.slice(0, 40));
  }
});

t.test('texts are read back', async (t) => {
  fc.assert(
    fc.property(addresses, (address) => {
      assert.equal(formatIp6(address).length, 39);
      assert.deepEqual(parseIp6(formatIp6(address)), address);
    }),
  );
  t.pass();
});

t.test('any text gives an address or null', async (t) => {
  const texts = fc.oneof(fc.string({ maxLength: 50 }), fc.array(fc.constantFrom(...'0fF:.%'), { maxLength: 45 }));
  fc.assert(
    fc.property(texts, (text) => {
      const address = parseIp6(typeof text === 'string' ? text : text.join(''));
      assert.ok(address === null || address.length === 16);
    }),
  );
  t.pass();
});

t.test('only 16 bytes that begin with fc are a mesh address', async (t) => {
  t.ok(isMeshAddress(hex('fc000000000000000000000000000001')));
  t.notOk(isMeshAddress(hex('fd000000000000000000000000000001')));
  t.notOk(isMeshAddress(hex('fc')));
  t.equal(asIp6(new Uint8Array(15)), null);
});

t.test('closer is what stock nodes think is closer', async (t) => {
  for (const { target, a, b, closer } of identity.distance) {
    const sign = { a: -1, b: 1, equal: 0 }[closer];
    t.equal(Math.sign(compareDistance(ip6(target), ip6(a), ip6(b))), sign);
    t.equal(closerTo(ip6(target), ip6(a), ip6(b)), closer === 'a');
  }
  for (const { target, a, b, result } of dht.closest) {
    t.equal(Math.sign(compareDistance(ip6(target), ip6(a), ip6(b))), result);
  }
});

t.test('comparing and subtracting distances agree', async (t) => {
  fc.assert(
    fc.property(addresses, addresses, addresses, fc.boolean(), (target, a, b, half) => {
      if (half) b.set(a.subarray(8), 8);
      const difference = distance(target, a) - distance(target, b);
      assert.equal(Math.sign(compareDistance(target, a, b)), difference < 0n ? -1 : difference > 0n ? 1 : 0);
      assert.equal(distance(target, a), distance(a, target));
    }),
  );
  t.equal(distance(ip6('ff'.repeat(16)), ip6('00'.repeat(16))), 2n ** 128n - 1n);
});

t.test('map keys are equal for equal addresses only', async (t) => {
  const key = addressKey(hex('fc0000000000000000000000000000ff'));
  t.equal(addressKey(hex('fc0000000000000000000000000000ff')), key);
  t.not(addressKey(hex('fc0000000000000000000000000000fe')), key);
});

import t from 'tap';
import { broadcastOf, isLinkLocal, isOnSegment } from '../../src/underlay/index.ts';

t.test('the broadcast address of a segment', async (t) => {
  const of = (host: string, prefixLength: number) => broadcastOf({ host, prefixLength });
  t.equal(of('10.0.0.2', 24), '10.0.0.255');
  t.equal(of('10.0.0.2', 20), '10.0.15.255');
  t.equal(of('192.168.1.129', 25), '192.168.1.255');
  t.equal(of('10.1.2.3', 0), '255.255.255.255');
  t.equal(of('10.0.0.2', 30), '10.0.0.3');
  t.equal(of('10.0.0.2', 31), null);
  t.equal(of('10.0.0.2', 32), null);
  t.equal(of('fe80::1', 64), null);
});

t.test('who is on the segment of an address', async (t) => {
  const own = { host: '10.0.8.2', prefixLength: 21 };
  t.ok(isOnSegment(own, '10.0.15.255'));
  t.notOk(isOnSegment(own, '10.0.16.1'));
  t.notOk(isOnSegment(own, 'fe80::1'));
  t.notOk(isOnSegment(own, 'nonsense'));
  t.ok(isOnSegment({ host: '2001:db8::1', prefixLength: 64 }, '2001:db8::7'));
  t.notOk(isOnSegment({ host: '2001:db8::1', prefixLength: 64 }, '2001:db8:0:1::7'));
});

t.test('link-local addresses are fe80::/10', async (t) => {
  t.ok(isLinkLocal('fe80::1%eth0'));
  t.ok(isLinkLocal('febf::1'));
  t.notOk(isLinkLocal('fec0::1'));
  t.notOk(isLinkLocal('10.0.0.1'));
});

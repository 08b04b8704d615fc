import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { createCounters } from '../../src/base/index.ts';
import { asPublicKey, type PublicKey, SecretKey } from '../../src/crypto/index.ts';
import { afterBeacon, beaconPassword, beginBeat, chooseDevices, Hearing } from '../../src/lan/index.ts';
import { BEACON_BURST, BEACONS_PER_SECOND, MAX_DEVICES, MAX_HEARD } from '../../src/lan/limits.ts';
import type { NetworkDevice } from '../../src/underlay/index.ts';
import { beacon } from '../../src/wire/index.ts';
import { sure } from '../cryptoauth/support.ts';
import { createFakeBackend } from '../support/fake-crypto.ts';

function device(name: string, index: number, other: Partial<NetworkDevice> = {}): NetworkDevice {
  const addresses = [{ host: `10.0.${index}.2`, prefixLength: 24 }];
  const usual = { link: 'ethernet', kind: null, mac: null, mtuBytes: 1500, isUp: true, hasCarrier: true } as const;
  return { ...usual, index, name, master: null, addresses, ...other };
}

const DEVICES = [
  device('lo', 1, { link: 'loopback' }),
  device('eth0', 2),
  device('wlan0', 3),
  device('eth1', 4, { hasCarrier: false }),
  device('eth2', 5, { isUp: false }),
  device('docker0', 6, { kind: 'bridge' }),
  device('veth1', 7, { kind: 'veth', master: 6 }),
  device('br-lan', 8, { kind: 'bridge' }),
  device('lan1', 9, { master: 8 }),
  device('wg0', 10, { link: 'none', kind: 'wireguard' }),
  device('fc0', 11, { link: 'none', kind: 'tun' }),
  device('veth7', 12, { kind: 'veth' }),
];

function used(wanted: readonly string[], doors: readonly string[] = ['all']): readonly string[] {
  const choices = chooseDevices(DEVICES, wanted, 'fc0', doors);
  return choices.filter(({ reason }) => reason === null).map(({ name }) => name);
}

t.test('auto takes what has a cable or a radio, and bridges of such', async (t) => {
  t.same(used(['auto']), ['eth0', 'wlan0', 'br-lan']);
});

t.test('all takes what is virtual, too, but never our own device, loopback and ports of bridges', async (t) => {
  t.same(used(['all']), ['eth0', 'wlan0', 'docker0', 'br-lan', 'veth7']);
});

t.test('who is named is used, and a name that is not there says so', async (t) => {
  t.same(used(['veth7', 'eth9']), ['veth7']);
  t.same(used(['auto', 'docker0']), ['eth0', 'wlan0', 'docker0', 'br-lan']);
  const [last] = chooseDevices(DEVICES, ['eth9'], 'fc0', ['all']).slice(-1);
  t.match(last, { name: 'eth9', device: null, reason: /no such device/ });
});

t.test('no neighbour is told of a node that does not listen where it is', async (t) => {
  t.same(used(['auto'], ['127.0.0.1']), []);
  t.same(used(['auto'], ['10.0.3.2']), ['wlan0']);
  t.same(used(['auto'], []), []);
});

t.test('each device that is left out says why', async (t) => {
  for (const { name, reason } of chooseDevices(DEVICES, ['auto'], 'fc0', ['all']))
    t.ok(['eth0', 'wlan0', 'br-lan'].includes(name) || (reason?.length ?? 0) > 10, name);
});

t.test('of a thousand devices a few are used, and those that are named', async (t) => {
  const many = Array.from({ length: 1_000 }, (_, at) => device(`eth${at}`, at + 1));
  const choices = chooseDevices(many, ['auto', 'eth999'], null, ['all']);
  const names = choices.filter(({ reason }) => reason === null).map(({ name }) => name);
  t.equal(names.length, MAX_DEVICES + 1);
  t.ok(names.includes('eth999'));
});

t.test('a new device is told at once, after 1, 3, 7 and 15 s, then about every 32', async (t) => {
  let beat = beginBeat(1_000);
  const times: number[] = [];
  for (let i = 0; i < 7; i++) {
    times.push(beat.dueMs - 1_000);
    beat = afterBeacon(beat, 0.5, beat.dueMs);
  }
  t.same(times, [0, 1_000, 3_000, 7_000, 15_000, 47_000, 79_000]);
  const [soon, late] = [afterBeacon(beat, 0, 0), afterBeacon(beat, 1, 0)];
  t.ok(late.dueMs - soon.dueMs > 5_000, 'and not in step with others');
});

const KEY = sure(asPublicKey(new Uint8Array(32).fill(7)));
const OTHER = sure(asPublicKey(new Uint8Array(32).fill(9)));

function ofKey(publicKey: PublicKey, port = 21_000, protocol = 21): Uint8Array {
  return beacon.emit({ port, protocol, password: new Uint8Array(20), publicKey });
}

t.test('a beacon of somebody else is taken; our own, old versions and absurd ports are not', async (t) => {
  const counters = createCounters();
  const hearing = new Hearing(KEY, counters, 0);
  t.match(hearing.udp(ofKey(OTHER), 64_512), { port: 21_000 });
  t.equal(hearing.udp(ofKey(KEY), 64_512), null);
  t.equal(hearing.udp(ofKey(OTHER, 0), 64_512), null);
  t.equal(hearing.udp(ofKey(OTHER, 64_512), 64_512), null);
  t.equal(hearing.udp(ofKey(OTHER, 21_000, 19), 64_512), null);
  t.equal(hearing.ethernet(ofKey(OTHER).subarray(8))?.protocol, 21);
  t.equal(hearing.ethernet(ofKey(KEY).subarray(8)), null);
  t.same(
    [...counters.all()],
    [
      ['lan.incompatible', 1],
      ['lan.port', 2],
    ],
  );
});

t.test('any bytes are read without harm', async () => {
  const hearing = new Hearing(KEY, createCounters(), 0);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      const read = hearing.udp(bytes, 64_512);
      assert(read === null || read.port > 0);
      hearing.ethernet(bytes);
    }),
  );
});

t.test('a flood is looked at up to the limit, and told of once', async (t) => {
  const counters = createCounters();
  const hearing = new Hearing(KEY, counters, 0);
  const answers = Array.from({ length: 10_000 }, (_, at) => hearing.wants(at / 10));
  const count = (word: string) => answers.filter((answer) => answer === word).length;
  t.ok(count('yes') <= BEACON_BURST + BEACONS_PER_SECOND + 1);
  t.equal(count('overflow'), 1);
  t.equal(counters.get('lan.flood'), count('no') + count('overflow'));
});

t.test('senders are kept for people, the newest, each place once', async (t) => {
  const hearing = new Hearing(KEY, createCounters(), 0);
  for (let i = 0; i < 100; i++) hearing.note(`10.0.0.${i}:1`, OTHER, null, i);
  hearing.note('10.0.0.70:1', OTHER, 'too many unproven', 200);
  t.equal(hearing.senders().length, MAX_HEARD);
  t.match(hearing.senders()[0], { endpoint: '10.0.0.70:1', reason: 'too many unproven' });
});

t.test('the password of our beacons is that of the key, after each start', async (t) => {
  const crypto = createFakeBackend();
  const of = (fill: number) => beaconPassword(crypto, new SecretKey(new Uint8Array(32).fill(fill)));
  t.equal(of(1).length, 20);
  t.same(of(1), of(1));
  t.notSame(of(1), of(2));
});

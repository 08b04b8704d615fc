import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import {
  checkEndpoint,
  checkListen,
  checkPeerAddress,
  formatEndpoint,
  formatHostPort,
  formatPeerAddress,
  formatSender,
  hostPortOf,
  isHostName,
  isIp4,
  isIp6,
  parseEndpoint,
  parseHostPort,
  parsePeerAddress,
  sameHostPort,
  senderOf,
} from '../../src/underlay/index.ts';
import { sure } from '../cryptoauth/support.ts';

const host = fc.oneof(
  fc.ipV4(),
  fc.ipV6().filter(isIp6),
  fc.domain().filter(isHostName),
  fc.constantFrom('fe80::1%br-lan', 'fe80::1%wan0.100'),
);
const port = fc.integer({ min: 1, max: 65_535 });

t.test('what is written is read back, and nothing else is read', async (t) => {
  fc.assert(
    fc.property(host, port, (host, port) => {
      const at = { host, port };
      const read = parseHostPort(formatHostPort(at));
      assert(read !== null && sameHostPort(read, at));
      const endpoint = { transport: 'udp', ...at } as const;
      assert.deepEqual(parseEndpoint(formatEndpoint(endpoint)), endpoint);
      assert.equal([isIp4(host), isIp6(host), isHostName(host)].filter(Boolean).length, 1, host);
    }),
  );
  for (const text of [
    '',
    ':1',
    'h',
    'h:0',
    'h:65536',
    '::1:1',
    '[::1]',
    '[h]:1',
    '1.2.3:1',
    'a b:1',
    'h:1 ',
    '[::1%]:1',
  ])
    t.equal(parseHostPort(text), null, text);
  t.same(parseHostPort('0.0.0.0:0', true), { host: '0.0.0.0', port: 0 });
  for (const text of ['h:1', 'tcp://h:1', 'UDP://h:1', 'udp://', 'eth://', 'eth://a/b', `eth://${'x'.repeat(16)}`])
    t.equal(parseEndpoint(text), null, text);
  t.same(parseEndpoint('eth://br-lan'), { transport: 'eth', device: 'br-lan', mac: null });
});

t.test('no text at all breaks the checks, and what is refused has words', async (t) => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string().map((text) => `udp://${text}`),
      ),
      (text) => {
        for (const check of [checkEndpoint, checkListen]) {
          const wrong = check(text);
          assert(wrong === null || wrong.message !== '');
        }
      },
    ),
  );
  t.equal(checkListen('udp://0.0.0.0:21000'), null);
  t.match(checkEndpoint('udp://0.0.0.0:21000'), { message: /"any"/ });
});

const MAC = '02:00:00:00:00:01';

t.test('an endpoint of raw Ethernet is a device, or a MAC behind one, in one form', async (t) => {
  const at = { transport: 'eth', device: 'eth0', mac: '02:00:00:aa:bb:cc' };
  t.same(parseEndpoint('eth://02:00:00:AA:bb:CC@eth0'), at);
  t.equal(formatPeerAddress(sure(parsePeerAddress('eth://02:00:00:AA:bb:CC@eth0'))), 'eth://02:00:00:aa:bb:cc@eth0');
  t.same(senderOf(sure(parseEndpoint(`eth://${MAC}@eth0`))), { host: `${MAC}@eth0`, port: 0 });
  t.equal(senderOf(sure(parseEndpoint('eth://eth0'))), null);
  t.equal(hostPortOf(sure(parseEndpoint(`eth://${MAC}@eth0`))), null);
  for (const text of [
    `eth://${MAC}@`,
    `eth://${MAC}@a/b`,
    `eth://${MAC}`,
    `eth://@eth0`,
    `eth://02-00-00-00-00-01@eth0`,
  ])
    t.match(checkPeerAddress(text), { message: /./, suggestion: /./ }, text);
});

t.test('a peer is a MAC of one machine, a place to listen at a device alone', async (t) => {
  t.equal(checkListen('eth://eth0'), null);
  t.equal(checkEndpoint(`eth://${MAC}@eth0`), null);
  t.match(checkListen(`eth://${MAC}@eth0`), { message: /names a peer/, suggestion: /"eth:\/\/eth0"/ });
  t.match(checkEndpoint('eth://eth0'), { message: /no peer behind it/, suggestion: /eth:\/\/02:.*@eth0/ });
  t.match(checkEndpoint('eth://ff:ff:ff:ff:ff:ff@eth0'), { message: /everybody/ });
  t.match(checkEndpoint('eth://01:00:5e:00:00:01@eth0'), { message: /group/ });
  t.match(checkEndpoint('eth://00:00:00:00:00:00@eth0'), { message: /zeros/ });
  t.match(checkEndpoint('eth://02-00-00-00-00-01@eth0'), { suggestion: /"eth:\/\/02:00:00:00:00:01@eth0"/ });
  t.match(checkEndpoint(`eth://${MAC}`), {
    message: /lacks the device/,
    suggestion: /"eth:\/\/02:00:00:00:00:01@eth0"/,
  });
});

t.test('where a peer is has one form, however the engine names it, and it is read again', async (t) => {
  t.equal(formatSender({ host: '192.0.2.7', port: 5 }), '192.0.2.7:5');
  t.equal(formatSender({ host: 'fe80::7%br-lan', port: 5 }), '[fe80::7%br-lan]:5');
  const byte = fc.integer({ min: 0, max: 255 });
  const device = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,14}$/);
  fc.assert(
    fc.property(fc.tuple(byte, byte, byte, byte, byte, byte), device, (bytes, name) => {
      const mac = bytes.map((one) => one.toString(16).padStart(2, '0')).join(':');
      const sender = { host: `${mac}@${name}`, port: 0 };
      const text = formatSender(sender);
      assert.equal(text, `eth://${mac}@${name}`);
      const read = sure(parsePeerAddress(text));
      assert.deepEqual(senderOf(read), sender);
      assert.equal(formatPeerAddress(read), text);
      const isMachine = ((bytes[0] ?? 0) & 1) === 0 && bytes.some((one) => one !== 0);
      assert.equal(checkPeerAddress(text) === null, isMachine);
    }),
  );
});

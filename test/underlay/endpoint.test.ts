import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import {
  checkEndpoint,
  checkListen,
  formatEndpoint,
  formatHostPort,
  isHostName,
  isIp4,
  isIp6,
  parseEndpoint,
  parseHostPort,
  sameHostPort,
} from '../../src/underlay/index.ts';

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
  t.same(parseEndpoint('eth://br-lan'), { transport: 'eth', device: 'br-lan' });
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

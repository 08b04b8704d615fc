import fc from 'fast-check';
import t from 'tap';
import { inWords } from '../../src/base/index.ts';
import {
  addPeers,
  formatInvitation,
  importCjdroute,
  loadConfig,
  type PeerToDial,
  parseInvitation,
} from '../../src/config/index.ts';
import { Password } from '../../src/crypto/index.ts';
import { checkPeerAddress } from '../../src/underlay/index.ts';
import { KEY, KEY_TEXT } from '../admin/fake-node.ts';

const PRIVATE = '1f441c3227790658566d4d01cbac17c8e1d153c6017df52e44e315ae38ea41ff';
const IDENTITY = `identity: {privateKey: ${PRIVATE}}\n`;

/** Whether each of the four ways by which a peer comes in takes an address. */
function takenBy(at: string) {
  const entry = { [at]: { password: 'x', publicKey: KEY_TEXT } };
  const stock = JSON.stringify({ privateKey: PRIVATE, interfaces: { UDPInterface: [{ connectTo: entry }] } });
  const imported = importCjdroute(stock, () => ({ address: 'fc00::1', key: KEY_TEXT }));
  const loaded = imported.ok ? loadConfig(imported.text) : null;
  return {
    check: loadConfig(`${IDENTITY}peers: [{endpoint: "udp://${at}", key: ${KEY_TEXT}, password: x}]\n`).ok,
    line: parseInvitation(`fcmesh://${KEY_TEXT}@${at}?password=x`).ok,
    json: parseInvitation(JSON.stringify(entry)).ok,
    import: loaded?.ok === true && loaded.config.peers.length === 1,
  };
}

const ALL = { check: true, line: true, json: true, import: true };
const NONE = { check: false, line: false, json: false, import: false };

t.test('what a peer can have is taken everywhere', async (t) => {
  const good = [
    '192.0.2.7:21000',
    '[2001:db8::7]:21000',
    '[64:ff9b::192.0.2.7]:21000',
    'host.example:1',
    '7.host.example:65535',
    '127.0.0.1:1',
    '[::1]:1',
    '[fe80::1%br-lan]:21000',
    '[fe80::1%wan0.100]:21000',
    '[fe80::1%wg_home]:21000',
    '[fe80::1%3]:21000',
    '[fe80::1%übertragung]:21000',
  ];
  for (const at of good) t.same(takenBy(at), ALL, at);
});

t.test('what reads like an address and can be no peer is refused everywhere, with what to type instead', async (t) => {
  const bad: readonly [at: string, words: RegExp][] = [
    ['[::ffff:192.0.2.1]:21000', /IPv4 address in the form of IPv6; did you mean "192\.0\.2\.1:21000"\?$/],
    ['[::ffff:c000:201]:5', /did you mean "192\.0\.2\.1:5"\?$/],
    ['[::192.0.2.1]:21000', /did you mean "192\.0\.2\.1:21000"\?$/],
    ['[::ffff:224.0.0.1]:21000', /in the form of IPv6; write the one address/],
    ['224.0.0.1:21000', /multicast/],
    ['239.255.255.255:21000', /multicast/],
    ['[ff02::1]:21000', /multicast/],
    ['[ff02::1%br-lan]:21000', /multicast/],
    ['255.255.255.255:21000', /broadcast/],
    ['240.0.0.1:21000', /no machine has/],
    ['0.0.0.0:21000', /"any"/],
    ['[::]:21000', /"any"/],
    ['[::%eth0]:21000', /"any"/],
    ['0.1.2.3:21000', /no machine has/],
    ['[fc00::1]:21000', /inside the mesh/],
    ['[fcff::1%br-lan]:21000', /inside the mesh/],
    ['[100::1]:21000', /thrown away/],
    ['[fe80::1]:21000', /needs the device.*did you mean "\[fe80::1%eth0\]:21000"\?$/],
    ['[fe80::1%]:21000', /names a device that cannot be/],
    ['[fe80::1%0]:21000', /names a device/],
    ['[fe80::1%..]:21000', /names a device/],
    ['[fe80::1%abcdefghijklmnop]:21000', /names a device.*1 to 15 bytes/],
    ['localhost:21000', /this very machine; did you mean "127\.0\.0\.1:21000"\?$/],
    ['a.localhost.:21000', /this very machine/],
    ['192.0.2.7:0', /has the port 0; a port is a number from 1 to 65535$/],
    ['192.0.2.7:65536', /has the port 65536; a port/],
    ['[2001:db8::7]:0', /has the port 0/],
    ['host.example:0', /has the port 0/],
    ['192.0.2.7', /lacks the port; did you mean "192\.0\.2\.7:21000"\?$/],
    ['[2001:db8::7]', /lacks the port/],
    ['2001:db8::7', /needs brackets.*and a port; did you mean "\[2001:db8::7\]:21000"\?$/],
    ['192.0.2.256:21000', /no IPv4 address; write four numbers/],
    ['192.0.02.7:21000', /no IPv4 address/],
    ['192.0.2:21000', /no IPv4 address/],
    ['0x7f.1:21000', /no IPv4 address/],
    ['zürich.example:21000', /did you mean "xn--zrich-kva\.example:21000"\?$/],
  ];
  for (const [at, words] of bad) {
    t.same(takenBy(at), NONE, at);
    const wrong = checkPeerAddress(at);
    t.match(wrong === null ? '' : inWords(wrong), words, at);
    const loaded = loadConfig(`${IDENTITY}peers: [{endpoint: "udp://${at}", key: ${KEY_TEXT}, password: x}]\n`);
    t.match(loaded, { ok: false, problems: [{ line: 2, column: 20, path: 'peers[0].endpoint' }] }, at);
    t.match(parseInvitation(`fcmesh://${KEY_TEXT}@${at}?password=x`), { ok: false, reason: words }, at);
  }
});

t.test('what is suggested instead of an address is taken', async (t) => {
  for (const at of ['[::ffff:192.0.2.1]:7', '[fe80::9]:7', 'localhost:7', '2001:db8::7', 'zürich.example:7']) {
    const meant = /did you mean "(.*)"\?$/.exec(checkPeerAddress(at)?.suggestion ?? '')?.[1] ?? '';
    t.equal(checkPeerAddress(meant), null, `${at}: ${meant}`);
  }
});

t.test('a transport that is not built is refused wherever somebody is to be dialled', async (t) => {
  t.same(takenBy('eth://eth0'), NONE);
  t.match(checkPeerAddress('eth://eth0'), { message: /raw Ethernet.*not built/, suggestion: /HOST:PORT/ });
  t.match(parseInvitation(`fcmesh://${KEY_TEXT}@eth://eth0?password=x`), { ok: false });
  const entry = { 'eth://eth0': { publicKey: KEY_TEXT, password: 'x' } };
  t.match(parseInvitation(JSON.stringify(entry)), { ok: false, reason: /not built/ });
});

t.test('an address to listen at is decided by the same rules, but may be "any"', async (t) => {
  const listen = (at: string) => loadConfig(`${IDENTITY}listen: ["udp://${at}"]\n`).ok;
  for (const at of ['0.0.0.0:1', '[::]:1', '[fe80::1%br-lan]:1', '192.0.2.7:0']) t.equal(listen(at), true, at);
  for (const at of ['224.0.0.1:1', '[ff02::1]:1', '[::ffff:192.0.2.1]:1', '[fe80::1]:1', '255.255.255.255:1'])
    t.equal(listen(at), false, at);
});

t.test('limits that a running node has are known to the check', async (t) => {
  const peers = (count: number) =>
    many(count, (index) => `  - {endpoint: "udp://192.0.2.1:${index + 1}", key: ${KEY_TEXT}, password: x}\n`);
  t.equal(loadConfig(`${IDENTITY}peers:\n${peers(256)}`).ok, true);
  t.match(loadConfig(`${IDENTITY}peers:\n${peers(257)}`), {
    ok: false,
    problems: [{ line: 259, path: 'peers[256]', message: 'is one too many', suggestion: /at most 256 peers/ }],
  });
  const listen = (count: number) => many(count, (index) => `  - udp://0.0.0.0:${index + 1}\n`);
  t.equal(loadConfig(`${IDENTITY}listen:\n${listen(62)}`).ok, true);
  t.match(loadConfig(`${IDENTITY}listen:\n${listen(63)}`), { ok: false, problems: [{ path: 'listen[62]' }] });
  t.throws(() => addPeers(`${IDENTITY}peers:\n${peers(256)}`, [PEER]), {
    code: 'ERR_EDIT',
    message: /256 peers at most/,
  });
});

t.test('an invitation with a zone is read back, and no text makes the check throw', async (t) => {
  t.same(parseInvitation(formatInvitation(PEER)), { ok: true, peers: [PEER] });
  const parts = fc.constantFrom(
    'fe80::1',
    '%',
    'br-lan',
    '[',
    ']',
    ':',
    '1',
    '::ffff:',
    '192.0.2.1',
    '.',
    'ü',
    '0x',
    '@',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(parts, fc.string({ maxLength: 4 })), { maxLength: 8 }), (texts) => {
      checkPeerAddress(texts.join(''));
    }),
    { numRuns: 500, seed: 5 },
  );
});

const PEER: PeerToDial = {
  endpoints: [{ transport: 'udp', host: 'fe80::7%wan0.100', port: 21000 }],
  key: KEY,
  login: null,
  password: Password.fromText('x'),
  name: null,
};

function many(count: number, line: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => line(index)).join('');
}

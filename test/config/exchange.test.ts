import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import {
  formatConnectTo,
  formatInvitation,
  importCjdroute,
  loadConfig,
  type PeerToDial,
  parseInvitation,
  readReloadable,
  renderReloadable,
} from '../../src/config/index.ts';
import { Password } from '../../src/crypto/index.ts';
import { KEY, KEY_TEXT } from '../admin/fake-node.ts';
import { revealed } from '../support/revealed.ts';

const PRIVATE = '1f441c3227790658566d4d01cbac17c8e1d153c6017df52e44e315ae38ea41ff';
const PEER: PeerToDial = {
  endpoints: [{ transport: 'udp', host: '2001:db8::7', port: 21000 }],
  key: KEY,
  login: 'al ice',
  password: Password.fromText('p%&=#+ü'),
  name: null,
};

t.test('an invitation is one line, and is read back; so is the JSON of stock', async (t) => {
  const line = formatInvitation(PEER);
  t.equal(line, `fcmesh://${KEY_TEXT}@[2001:db8::7]:21000?login=al%20ice&password=p%25%26%3D%23%2B%C3%BC`);
  t.same(parseInvitation(`  ${line}\n`), { ok: true, peers: [PEER] });
  t.same(parseInvitation(formatConnectTo(PEER)), { ok: true, peers: [PEER] });
  const bare = formatConnectTo(PEER).trim().slice(1, -1);
  t.same(parseInvitation(bare), { ok: true, peers: [PEER] }, 'without braces');
});

t.test('an invitation for a stock node names no version, whatever the one that it was read from said', async (t) => {
  const fields = { login: 'l', password: 'p', publicKey: KEY_TEXT, peerName: 'bob', version: 22 };
  const read = parseInvitation(JSON.stringify({ '192.0.2.7:21000': fields }));
  const peer = read.ok ? read.peers[0] : undefined;
  assert.ok(peer !== undefined);
  const { version: _, ...others } = fields;
  t.same(JSON.parse(formatConnectTo(peer)), { '192.0.2.7:21000': others });
  t.notMatch(formatInvitation(peer), /version/);
});

t.test('what is no invitation is told why, and nothing throws', async (t) => {
  const cases: readonly [string, RegExp][] = [
    ['', /names nobody|neither/],
    ['hello', /neither a line/],
    ['fcmesh://', /must look like/],
    [`fcmesh://${KEY_TEXT}@host`, /"host" lacks the port; did you mean "host:21000"/],
    [`fcmesh://${KEY_TEXT}@192.0.2.1:1`, /password is missing/],
    [`fcmesh://nokey@192.0.2.1:1?password=x`, /the key/],
    [`fcmesh://${KEY_TEXT}@[fc00::1]:1?password=x`, /inside the mesh/],
    [`fcmesh://${KEY_TEXT}@192.0.2.1:1?password=${'x'.repeat(65)}`, /65 bytes/],
    [`fcmesh://${KEY_TEXT}@192.0.2.1:1?password=x&name=%1b[2J`, /control character/],
    ['{"a": 1}', /has no fields/],
  ];
  for (const [text, reason] of cases) t.match(parseInvitation(text), { ok: false, reason }, text);
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), (text) => {
      assert.equal(typeof parseInvitation(text).ok, 'boolean');
      assert.equal(typeof parseInvitation(`fcmesh://${text}`).ok, 'boolean');
    }),
    { numRuns: 300, seed: 3 },
  );
});

t.test('the reloadable part travels without the private key and says the same', async (t) => {
  const loaded = loadConfig(`
identity: {privateKey: ${PRIVATE}}
tun: {mtu: 1400}
listen: ["udp://[::]:21000"]
peers: [{endpoint: udp://a.example:1, key: ${KEY_TEXT}, password: 0123, name: "null"}]
accept: [{login: 1e5, password: "yes"}]
admin: {password: 007, readonlyPassword: ~x}
firewall: {inbound: deny, allow: [icmp, tcp/22, udp/60000-61000]}
metrics: {listen: 127.0.0.1:9090}
crypto: libsodium
log: {level: debug}
`);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const text = renderReloadable(loaded.config);
  t.notMatch(text, PRIVATE);
  const read = readReloadable(Buffer.from(text));
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  const { identity: _, warnings: __, ...rest } = loaded.config;
  t.match(revealed(read.config), revealed(rest));
});

t.test('a configuration of cjdroute becomes one of ours, and what is left out is told', async (t) => {
  const source = `{
  // comment, and commas as they come
  "privateKey": "${PRIVATE}",
  "authorizedPasswords": [ {"password": "secret1", "user": "bob"}, /* none */ {"password": ""}, ],
  "admin": {"bind": "127.0.0.1:11235", "password": "NONE"},
  "interfaces": { "UDPInterface": [ { "bind": "0.0.0.0:4242"
    "connectTo": { "192.0.2.9:5": {"login": "me", "password": "pw", "publicKey": "${KEY_TEXT}", "peerName": "x # y"},
                   "bad": {} } } ],
    "ETHInterface": [ {"bind": "all", "connectTo": {"02:00:00:00:00:02": {}}},
      {"bind": "eth0", "beacon": 2, "connectTo": {"02:00:00:00:00:01": {"login": "me", "password": "pw", "publicKey": "${KEY_TEXT}"}}} ] },
  "router": { "interface": {"type": "TUNInterface", "tunDevice": "tun7"}, "supernodes": ["${KEY_TEXT}", "x"], "ipTunnel": {"outgoingConnections": [1]} },
  "security": [ {"setuser": "cjdns", "keepNetAdmin": 1} ]
}`;
  const imported = importCjdroute(source, () => ({ address: 'fc00::1', key: KEY_TEXT }));
  if (!imported.ok) throw new Error(imported.reason);
  const loaded = loadConfig(imported.text);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  t.match(revealed(loaded.config), {
    tun: { enabled: true, name: 'tun7' },
    listen: [
      { host: '0.0.0.0', port: 4242 },
      { transport: 'eth', device: 'eth0', mac: null },
    ],
    lan: { beacon: 'on', devices: ['auto'], port: 64512 },
    admin: { listen: { port: 11235 }, password: null },
    accept: [{ login: 'bob', password: 'secret1' }],
    peers: [
      { endpoints: [{ host: '192.0.2.9', port: 5 }], login: 'me', password: 'pw', name: 'x # y' },
      {
        endpoints: [{ transport: 'eth', device: 'eth0', mac: '02:00:00:00:00:01' }],
        login: 'me',
        password: 'pw',
        name: null,
      },
    ],
    supernodes: [KEY],
    user: 'cjdns',
  });
  const remarks = [
    /ETHInterface\[0\]\.bind "all": left out with its 1 peers, it names no device/,
    /security\.keepNetAdmin/,
    /authorizedPasswords\[1\]: left out, the password is empty/,
    /connectTo "bad"/,
    /ipTunnel/,
    /supernodes "x"/,
    /taken over/,
    /firewall/,
  ];
  t.match(imported.remarks, remarks);
  t.match(imported.text, '# fcmesh: configuration of one node');
});

t.test('what is no configuration of cjdroute is refused with the reason', async (t) => {
  const describe = () => ({ address: 'fc00::1', key: KEY_TEXT });
  for (const text of ['', '[', '[]', '"x"', '{', '{"a"}', '{"a": nope}', `${'['.repeat(5000)}`, '{} x'])
    t.match(importCjdroute(text, describe), { ok: false }, text.slice(0, 20));
  t.match(importCjdroute('{}', describe), { ok: false, reason: /privateKey/ });
  t.match(
    importCjdroute(`{"privateKey": "${PRIVATE}"}`, () => null),
    { ok: false, reason: /no address/ },
  );
  t.match(importCjdroute(`{"__proto__": {"privateKey": "${PRIVATE}"}}`, describe), { ok: false });
  fc.assert(
    fc.property(fc.string({ maxLength: 100 }), (text) => {
      assert.equal(importCjdroute(`{"privateKey": ${text}`, describe).ok, false);
    }),
    { numRuns: 200, seed: 4 },
  );
});

t.test('whom a stock node told of itself is told by ours, too, and nobody else', async (t) => {
  const lanOf = (...sockets: readonly unknown[]) => {
    const source = JSON.stringify({ privateKey: PRIVATE, interfaces: { UDPInterface: sockets } });
    const imported = importCjdroute(source, () => ({ address: 'fc00::1', key: KEY_TEXT }));
    const loaded = imported.ok ? loadConfig(imported.text) : imported;
    if (!loaded.ok || !imported.ok) throw new Error(JSON.stringify(loaded));
    return { ...loaded.config.lan, remarks: imported.remarks.filter((one) => one.includes('beacon')) };
  };
  const bind = '0.0.0.0:4242';
  const usual = { devices: ['auto'], port: 64512, remarks: [] };
  t.same(lanOf({ bind }), { ...usual, beacon: 'off' });
  t.same(lanOf({ bind, beacon: 0, beaconPort: 1 }), { ...usual, beacon: 'off' });
  t.same(lanOf({ bind, beacon: 1, beaconDevices: ['eth0', 'eth0'], beaconPort: 64511 }), {
    beacon: 'listen',
    devices: ['eth0'],
    port: 64511,
    remarks: [],
  });
  t.match(lanOf({ bind, beacon: 1 }, { bind: '[::]:1', beacon: 2, beaconDevices: ['all', '10.0.0.255:64512'] }), {
    beacon: 'on',
    devices: ['all'],
    remarks: [/beaconDevices "10\.0\.0\.255:64512": left out/],
  });
});

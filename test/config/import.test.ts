import t from 'tap';
import { importCjdroute, loadConfig, parseInvitation } from '../../src/config/index.ts';
import { KEY_TEXT } from '../admin/fake-node.ts';
import { revealed } from '../support/revealed.ts';

const PRIVATE = '1f441c3227790658566d4d01cbac17c8e1d153c6017df52e44e315ae38ea41ff';
const ADDRESS = 'fc00::1';
const describe = () => ({ address: ADDRESS, key: KEY_TEXT });

/** What becomes of a file; it must become one that `check` takes. */
function imported(fields: string) {
  const result = importCjdroute(`{ "privateKey": "${PRIVATE}",\n${fields} }`, describe);
  if (!result.ok) throw new Error(result.reason);
  const loaded = loadConfig(result.text);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return { config: loaded.config, people: revealed(loaded.config), remarks: result.remarks.join('\n') };
}

function refusal(text: string): string {
  const result = importCjdroute(text, describe);
  return result.ok ? '' : result.reason;
}

const connectTo = (at: string, fields: string) =>
  `"interfaces": {"UDPInterface": [{"bind": "0.0.0.0:1", "connectTo": {"${at}": {"publicKey": "${KEY_TEXT}", ${fields}}}}]}`;

t.test('user is a name where stock dials, and the login where stock lets in', async (t) => {
  const dialled = (fields: string) => imported(connectTo('192.0.2.1:5', fields)).people.peers[0];
  t.match(dialled('"password": "p", "user": "Some Operator"'), { login: null, name: 'Some Operator', password: 'p' });
  t.match(dialled('"password": "p", "login": "l", "user": "u"'), { login: 'l', name: 'u' });
  t.match(dialled('"password": "p", "login": "l", "peerName": "n"'), { login: 'l', name: 'n' });
  const both = imported(connectTo('192.0.2.1:5', '"password": "p", "peerName": "n", "user": "u"'));
  t.match(both.people.peers[0], { login: null, name: 'n' });
  t.match(both.remarks, /connectTo "192\.0\.2\.1:5": "user" has no counterpart/);
  const entry = { '192.0.2.1:5': { password: 'p', user: 'u', publicKey: KEY_TEXT } };
  t.match(parseInvitation(JSON.stringify(entry)), { ok: true, peers: [{ login: null, name: 'u' }] }, 'join');
  t.match(imported('"authorizedPasswords": [{"password": "p", "user": "bob"}]').people.accept, [{ login: 'bob' }]);
});

t.test('a password without user gets a login that nobody has, and both are said', async (t) => {
  const { people, remarks } = imported(
    '"authorizedPasswords": [{"password": "p"}, {"password": "q", "user": "user1"}, {"password": "r", "login": "l"}]',
  );
  t.match(people.accept, [{ login: 'user1-', password: 'p' }, { login: 'user1', password: 'q' }, { login: 'l' }]);
  t.match(remarks, /authorizedPasswords\[0\] \(user1-\): has no user/);
  t.match(remarks, /authorizedPasswords\[2\] \(l\): "login" is taken as the login; stock does not read it/);
});

t.test('a password for one address lets nobody in by the import; a key beside it is named', async (t) => {
  const { people, remarks } = imported(`"authorizedPasswords": [
    {"password": "p", "user": "carol", "ipv6": "fc58::1"}, {"password": "q", "user": "dave", "publicKey": "${KEY_TEXT}"}]`);
  t.match(people.accept, [{ login: 'dave' }]);
  t.equal(people.accept.length, 1);
  t.match(
    remarks,
    /authorizedPasswords\[0\] \(carol\): left out, it is for "fc58::1" only.*add it under "accept" yourself/,
  );
  t.match(remarks, /authorizedPasswords\[1\] \(dave\): taken over without its publicKey/);
});

t.test('bytes that stock wrote as \\xNN are read, and so are the escapes of JSON', async (t) => {
  const nameOf = (text: string) =>
    imported(connectTo('192.0.2.1:5', `"password": "p", "peerName": "${text}"`)).people.peers[0]?.name;
  t.equal(nameOf('Z\\xc3\\xbcrich'), 'Zürich');
  t.equal(nameOf('\\xF0\\x9F\\x90\\xA2'), '🐢');
  t.equal(nameOf('a\\x22\\x5cb'), 'a"\\b');
  t.equal(nameOf('Z\\u00fcrich \\"\\/\\\\'), 'Zürich "/\\');
  const secret = imported(connectTo('192.0.2.1:5', '"password": "\\x24& \\xc3\\xbc $1"')).people.peers[0]?.password;
  t.equal(secret, '$& ü $1');
  const { admin } = imported('"admin": {"bind": "127.0.0.1:1", "password": "a$&b$1"}').config;
  t.equal(admin.password?.revealText(), 'a$&b$1', 'and are no patterns');
});

t.test('a mistake has its line and column', async (t) => {
  const cases: readonly [text: string, reason: RegExp][] = [
    ['{\n  "a": "l\n  "b": "x" }', /^line 2, column 8: this text has no " at its end$/],
    ['{ "a": "x\\xff" }', /^line 1, column 10: these bytes are no text in UTF-8$/],
    ['{ "a": "\\q" }', /^line 1, column 9: this escape is not known/],
    ['{ "a": "\\ud800" }', /^line 1, column 8: this text holds half a letter/],
    ['{\n "a": 1,\n "a": 2 }', /^line 3, column 2: the key "a" stands here a second time; keep one$/],
    ['{ "a" 1 }', /^line 1, column 7: here must be a colon/],
    ['{ a: 1 }', /^line 1, column 3: here must be a key in quotes/],
    ['{ "a": nope }', /^line 1, column 8: here must be a value/],
    ['{ "a": 0123 }', /^line 1, column 8: here must be a value/],
    ['{ "a": 1', /^line 1, column 1: this \{ has no \}$/],
    ['{ "a": [1, }', /^line 1, column 12: here must be a value/],
    ['{ "a": [1', /^line 1, column 8: this \[ has no \]$/],
    ['{ "a": 1 } x', /^line 1, column 12: something follows the end$/],
    ['{\n/* "a": 1 }', /^line 2, column 1: this comment has no \*\/$/],
    ['', /^line 1, column 1: the text ends where a value is expected$/],
    ['[]', /^line 1, column 1: it must begin with \{$/],
    ['['.repeat(5000), /^line 1, column 34: this is nested more than 32 deep$/],
  ];
  for (const [text, reason] of cases) t.match(refusal(text), reason, text.slice(0, 30));
  const bare = '"192.0.2.1:5": {"password": "x\n}';
  const reason = /connectTo entry: line 1, column 29: this text has no "/;
  t.match(parseInvitation(bare), { ok: false, reason }, 'in an invitation, without the brace that we add');
  t.match(parseInvitation(`{${bare}}`), { ok: false, reason: /line 1, column 30/ });
});

t.test('everything without a counterpart is named', async (t) => {
  const { remarks, config } = imported(`
    "publicKey": "other.k", "ipv6": "fc00::2", "noBackground": 1, "logging": {"logTo": "stdout"}, "pipe": "/tmp",
    "authorizedPasswords": [{"password": "p", "user": "u", "contact": "x"}, "text", {"password": 7}],
    "admin": {"bind": "127.0.0.1:1", "password": "NONE", "colour": 1},
    "interfaces": {
      "UDPInterface": [{"bind": "0.0.0.0:1", "beacon": 2, "beaconPort": 64512, "dscp": 46, "connectTo": {
        "192.0.2.1:5": {"password": "p", "publicKey": "${KEY_TEXT}", "contact": "a", "gpg": "b", "version": 22},
        "192.0.2.2:5": {"password": "p", "publicKey": "${KEY_TEXT}", "contact": "a"},
        "[::ffff:192.0.2.3]:5": {"password": "p", "publicKey": "${KEY_TEXT}"}, "192.0.2.4:5": 3}},
        {"bind": "224.0.0.1:1", "beacon": 0, "beaconDevices": ["all"], "connectTo": ["x"]}],
      "ETHInterface": "all", "TCPInterface": {} },
    "router": {"interface": {"type": "SocketInterface", "tunDevice": "a/b", "socketFullPath": "/run/x"},
      "dnsSeeds": ["x"], "publicPeer": {}, "supernodes": "x", "ipTunnel": 1},
    "security": [{"setuser": 0, "keepNetAdmin": 1}, {"chroot": "/var/run"}, {"nofiles": 0}]`);
  const lines = [
    /^noBackground: has no counterpart, left out$/m,
    /^logging: has no/m,
    /^pipe: has no/m,
    /^ipv6: the address of this privateKey is fc00::1, not "fc00::2"$/m,
    /^publicKey: the key of this privateKey is .*, not "other\.k"$/m,
    /^authorizedPasswords\[0\] \(u\)\.contact: has no/m,
    /^authorizedPasswords\[1\]: left out, the password is missing/m,
    /^authorizedPasswords\[2\]: left out, the password is missing/m,
    /^admin\.colour: has no/m,
    /^UDPInterface\[0\]\.dscp: has no/m,
    /^UDPInterface\.bind "224\.0\.0\.1:1": left out, it is a multicast address/m,
    /^UDPInterface\.connectTo: left out, it must be an object/m,
    /^connectTo "192\.0\.2\.1:5" and 1 more: "contact" has no/m,
    /^connectTo "192\.0\.2\.1:5": "gpg" has no/m,
    /^connectTo "\[::ffff:192\.0\.2\.3\]:5": left out, .*did you mean "192\.0\.2\.3:5"\?$/m,
    /^connectTo "192\.0\.2\.4:5": left out, the key is missing$/m,
    /^interfaces\.ETHInterface: left out, it must be a list/m,
    /^interfaces\.TCPInterface: has no/m,
    /^router\.interface\.type is "SocketInterface": tun\.enabled is false/m,
    /^router\.interface\.tunDevice "a\/b": left out/m,
    /^router\.interface\.socketFullPath: has no/m,
    /^router\.dnsSeeds: has no/m,
    /^router\.publicPeer: has no/m,
    /^router\.supernodes: left out, it must be a list/m,
    /^router\.ipTunnel: left out, it must be an object/m,
    /^security\.setuser 0: left out, user is nobody$/m,
    /^security\.keepNetAdmin: has no/m,
    /^security\.chroot: has no/m,
    /^security\.nofiles: has no/m,
  ];
  for (const line of lines) t.match(remarks, line);
  t.notMatch(remarks, /"version"|UDPInterface\[1\]\.beacon|64512/);
  t.equal(config.tun.enabled, false);
  t.equal(config.peers.length, 2);
});

t.test('what a terminal would obey is not repeated', async (t) => {
  const { remarks } = imported('"a\\x1b[2Jb": 1, "admin": {"bind": "\\x1b[2J"}');
  t.equal(remarks.includes('\x1b'), false);
  t.match(remarks, /^a\?\[2Jb: has no/m);
});

t.test('of more peers than a node has, the first are taken over and the rest is said', async (t) => {
  const peers = Array.from({ length: 300 }, (_, index) => [
    `192.0.2.1:${index + 1}`,
    { password: 'p', publicKey: KEY_TEXT },
  ]);
  const udp = JSON.stringify([{ bind: '0.0.0.0:1', connectTo: Object.fromEntries(peers) }]);
  const { config, remarks } = imported(`"interfaces": {"UDPInterface": ${udp}}`);
  t.equal(config.peers.length, 256);
  t.match(remarks, /connectTo: only the first 256 of 300 are taken over/);
});

t.test('without an address to bind it is said where the node listens', async (t) => {
  t.match(
    imported('"interfaces": {"UDPInterface": [{}]}').remarks,
    /UDPInterface: names no address.*udp:\/\/0\.0\.0\.0:21000/,
  );
});

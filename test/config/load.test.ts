import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { formatProblem, loadConfig, renderTemplate } from '../../src/config/index.ts';
import { formatPublicKey, parsePublicKey } from '../../src/crypto/index.ts';
import { numbered } from '../admin/fake-node.ts';
import { revealed } from '../support/revealed.ts';

const KEY = '3zzcrruf425ln69yh18y0zcpquthtq5mxsdsw3qy4t94yzfj39r0.k';
const PRIVATE = '1f441c3227790658566d4d01cbac17c8e1d153c6017df52e44e315ae38ea41ff';
const IDENTITY = `identity:\n  privateKey: ${PRIVATE}\n`;

/** The problems of a file, without its name. */
function problems(text: string): string[] {
  const loaded = loadConfig(text);
  return loaded.ok ? [] : loaded.problems.map((problem) => formatProblem(problem, 'f').slice(2));
}

function config(text: string) {
  const loaded = loadConfig(text);
  assert(loaded.ok, loaded.ok ? '' : JSON.stringify(loaded.problems));
  return loaded.config;
}

t.test('an identity is enough: the rest has the defaults of the documentation', async (t) => {
  const { identity, warnings, ...rest } = config(IDENTITY);
  t.equal(String(identity.privateKey), '<secret>');
  t.equal(identity.privateKeyFile, null);
  t.match(warnings, [/admin.password is NONE/]);
  t.strictSame(rest, {
    crypto: 'auto',
    tun: { enabled: true, name: 'fc0', mtu: 1304 },
    listen: [{ transport: 'udp', host: '0.0.0.0', port: 21000 }],
    lan: { beacon: 'on', devices: ['auto'], port: 64512 },
    peers: [],
    accept: [],
    supernodes: [],
    admin: {
      listen: { host: '127.0.0.1', port: 11234 },
      password: null,
      passwordFile: null,
      readonlyPassword: null,
    },
    firewall: { inbound: 'deny', allow: [{ protocol: 'icmp', ports: null }] },
    metrics: { listen: null },
    user: 'nobody',
    log: { level: 'info' },
  });
});

t.test('passwords, logins and names are the text of the file', async (t) => {
  const { accept, peers } = config(`${IDENTITY}accept:
  - { login: 007, password: 0123, name: yes }
  - { login: "1e3", password: '0x1F', name: ~ }
  - { login: null, password: 1_000.50 }
peers:
  - endpoint: udp://host.example:21000
    key: ${KEY.toUpperCase().replace('.K', '.k')}
    password: 0o17
    login: +1
`);
  t.strictSame(revealed(accept), [
    { login: '007', password: '0123', name: 'yes' },
    { login: '1e3', password: '0x1F', name: '~' },
    { login: 'null', password: '1_000.50', name: null },
  ]);
  t.strictSame(revealed(peers), [
    {
      endpoints: [{ transport: 'udp', host: 'host.example', port: 21000 }],
      key: parsePublicKey(KEY),
      login: '+1',
      password: '0o17',
      name: null,
    },
  ]);
});

t.test('metrics that others can read are warned of', async (t) => {
  const warningsFor = (listen: string) =>
    config(`${IDENTITY}admin: {password: x}\nmetrics: {listen: "${listen}"}\n`).warnings;
  for (const listen of ['off', '127.0.0.1:9090', '[::1]:9090']) t.same(warningsFor(listen), [], listen);
  for (const listen of ['0.0.0.0:9090', '192.0.2.7:9090', '[::]:9090'])
    t.match(warningsFor(listen), [/^metrics.listen is .*without a password$/], listen);
});

t.test('what init writes is what holds without it, but for the password that it makes', async (t) => {
  const written = config(renderTemplate({ privateKeyHex: PRIVATE, address: 'fc00::1', key: KEY }));
  const bare = config(IDENTITY);
  t.strictSame(
    { ...written, identity: null },
    {
      ...bare,
      identity: null,
      admin: { ...bare.admin, passwordFile: 'admin.password' },
      warnings: [],
    },
  );
});

const peer = (line: string) =>
  `${IDENTITY}peers:\n  - endpoint: udp://192.0.2.7:21000\n    key: ${KEY}\n    password: x\n${line}`;
const user = (line: string) => `${IDENTITY}accept:\n  - login: a\n${line}`;

const mistakes: readonly [name: string, text: string, expected: readonly (string | RegExp)[]][] = [
  ['an empty file', '', ['1:1: the file is empty; run "fcmesh init"']],
  ['only comments', '# nothing\n', ['1:1: the file is empty; run "fcmesh init"']],
  ['a list at the top', '- a\n', [/^1:1: must be a map with the keys identity, tun/]],
  ['no identity', 'tun: {}\n', ['1:1: the key "identity" is missing']],
  [
    'an identity without key',
    'identity: {}\n',
    [/^1:11: identity: has neither privateKey nor privateKeyFile; run "fcmesh keygen"/],
  ],
  [
    'two private keys',
    `${IDENTITY}  privateKeyFile: /k\n`,
    [/^3:19: identity.privateKeyFile: stands beside privateKey; keep one/],
  ],
  [
    'a short private key',
    'identity:\n  privateKey: abc123\n',
    ['2:15: identity.privateKey: must be 64 hex digits, found 6 hex digits; run "fcmesh keygen" for a new key'],
  ],
  ['a tab', `${IDENTITY}tun:\n\tmtu: 1304\n`, ['4:1: a tab is used for indentation; use spaces']],
  ['a duplicate key', `${IDENTITY}user: a\nuser: b\n`, ['4:1: duplicate key "user"; remove one of the two']],
  [
    'a duplicate inner key',
    `${IDENTITY}tun:\n  mtu: 1304\n  mtu: 1400\n`,
    ['5:3: duplicate key "mtu"; remove one of the two'],
  ],
  ['an unknown key', `${IDENTITY}peer: []\n`, ['3:1: unknown key "peer"; did you mean "peers"?']],
  ['an unknown inner key', `${IDENTITY}tun:\n  nmae: fc1\n`, ['4:3: tun: unknown key "nmae"; did you mean "name"?']],
  ['a key nothing like ours', `${IDENTITY}log: {zzz: 1}\n`, ['3:7: log: unknown key "zzz"; known here: level']],
  [
    'the wrong case',
    'identity:\n  PrivateKey: x\n',
    [
      /^2:3: identity: has neither|^1:1|^2:3/,
      /unknown key "PrivateKey"; did you mean "privateKey"\?|has neither/,
    ].slice(1),
  ],
  [
    'a missing space',
    `${IDENTITY}tun:\n  mtu:1304\n`,
    [/^4:3: tun: must be a map with the keys enabled, name, mtu; put a space after the colon$/],
  ],
  ['an empty value', `${IDENTITY}user:\n`, ['3:1: user: has no value; remove the key or give it a value']],
  [
    'a supernode listed twice',
    `${IDENTITY}supernodes:\n  - ${KEY}\n  - ${KEY}\n`,
    ['5:5: supernodes[1]: is listed twice (line 4); remove one of the two'],
  ],
  [
    'seventeen supernodes',
    `${IDENTITY}supernodes:\n${Array.from({ length: 17 }, (_, index) => `  - ${'b'.repeat(49)}${'bcd'[index % 3]}${'0123456789'[Math.floor(index / 3)]}0.k\n`).join('')}`,
    ['20:5: supernodes[16]: is one too many; at most 16 supernodes; one is used at a time'],
  ],
  ['an empty list', `${IDENTITY}peers:\n`, ['3:1: peers: has no value; write [] for none']],
  ['an empty entry', `${IDENTITY}listen:\n  -\n`, [/^4:\d: listen\[0\]: has no value; remove the entry$/]],
  ['no list', `${IDENTITY}listen: udp://0.0.0.0:1\n`, ['3:9: listen: must be a list; begin each entry with "- "']],
  ['a map for text', `${IDENTITY}user: {a: b}\n`, ['3:7: user: must be a single value; quote it if it is text']],
  [
    'a unit behind a number',
    `${IDENTITY}tun: {mtu: 1400B}\n`,
    [/^3:12: tun.mtu: must be a whole number from 1280 to 1800, found "1400B"; did you mean 1400\?$/],
  ],
  [
    'a number out of range',
    `${IDENTITY}tun: {mtu: 68}\n`,
    ['3:12: tun.mtu: must be a whole number from 1280 to 1800, found "68"'],
  ],
  [
    'yes for true',
    `${IDENTITY}tun: {enabled: yes}\n`,
    ['3:16: tun.enabled: must be true or false, found "yes"; did you mean "true"?'],
  ],
  [
    'true for on',
    `${IDENTITY}lan: {beacon: true}\n`,
    ['3:15: lan.beacon: must be on, listen or off, found "true"; did you mean "on"?'],
  ],
  ['a misspelt word', `${IDENTITY}log: {level: warning}\n`, [/found "warning"; did you mean "warn"\?$/]],
  [
    'listen without transport',
    `${IDENTITY}listen: ["0.0.0.0:21000"]\n`,
    ['3:10: listen[0]: "0.0.0.0:21000" needs the transport in front; did you mean "udp://0.0.0.0:21000"?'],
  ],
  [
    'listen without port',
    `${IDENTITY}listen: ["udp://0.0.0.0"]\n`,
    [/lacks the port; did you mean "udp:\/\/0.0.0.0:21000"\?$/],
  ],
  ['listen on a name', `${IDENTITY}listen: ["udp://host:21000"]\n`, [/must be an address of this machine, not a name/]],
  [
    'an unknown transport',
    `${IDENTITY}listen: ["tcp://0.0.0.0:21000"]\n`,
    [/does not know the transport "tcp"; for example udp:/],
  ],
  [
    'a port too large',
    `${IDENTITY}listen: ["udp://0.0.0.0:70000"]\n`,
    [/^3:10: listen\[0\]: "udp:\/\/0.0.0.0:70000" has the port 70000; a port is a number from 1 to 65535$/],
  ],
  [
    'Ethernet',
    `${IDENTITY}listen: ["eth://eth0"]\n`,
    [/^3:10: listen\[0\]: raw Ethernet \(eth:\/\/\) is not built yet/],
  ],
  [
    'an endpoint twice',
    `${IDENTITY}listen: ["udp://0.0.0.0:1", "udp://0.0.0.0:1"]\n`,
    ['3:29: listen[1]: is listed twice (line 3); remove one of the two'],
  ],
  [
    'an endpoint inside the mesh',
    `${IDENTITY}peers:\n  - {endpoint: "udp://[fc12::1]:2", key: ${KEY}, password: x}\n`,
    [/^4:16: peers\[0\].endpoint: .* lies inside the mesh \(fc00::\/8\); use the peer's address/],
  ],
  [
    'an IPv6 endpoint without brackets',
    `${IDENTITY}peers:\n  - {endpoint: "udp://2001:db8::1:21000", key: ${KEY}, password: x}\n`,
    [/brackets around an IPv6 address/],
  ],
  [
    'a peer without password',
    `${IDENTITY}peers:\n  - endpoint: udp://192.0.2.7:21000\n    key: ${KEY}\n`,
    ['4:5: peers[0]: the key "password" is missing'],
  ],
  [
    'a key without .k',
    `${IDENTITY}peers:\n  - {endpoint: "udp://h:1", key: ${KEY.slice(0, 52)}, password: x}\n`,
    [/must end in .k; did you mean "3zzc.*\.k"\?$/],
  ],
  [
    'a key with a wrong symbol',
    `${IDENTITY}peers:\n  - {endpoint: "udp://h:1", key: ${KEY.replace('z', 'a')}, password: x}\n`,
    [/"a" is no symbol of a key/],
  ],
  [
    'a truncated key',
    `${IDENTITY}peers:\n  - {endpoint: "udp://h:1", key: 3zzc.k, password: x}\n`,
    [/must be 52 symbols and .k, found 6 characters; copy the whole key/],
  ],
  [
    'the zero key',
    `${IDENTITY}peers:\n  - {endpoint: "udp://h:1", key: ${'0'.repeat(52)}.k, password: x}\n`,
    [/is the zero key, which is no node's; copy the whole key/],
  ],
  [
    'an address for a key',
    `${IDENTITY}peers:\n  - {endpoint: "udp://h:1", key: "fc00::1", password: x}\n`,
    [/this is an address; ask for the key/],
  ],
  [
    'a peer twice',
    peer(`  - {endpoint: "udp://192.0.2.7:21000", key: ${KEY}, password: y}\n`),
    [/^7:16: peers\[1\].endpoint: another entry has this endpoint \(line 4\); one node answers/],
  ],
  [
    'two peers at one endpoint',
    peer(`  - {endpoint: "udp://192.0.2.7:21000", key: ${formatPublicKey(numbered(7).key)}, password: y}\n`),
    [/^7:16: peers\[1\].endpoint: another entry has this endpoint \(line 4\)/],
  ],
  [
    'a misspelt key of a peer',
    peer('    nickname: bob\n'),
    [/^7:5: peers\[0\]: unknown key "nickname"; did you mean "name"\?|known here/],
  ],
  [
    'an empty password',
    user('    password: ""\n'),
    ['5:15: accept[0].password: is empty; a password has 1 to 64 bytes'],
  ],
  [
    'a password of 65 bytes',
    user(`    password: ${'p'.repeat(65)}\n`),
    ['5:15: accept[0].password: is 65 bytes long; at most 64 are allowed'],
  ],
  ['a password of 33 letters with two bytes each', user(`    password: ${'ä'.repeat(33)}\n`), [/is 66 bytes long/]],
  ['a password over two lines', user('    password: "a\\nb"\n'), [/holds a control character/]],
  [
    'a login twice',
    `${IDENTITY}accept:\n  - {login: a, password: x}\n  - {login: a, password: y}\n`,
    ['5:13: accept[1].login: another entry has this login (line 4); give each user a login of its own'],
  ],
  [
    'an admin socket open to everybody',
    `${IDENTITY}admin: {listen: "0.0.0.0:11234"}\n`,
    [
      /^3:17: admin.listen: 0.0.0.0:11234 can be reached from other machines, and admin.password is NONE; listen on 127.0.0.1/,
    ],
  ],
  [
    'an admin name',
    `${IDENTITY}admin: {listen: "example.org:1"}\n`,
    [/must be ADDRESS:PORT; did you mean "127.0.0.1:11234"\?$/],
  ],
  [
    'a swapped rule',
    `${IDENTITY}firewall: {allow: [22/tcp]}\n`,
    ['3:20: firewall.allow[0]: "22/tcp" is no rule; did you mean "tcp/22"?'],
  ],
  ['a bare port', `${IDENTITY}firewall: {allow: [22]}\n`, [/did you mean "tcp\/22"\?$/]],
  ['ports of other firewalls', `${IDENTITY}firewall: {allow: ["60000:61000/udp"]}\n`, [/mean "udp\/60000-61000"\?$/]],
  ['ports the wrong way', `${IDENTITY}firewall: {allow: [udp/61000-60000]}\n`, [/mean "udp\/60000-61000"\?$/]],
  ['ports in a list', `${IDENTITY}firewall: {allow: ["tcp/80,443"]}\n`, [/write each by itself: tcp\/80, tcp\/443$/]],
  ['a port too high', `${IDENTITY}firewall: {allow: [udp/1-65536]}\n`, [/write icmp, tcp\/PORT or udp\/FIRST-LAST$/]],
  ['port 0', `${IDENTITY}firewall: {allow: [tcp/0]}\n`, [/write icmp, tcp\/PORT or udp\/FIRST-LAST$/]],
  ['a protocol that is no rule', `${IDENTITY}firewall: {allow: [sctp/9]}\n`, [/write icmp, tcp\/PORT/]],
  ['all of a protocol', `${IDENTITY}firewall: {allow: [tcp]}\n`, [/write icmp, tcp\/PORT/]],
  ['a long device name', `${IDENTITY}tun: {name: abcdefghijklmnop}\n`, [/is no name for a network device/]],
  ['an unclosed bracket', `${IDENTITY}listen: [a\nuser: b\n`, [/^4:1: not valid YAML: Flow sequence/]],
  ['a second document', `${IDENTITY}---\nuser: x\n`, [/^3:1: a second document begins here/]],
  [
    'a password that begins with @',
    user('    password: @x\n'),
    [/^5:15: a value cannot begin with this character; put the value in quotes/],
  ],
  ['an alias', `${IDENTITY}user: &a b\nlog: {level: *a}\n`, [/^4:14: log.level: is an alias; write the value itself$/]],
  ['a merge key', `${IDENTITY}log: {<<: {level: info}}\n`, [/unknown key "<<"/]],
  ['a key named __proto__', `${IDENTITY}__proto__: {level: info}\n`, [/unknown key "__proto__"/]],
  ['a key named toString', `${IDENTITY}toString: x\n`, [/unknown key "toString"/]],
];

for (const [name, text, expected] of mistakes) {
  t.test(`refused with place and suggestion: ${name}`, async (t) => {
    const found = problems(text);
    for (const line of expected) {
      t.ok(
        found.some((problem) => (typeof line === 'string' ? problem === line : line.test(problem))),
        `${line}`,
        { found },
      );
    }
  });
}

t.test('all mistakes of a file are told at once, in its order', async (t) => {
  t.match(problems(`identity: {privateKey: x}\ntun: {mtu: 1}\nlog: {level: loud}\n`), [/^1:24/, /^2:12/, /^3:14/]);
});

t.test('a secret is never repeated in a message', async (t) => {
  const secret = `${'s3cret'.repeat(11)}`;
  for (const text of [
    user(`    password: ${secret}\n`),
    `identity: {privateKey: ${secret}}\n`,
    `${IDENTITY}admin: {password: ${secret}}\n`,
  ]) {
    t.notMatch(problems(text).join('\n'), /s3cret/);
  }
});

t.test('bombs are refused quickly, whatever they are made of', async (t) => {
  const flow = '['.repeat(200_000);
  const block = '- '.repeat(200_000);
  const aliases = `a: &a [x,x,x]\nb: &b [*a,*a,*a]\nc: [*b,*b,*b]\n`;
  const deep = Array.from({ length: 1000 }, (_, depth) => `${' '.repeat(depth)}k:`).join('\n');
  for (const text of [flow, block, aliases, deep, flow.replaceAll('[', '[\n')]) t.ok(problems(text).length > 0);
  t.equal(Object.getPrototypeOf({}), Object.prototype);
});

t.test('any text is accepted or refused, never thrown at', async (t) => {
  const lines = fc.constantFrom(
    'identity:',
    '  privateKey: 0',
    'peers:',
    '  - endpoint: x',
    '- a',
    '{',
    '}',
    'a: b: c',
    '? x',
    '"',
    '|',
    '&a *a',
    '\t',
    '!!set',
    '%YAML',
    '...',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(lines, fc.string({ maxLength: 20 })), { maxLength: 12 }), (parts) => {
      const loaded = loadConfig(parts.join('\n'));
      if (!loaded.ok) for (const { line, column } of loaded.problems) assert(line >= 1 && column >= 1);
    }),
    { numRuns: 200 },
  );
  t.pass();
});

import t from 'tap';
import {
  addPeers,
  formatConnectTo,
  formatInvitation,
  loadConfig,
  type PeerToDial,
  parseInvitation,
  placePeer,
  readReloadable,
  removePeers,
  renderReloadable,
} from '../../src/config/index.ts';
import { Password } from '../../src/crypto/index.ts';
import { endpointAt, formatPeerAddress } from '../../src/underlay/index.ts';
import { KEY, KEY_TEXT } from '../admin/fake-node.ts';

const PRIVATE = '1f441c3227790658566d4d01cbac17c8e1d153c6017df52e44e315ae38ea41ff';
const IDENTITY = `identity: {privateKey: ${PRIVATE}}\n`;

function peer(...hosts: readonly [string, ...string[]]): PeerToDial {
  const [first, ...others] = hosts.map((host) => endpointAt({ host, port: 21000 }));
  if (first === undefined) throw new Error('none');
  return { endpoints: [first, ...others], key: KEY, login: 'l', password: Password.fromText('p'), name: 'bob' };
}

/** The problems of a file with one entry, `places` being the lines of its endpoints. */
function problemsOf(places: string, more = ''): readonly string[] {
  const loaded = loadConfig(`${IDENTITY}peers:\n  - key: ${KEY_TEXT}\n    password: x\n${places}${more}`);
  if (loaded.ok) return [];
  return loaded.problems.map((one) => `${one.line}:${one.column}: ${one.path}: ${one.message}; ${one.suggestion}`);
}

function placesOf(text: string): readonly (readonly string[])[] {
  const loaded = loadConfig(text);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.config.peers.map(({ endpoints }) => endpoints.map(formatPeerAddress));
}

t.test('a peer has one place or a list of them, and whoever reads it sees a list', async (t) => {
  const one = `  - {endpoint: "udp://192.0.2.7:1", key: ${KEY_TEXT}, password: x}\n`;
  const list = '["udp://[2001:db8::7]:1", udp://peer.example:2]';
  const two = `  - {endpoints: ${list}, key: ${KEY_TEXT}, password: x}\n`;
  t.same(placesOf(`${IDENTITY}peers:\n${one}${two}`), [['192.0.2.7:1'], ['[2001:db8::7]:1', 'peer.example:2']]);
});

t.test('both keys, none, an empty list, too many and repetitions are refused where they stand', async (t) => {
  const one = '    endpoint: udp://h:1\n';
  const many = (count: number) =>
    `    endpoints:\n${Array.from({ length: count }, (_, index) => `      - udp://h:${index + 1}\n`).join('')}`;
  t.same(problemsOf(one), []);
  t.same(problemsOf(many(8)), []);
  const cases: readonly [places: string, more: string, problem: RegExp][] = [
    [`${one}${many(2)}`, '', /^7:7: peers\[0\]\.endpoints: stands beside endpoint; keep one of the two/],
    ['', '', /^3:5: peers\[0\]: the key "endpoint" is missing; write where it is: endpoint, or endpoints for several/],
    ['    endpoints: []\n', '', /^5:16: peers\[0\]\.endpoints: names no endpoint; write at least one/],
    [many(9), '', /^14:9: peers\[0\]\.endpoints\[8\]: is one too many; at most 8 endpoints of a peer are dialled/],
    [`${many(2)}      - udp://h:1\n`, '', /^8:9: peers\[0\]\.endpoints\[2\]: is listed twice \(line 6\); remove one/],
    [
      many(2),
      `  - {endpoint: "udp://h:2", key: ${KEY_TEXT}, password: x}\n`,
      /^8:16: peers\[1\]\.endpoint: another entry has this endpoint \(line 7\); one node answers at an endpoint/,
    ],
    ['    endpoints: [h:1]\n', '', /^5:17: peers\[0\]\.endpoints\[0\]: "h:1" needs the transport.*"udp:\/\/h:1"/],
    ['    endpoints: ["udp://[fc00::1]:1"]\n', '', /peers\[0\]\.endpoints\[0\]: .* lies inside the mesh/],
    ['    endpoints: udp://h:1\n', '', /peers\[0\]\.endpoints: must be a list; begin each entry with "- "/],
    ['    endpoints:\n', '', /peers\[0\]\.endpoints: has no value/],
  ];
  for (const [places, more, problem] of cases) t.match(problemsOf(places, more)[0] ?? '', problem, places);
});

t.test('a list is written, found again and taken out without touching what stands around it', async (t) => {
  const text = `${IDENTITY}peers:\n  - endpoint: udp://192.0.2.1:1 # hers\n    key: ${KEY_TEXT}\n    password: x\nuser: nobody # last\n`;
  const both = peer('2001:db8::7', '192.0.2.7');
  const added = addPeers(text, [both]);
  t.match(added, '  - endpoints:\n      - udp://[2001:db8::7]:21000\n      - udp://192.0.2.7:21000\n    key: ');
  t.same(placesOf(added), [['192.0.2.1:1'], ['[2001:db8::7]:21000', '192.0.2.7:21000']]);
  t.equal(addPeers(added, [both]), added, 'the same again changes nothing');
  const isBoth = ({ endpoints }: PeerToDial) => endpoints.length === 2;
  t.equal(removePeers(added, isBoth), text);
  const last = `${IDENTITY}peers:\n  - key: ${KEY_TEXT}\n    password: x\n    endpoints:\n      - udp://h:1\n      - udp://h:2 # b\n  # end\n`;
  t.same(placesOf(addPeers(last, [both])), [
    ['h:1', 'h:2'],
    ['[2001:db8::7]:21000', '192.0.2.7:21000'],
  ]);
  t.match(addPeers(last, [both]), '# b\n  - endpoints:');
  t.equal(
    removePeers(last, () => true),
    `${IDENTITY}peers: []\n  # end\n`,
  );
  t.match(
    addPeers(`${IDENTITY}peers: [{endpoint: "udp://h:1", key: ${KEY_TEXT}, password: x}]\n`, [both]),
    'endpoints',
  );
});

t.test('whoever shares an endpoint is the same node: refused, or with an update taken over', async (t) => {
  const present = [peer('192.0.2.1'), peer('192.0.2.2', '192.0.2.3'), peer('192.0.2.4')];
  const wanted = peer('192.0.2.1', '192.0.2.3');
  t.match(placePeer(wanted, present, false), {
    ok: false,
    problem: 'udp://192.0.2.1:21000 is a peer already, with other endpoints',
    remedy: /--update/,
  });
  t.match(placePeer(wanted, present, true), { ok: true, isThere: false, replaces: present.slice(0, 2) });
  t.match(placePeer(peer('192.0.2.2', '192.0.2.3'), present, false), { ok: true, isThere: true });
  t.match(placePeer(peer('192.0.2.9'), present, false), { ok: true, isThere: false, replaces: [] });
});

t.test('an invitation names further places so that who does not know them takes the first', async (t) => {
  const both = peer('2001:db8::7', '192.0.2.7');
  const line = formatInvitation(both);
  t.equal(
    line,
    `fcmesh://${KEY_TEXT}@[2001:db8::7]:21000?login=l&password=p&name=bob&also=${encodeURIComponent('192.0.2.7:21000')}`,
  );
  t.same(parseInvitation(line), { ok: true, peers: [both] });
  t.same(Object.keys(JSON.parse(formatConnectTo(both)) as object), ['[2001:db8::7]:21000'], 'one link to a stock node');
  const invited = (rest: string) => parseInvitation(`fcmesh://${KEY_TEXT}@h:1?password=x${rest}`);
  t.match(invited('&also=[fc00::1]:1'), { ok: false, reason: /inside the mesh/ });
  t.match(invited('&also=h:1'), { ok: false, reason: /"h:1" is named twice/ });
  const nine = Array.from({ length: 8 }, (_, index) => `&also=h:${index + 2}`).join('');
  t.match(invited(nine), { ok: false, reason: /9 endpoints: at most 8/ });
});

t.test('a list travels to the daemon, and one place as it always did', async (t) => {
  const loaded = loadConfig(
    addPeers(`${IDENTITY}admin: {password: x}\n`, [peer('192.0.2.1'), peer('h.example', '192.0.2.2')]),
  );
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const text = renderReloadable(loaded.config);
  t.match(text, '"endpoint":"udp://192.0.2.1:21000"');
  const read = readReloadable(Buffer.from(text));
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  t.same(
    read.config.peers.map(({ endpoints }) => endpoints),
    loaded.config.peers.map(({ endpoints }) => endpoints),
  );
});

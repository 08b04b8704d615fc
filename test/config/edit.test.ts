import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import {
  addPeer,
  addPeers,
  addUser,
  loadConfig,
  type PeerToDial,
  removePeers,
  removeUser,
  renderTemplate,
} from '../../src/config/index.ts';
import { Password } from '../../src/crypto/index.ts';
import { KEY, KEY_TEXT, numbered } from '../admin/fake-node.ts';

const PRIVATE = '1f441c3227790658566d4d01cbac17c8e1d153c6017df52e44e315ae38ea41ff';
const TEXT = renderTemplate({ privateKeyHex: PRIVATE, address: 'fc00::1', key: 'x.k' });

function peer(port: number, change: Partial<PeerToDial> = {}): PeerToDial {
  const endpoint = { transport: 'udp', host: '192.0.2.7', port } as const;
  return {
    endpoints: [endpoint],
    key: KEY,
    login: 'alice',
    password: Password.fromText('p'),
    name: `peer${port}`,
    ...change,
  };
}

function comments(text: string): readonly string[] {
  return text.split('\n').flatMap((line) => /(?:^|\s)(#.*)$/.exec(line)?.[1] ?? []);
}

function configOf(text: string) {
  const loaded = loadConfig(text);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.config;
}

t.test('an entry is put in where the empty list stood; everything else stays byte for byte', async (t) => {
  const text = addPeer(TEXT, peer(1));
  const added = text.split('\n').filter((line) => !TEXT.split('\n').includes(line));
  t.same(added, [
    'peers:                                   # nodes that we connect to; ask somebody for these lines:',
    '  - endpoint: udp://192.0.2.7:1',
    `    key: ${KEY_TEXT}`,
    '    login: alice',
    '    password: p',
    '    name: peer1',
  ]);
  t.match(configOf(text).peers, [peer(1)]);
});

t.test('fifty edits keep every comment and the order of the rest', async (t) => {
  let text = TEXT;
  for (let round = 0; round < 50; round++) {
    if (round % 5 === 4) text = removePeers(text, (one) => one.name === `peer${round - 2}`) ?? text;
    else if (round % 5 === 3)
      text = addUser(text, { login: `u${round}`, password: Password.fromText(`#: ${round}`), name: null });
    else text = addPeer(text, peer(round + 1));
    t.same(comments(text), comments(TEXT), `round ${round}`);
  }
  const config = configOf(text);
  t.equal(config.peers.length, 30 - 10);
  t.equal(config.accept.length, 10);
  t.equal(config.accept[3]?.password.revealText(), '#: 18');
  for (const { login } of config.accept) text = removeUser(text, login) ?? '';
  text = removePeers(text, () => true) ?? '';
  t.same(comments(text), comments(TEXT));
  t.equal(configOf(text).peers.length + configOf(text).accept.length, 0);
  t.equal(
    removePeers(text, () => true),
    null,
  );
});

t.test(
  'a hand-made layout is kept: other indents, comments between entries, none at the end of the file',
  async (t) => {
    const text = `identity: {privateKey: ${PRIVATE}}
peers:
# first friend
- endpoint: udp://192.0.2.1:1   # her house
  key: ${KEY_TEXT}
  password: 0123

# second friend
- {endpoint: "udp://192.0.2.2:1", key: ${KEY_TEXT}, password: 'a b'}
# the end`;
    const more = addPeer(text, peer(3));
    t.same(comments(more), comments(text));
    t.same(
      configOf(more).peers.map(({ password }) => password.revealText()),
      ['0123', 'a b', 'p'],
    );
    t.ok(more.startsWith(text.slice(0, text.indexOf('# the end'))));
    t.ok(more.endsWith('# the end'));
    const less = removePeers(more, ({ password }) => password.revealText() === 'a b') ?? '';
    t.same(comments(less), comments(text));
    t.equal(configOf(less).peers.length, 2);
  },
);

t.test('a list on one line, JSON, and a missing list are changed, too', async (t) => {
  const key = `identity: {privateKey: ${PRIVATE}} # me\n`;
  const inline = `${key}peers: [{endpoint: 'udp://192.0.2.1:1', key: ${KEY_TEXT}, password: x}] # one\n`;
  t.equal(configOf(addPeer(inline, peer(1))).peers.length, 2);
  t.same(comments(addPeer(inline, peer(1))), comments(inline));
  t.equal(configOf(addPeer(key, peer(1))).peers.length, 1);
  t.equal(configOf(addPeer(key.trimEnd(), peer(1))).peers.length, 1);
  t.equal(configOf(addPeer(`{"identity": {"privateKey": "${PRIVATE}"}}`, peer(1))).peers.length, 1);
});

t.test('the same login is refused, and so is a file with mistakes', async (t) => {
  const invited = addUser(TEXT, { login: 'a', password: Password.fromText('p'), name: null });
  t.throws(() => addUser(invited, { login: 'a', password: Password.fromText('q'), name: null }), { code: 'ERR_EDIT' });
  t.throws(() => addPeer('peers: [', peer(1)), { code: 'ERR_EDIT' });
});

t.test('somebody who is there already: the same is no change, what differs is an update or refused', async (t) => {
  const text = addPeers(TEXT, [peer(1, { name: 'mine' }), peer(2)]);
  t.equal(addPeer(text, peer(1, { name: null })), text, 'an invitation without a name does not take mine away');
  const changes: readonly (readonly [string, Partial<PeerToDial>])[] = [
    ['key', { key: numbered(7).key }],
    ['login', { login: 'other' }],
    ['password', { password: Password.fromText('new') }],
  ];
  for (const [what, change] of changes) {
    const again = peer(1, { name: null, ...change });
    t.throws(() => addPeer(text, again), {
      code: 'ERR_EDIT',
      message: `udp://192.0.2.7:1 is a peer already, with another ${what}`,
      remedy: 'To take over what is new: --update',
    });
    const updated = addPeers(text, [again], true);
    t.match(configOf(updated).peers, [peer(2), { ...again, name: 'mine' }], what);
    t.same(comments(updated), comments(text));
  }
  t.throws(() => addPeer(text, peer(1, { name: 'x' })), { message: /with another name$/ });
  t.match(configOf(addPeers(text, [peer(1, { name: 'x' })], true)).peers, [{ name: 'peer2' }, { name: 'x' }]);
  const taken = peer(1, { name: 'peer2', key: numbered(7).key });
  t.throws(() => addPeers(text, [taken], true), {
    message: 'another peer is called "peer2"',
    remedy: /--name peer22$/,
  });
});

t.test('whatever passwords and names hold is read back', async () => {
  const word = fc
    .string({ minLength: 1, maxLength: 20, unit: 'grapheme' })
    .filter(
      (text) =>
        !/[\p{Cc}\u2028\u2029\ufeff]|[\ud800-\udfff](?![\udc00-\udfff])/u.test(text) && Buffer.byteLength(text) <= 64,
    );
  fc.assert(
    fc.property(word, word, (password, name) => {
      const [added] = configOf(addPeer(TEXT, peer(1, { password: Password.fromText(password), name }))).peers;
      assert.equal(added?.password.revealText(), password);
      assert.equal(added?.name, name);
    }),
    { numRuns: 200, seed: 7 },
  );
});

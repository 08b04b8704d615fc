import t from 'tap';
import { addPeer, importCjdroute, loadConfig, type PeerToDial, renderTemplate } from '../../src/config/index.ts';
import { formatPublicKey, Password, parsePublicKey } from '../../src/crypto/index.ts';
import { KEY_TEXT, numbered } from '../admin/fake-node.ts';
import { sure } from '../cryptoauth/support.ts';

const PRIVATE = '1f441c3227790658566d4d01cbac17c8e1d153c6017df52e44e315ae38ea41ff';
const OTHER = formatPublicKey(numbered(7).key);
const TEXT = renderTemplate({ privateKeyHex: PRIVATE, address: 'fc00::1', key: 'x.k' });

const peer = (port: number, key: string, name: string | null): PeerToDial => ({
  endpoints: [{ transport: 'udp', host: '192.0.2.7', port }],
  key: sure(parsePublicKey(key)),
  login: null,
  password: Password.fromText('p'),
  name,
});

function problemsOf(...entries: readonly (readonly [key: string, name: string])[]) {
  const lines = entries.map(
    ([key, name], index) =>
      `  - endpoint: udp://192.0.2.1:${index + 1}\n    key: ${key}\n    password: p\n    name: ${name}\n`,
  );
  const loaded = loadConfig(`identity: {privateKeyFile: k}\nadmin: {password: x}\npeers:\n${lines.join('')}`);
  return loaded.ok ? [] : loaded.problems;
}

t.test('two nodes of one name are refused, with a name that is free; two ways to one node are not', async (t) => {
  t.match(problemsOf([KEY_TEXT, 'hans'], [OTHER, 'hans'], [KEY_TEXT, 'hans2']), [
    {
      path: 'peers[1].name',
      line: 11,
      column: 11,
      message: 'another peer has this name (line 7)',
      suggestion: 'call one of them hans3',
    },
  ]);
  t.same(problemsOf([KEY_TEXT, 'hans'], [KEY_TEXT, 'hans'], [OTHER, 'Hans']), []);
  const many = Array.from({ length: 300 }, () => [KEY_TEXT, 'hans'] as const);
  t.equal(problemsOf(...many, [OTHER, 'hans']).length, 1, 'what is too much is not compared');
});

t.test('an edit adds nobody whose name another has', async (t) => {
  const text = addPeer(TEXT, peer(1, KEY_TEXT, 'hans'));
  t.throws(() => addPeer(text, peer(2, OTHER, 'hans')), { code: 'ERR_EDIT', remedy: /--name hans2$/ });
  t.ok(addPeer(text, peer(2, KEY_TEXT, 'hans')));
  t.ok(addPeer(addPeer(text, peer(2, OTHER, null)), peer(3, OTHER, null)), 'no name is no name');
});

t.test('an import gives the second a name of its own, and says so', async (t) => {
  const entry = (key: string) => `{"password": "p", "publicKey": "${key}", "user": "hans"}`;
  const connectTo = `{"192.0.2.1:1": ${entry(KEY_TEXT)}, "192.0.2.1:2": ${entry(OTHER)}}`;
  const source = `{"privateKey": "${PRIVATE}", "interfaces": {"UDPInterface": [{"connectTo": ${connectTo}}]}}`;
  const result = importCjdroute(source, () => ({ address: 'fc00::1', key: KEY_TEXT }));
  if (!result.ok) throw new Error(result.reason);
  const loaded = loadConfig(result.text);
  t.same(loaded.ok && loaded.config.peers.map(({ name }) => name), ['hans', 'hans2']);
  t.match(result.remarks.join('\n'), /192\.0\.2\.1:2": another is called "hans"; here "hans2"/);
});

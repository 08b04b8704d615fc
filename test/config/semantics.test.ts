import { readFileSync } from 'node:fs';
import t from 'tap';
import { checkKeys, formatProblem, loadConfig } from '../../src/config/index.ts';
import { asPublicKey, formatIp6, formatPublicKey, loadNodeBackend, SecretKey } from '../../src/crypto/index.ts';

type Vector = { privateKey: string; publicKeyText: string; ipv6Text: string; valid: boolean };
const vectors = JSON.parse(readFileSync(new URL('../vectors/identity.json', import.meta.url), 'utf8')) as {
  keys: Vector[];
};
const good = vectors.keys.filter((vector) => vector.valid);
const backend = await loadNodeBackend();
// A private key of ones: its address begins with something else than fc, as 255 of 256 do.
const BAD = '11'.repeat(32);
const bad = { privateKey: BAD, publicKeyText: publicKeyText(BAD) };

function publicKeyText(privateKeyHex: string): string {
  const key = SecretKey.fromHex(privateKeyHex);
  const publicKey = key === null ? null : asPublicKey(backend.publicKeyOf(key.bytes));
  if (publicKey === null) throw new Error('key');
  return formatPublicKey(publicKey);
}

function check(vector: Pick<Vector, 'privateKey'>, peers: string) {
  const loaded = loadConfig(`identity:\n  privateKey: ${vector.privateKey}\n${peers}`);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const key = SecretKey.fromHex(vector.privateKey);
  if (key === null) throw new Error('vector');
  return checkKeys(loaded.config, key, loaded.places, backend);
}

t.test('the identity of the file has the key and address of the vectors', async (t) => {
  for (const vector of good) {
    const checked = check(vector, '');
    t.ok(checked.ok);
    if (!checked.ok) continue;
    t.equal(formatPublicKey(checked.identity.publicKey), vector.publicKeyText);
    t.equal(formatIp6(checked.identity.address), vector.ipv6Text);
  }
});

t.test('the own key as a peer is told with its place', async (t) => {
  const [own] = good;
  if (own === undefined) throw new Error('vector');
  const checked = check(
    own,
    `peers:\n  - endpoint: udp://192.0.2.1:1\n    key: ${own.publicKeyText}\n    password: x\n`,
  );
  t.equal(
    checked.ok ? '' : checked.problems.map((problem) => formatProblem(problem, 'f')).join(),
    "f:5:10: peers[0].key: is the key of this very node; write the peer's key here",
  );
});

t.test('keys outside fc00::/8 are refused, as identity and as peer', async (t) => {
  const [own] = good;
  if (own === undefined) throw new Error('vector');
  const asIdentity = check(bad, '');
  t.match(asIdentity, {
    ok: false,
    problems: [{ path: 'identity.privateKey', line: 2, message: /no address in fc00/ }],
  });
  const asPeer = check(own, `peers: [{endpoint: "udp://h:1", key: ${bad.publicKeyText}, password: x}]\n`);
  t.match(asPeer, { ok: false, problems: [{ path: 'peers[0].key', line: 3, message: /not the key of a node/ }] });
  const asSupernode = check(own, `supernodes: [${bad.publicKeyText}]\n`);
  t.match(asSupernode, { ok: false, problems: [{ path: 'supernodes[0]', line: 3, message: /not the key of a node/ }] });
  const itself = check(own, `supernodes: [${own.publicKeyText}]\n`);
  t.match(itself, { ok: false, problems: [{ path: 'supernodes[0]', message: /this very node/ }] });
});

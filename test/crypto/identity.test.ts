import t from 'tap';
import type { Rng } from '../../src/base/index.ts';
import { generateIdentity, identityOf, loadNodeBackend, SecretKey } from '../../src/crypto/index.ts';
import { hex, vectors } from '../support/vectors.ts';

type Key = { privateKey: string; publicKey: string; ipv6: string };
const { keys, notFc } = vectors<{ keys: Key[]; notFc: Key[] }>('identity');
const backend = await loadNodeBackend();

t.test('public key and address follow from the private key', async (t) => {
  for (const { privateKey, publicKey, ipv6 } of keys) {
    const identity = identityOf(backend, new SecretKey(hex(privateKey)));
    t.match(identity, { publicKey: hex(publicKey), address: hex(ipv6) });
    t.same(identity?.privateKey.bytes, hex(privateKey), 'the private key stays raw');
  }
});

t.test('a private key whose address is not in fc00::/8 is no identity', async (t) => {
  for (const { privateKey } of notFc) t.equal(identityOf(backend, new SecretKey(hex(privateKey))), null);
});

t.test('generation tries keys until one fits', async (t) => {
  const drawn = [...notFc, ...keys].map(({ privateKey }) => hex(privateKey));
  const rng: Rng = { bytes: () => drawn.shift() ?? new Uint8Array(32) };
  const identity = generateIdentity(backend, rng);
  t.equal(identity.tries, notFc.length + 1);
  t.same(identity.publicKey, hex(keys[0]?.publicKey ?? ''));
  t.equal(identity.privateKey.revealHex(), keys[0]?.privateKey);
});

t.test('a broken random source is reported, not waited for', async (t) => {
  const never = { ...backend, publicKeyOf: () => new Uint8Array(32) };
  const rng: Rng = { bytes: (count) => new Uint8Array(count) };
  t.throws(() => generateIdentity(never, rng), { code: 'ERR_RNG' });
});

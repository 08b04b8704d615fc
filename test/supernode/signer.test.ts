import assert from 'node:assert/strict';
import { ed25519 } from '@noble/curves/ed25519.js';
import fc from 'fast-check';
import t from 'tap';
import { equal } from '../../src/base/index.ts';
import { loadNobleBackend, SecretKey } from '../../src/crypto/index.ts';
import { createSigner } from '../../src/supernode/signer.ts';
import { seededRng } from '../route/mini-world.ts';
import { vectors } from '../support/vectors.ts';
import { nodeKeyOf } from './route-server.ts';

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const runs = { numRuns: 25 };

t.test('what is signed is verified by the signing key, and nothing else is', async () => {
  const crypto = await loadNobleBackend();
  fc.assert(
    fc.property(bytes32, fc.uint8Array({ maxLength: 200 }), fc.nat(), (key, message, at) => {
      const { signingKey, sign } = createSigner(new SecretKey(key), crypto, seededRng(1));
      const signature = sign(message);
      assert.ok(ed25519.verify(signature, message, signingKey));
      const forged = Uint8Array.from(signature);
      forged[at % 64] = (forged[at % 64] ?? 0) ^ 1;
      assert.equal(ed25519.verify(forged, message, signingKey), false);
      assert.equal(ed25519.verify(signature, Uint8Array.of(...message, 0), signingKey), false);
    }),
    runs,
  );
});

t.test('the key of the node follows from the signing key: x = (1 + y) / (1 - y)', async () => {
  const crypto = await loadNobleBackend();
  fc.assert(
    fc.property(bytes32, (key) => {
      const { signingKey } = createSigner(new SecretKey(key), crypto, seededRng(1));
      assert.deepEqual(nodeKeyOf(signingKey), crypto.publicKeyOf(key));
    }),
    runs,
  );
});

t.test('so do the keys of the identity vectors', async (t) => {
  const crypto = await loadNobleBackend();
  const { keys } = vectors<{ keys: readonly { privateKey: string; publicKey: string }[] }>('identity');
  for (const { privateKey, publicKey } of keys) {
    const secret = SecretKey.fromHex(privateKey);
    if (secret === null) throw new Error('key');
    t.equal(Buffer.from(nodeKeyOf(createSigner(secret, crypto, seededRng(1)).signingKey)).toString('hex'), publicKey);
  }
});

t.test('no two signatures of a message share their nonce', async (t) => {
  const crypto = await loadNobleBackend();
  const { sign } = createSigner(new SecretKey(new Uint8Array(32).fill(7)), crypto, seededRng(1));
  const [a, b] = [sign(Uint8Array.of(1)), sign(Uint8Array.of(1))];
  t.notOk(equal(a.subarray(0, 32), b.subarray(0, 32)));
});

import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { addressOf } from '../../src/crypto/index.ts';
import { createSeededRng } from '../../src/sim/seeded-rng.ts';
import { createSimulatedBackend, simulatedIdentity } from '../../src/sim/simulated-backend.ts';

const backend = createSimulatedBackend();
const keys = fc.uint8Array({ minLength: 32, maxLength: 32 });
const nonces = fc.uint8Array({ minLength: 24, maxLength: 24 });
const messages = fc.uint8Array({ maxLength: 80 });

t.test('both ends of a key agreement get the same point', async (t) => {
  fc.assert(
    fc.property(keys, keys, (a, b) => {
      const ab = backend.sharedPoint(a, backend.publicKeyOf(b));
      assert.deepEqual(ab, backend.sharedPoint(b, backend.publicKeyOf(a)));
      assert.equal(ab?.length, 32);
    }),
  );
  t.pass();
});

t.test('the zero key is refused', async (t) => {
  t.equal(backend.sharedPoint(new Uint8Array(32).fill(1), new Uint8Array(32)), null);
});

t.test('what was sealed is opened, and any changed bit is noticed', async (t) => {
  fc.assert(
    fc.property(keys, nonces, messages, fc.nat(), (key, nonce, message, where) => {
      const box = backend.sealBox(key, nonce, message);
      assert.equal(box.length, message.length + 16);
      assert.deepEqual(backend.openBox(key, nonce, box), message);
      const bit = where % (box.length * 8);
      const byte = bit >> 3;
      box[byte] = (box[byte] ?? 0) ^ (1 << (bit & 7));
      assert.equal(backend.openBox(key, nonce, box), null);
    }),
  );
  t.pass();
});

t.test('another key, another nonce and a runt are refused', async (t) => {
  const key = new Uint8Array(32).fill(1);
  const nonce = new Uint8Array(24).fill(2);
  const box = backend.sealBox(key, nonce, new Uint8Array(5));
  t.equal(backend.openBox(new Uint8Array(32).fill(3), nonce, box), null);
  t.equal(backend.openBox(key, new Uint8Array(24), box), null);
  t.equal(backend.openBox(key, nonce, box.subarray(0, 15)), null);
});

t.test('every key has an address of the mesh, and they differ', async (t) => {
  const rng = createSeededRng(1);
  const seen = new Set<string>();
  for (let i = 0; i < 500; i++) {
    const { publicKey, address } = simulatedIdentity(backend, rng);
    t.same(addressOf(backend, publicKey), address);
    seen.add(address.join());
  }
  t.equal(seen.size, 500);
});

t.test('hashes have the lengths of the real ones', async (t) => {
  t.equal(backend.sha256(new Uint8Array(3)).length, 32);
  t.equal(backend.sha512(new Uint8Array(3)).length, 64);
  t.equal(backend.hsalsa(new Uint8Array(32)).length, 32);
});

import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { asPublicKey, formatPublicKey, type PublicKey, parsePublicKey } from '../../src/crypto/index.ts';
import { hex, vectors } from '../support/vectors.ts';

type Key = { publicKey: string; publicKeyText: string };
const identity = vectors<{ keys: Key[]; notFc: Key[] }>('identity');

t.test('the vectors of stock nodes', async (t) => {
  for (const { publicKey, publicKeyText } of [...identity.keys, ...identity.notFc]) {
    t.same(parsePublicKey(publicKeyText), hex(publicKey));
    t.equal(formatPublicKey(hex(publicKey) as PublicKey), publicKeyText);
  }
});

t.test('what was written is read back', async (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
      const key = asPublicKey(bytes);
      if (key) assert.deepEqual(parsePublicKey(formatPublicKey(key)), key);
    }),
  );
  t.pass();
});

t.test('a key with its top bit set is read, as stock does', async (t) => {
  const text = `${'0'.repeat(51)}1.k`;
  t.equal(parsePublicKey(text)?.[31], 0x80);
});

t.test('other texts are refused, also one with something behind it', async (t) => {
  const good = identity.keys[0]?.publicKeyText ?? '';
  const refused = ['', '.k', `${good}x`, `${good}\n`, good.slice(1), good.slice(0, -2), good.replace('.k', '.K')];
  for (const text of [...refused, good.replace(/^./, 'a'), good.replace('0.k', '2.k')]) {
    t.equal(parsePublicKey(text), null, text);
  }
});

t.test('the zero key is no key', async (t) => {
  t.equal(parsePublicKey(`${'0'.repeat(52)}.k`), null);
  t.equal(asPublicKey(new Uint8Array(32)), null);
});

t.test('a key has 32 bytes and is a copy', async (t) => {
  for (const length of [0, 31, 33]) t.equal(asPublicKey(new Uint8Array(length).fill(1)), null);
  const bytes = new Uint8Array(32).fill(1);
  const key = asPublicKey(bytes);
  bytes.fill(2);
  t.equal(key?.[0], 1);
});

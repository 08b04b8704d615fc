/** One suite for all crypto backends: noble, node, and native when the addon is built. They must agree in everything. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import t from 'tap';
import { toHex, utf8 } from '../../src/base/index.ts';
import { type CryptoBackend, createNativeBackend, loadNobleBackend, loadNodeBackend } from '../../src/crypto/index.ts';
import { loadAddon } from '../../src/engine/native.ts';
import { hex, vectors } from '../support/vectors.ts';

const ADDON = fileURLToPath(new URL('../../native/build/Release/fcmesh.node', import.meta.url));

const noble = await loadNobleBackend();
const backends: [string, CryptoBackend][] = [
  ['noble', noble],
  ['node', await loadNodeBackend()],
];
if (existsSync(ADDON)) {
  backends.push(['native', createNativeBackend(loadAddon())]);
}

t.test(
  'the native backend is tested too',
  { skip: existsSync(ADDON) ? false : 'the addon is not built' },
  async (t) => {
    t.equal(backends.at(-1)?.[1].name, 'native');
  },
);

/** Points of low order on Curve25519 and its twist, in every encoding of 32 bytes: <https://cr.yp.to/ecdh.html>. */
const LOW_ORDER = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
].flatMap((text) => {
  const highBit = hex(text);
  highBit[31] = (highBit[31] ?? 0) | 0x80;
  return [hex(text), highBit];
});

/** RFC 7748 §5.2: scalar, point, result. */
const SCALAR_MULT = [
  [
    'a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4',
    'e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c',
    'c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552',
  ],
  [
    '4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d',
    'e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493',
    '95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957',
  ],
];

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });

for (const [name, backend] of backends) {
  t.test(`${name}: X25519 as in RFC 7748`, async (t) => {
    for (const [scalar = '', point = '', result = ''] of SCALAR_MULT) {
      t.same(backend.sharedPoint(hex(scalar), hex(point)), hex(result));
    }
  });

  t.test(`${name}: public keys of the identity vectors`, async (t) => {
    for (const { privateKey, publicKey } of vectors<{ keys: { privateKey: string; publicKey: string }[] }>('identity')
      .keys) {
      t.same(backend.publicKeyOf(hex(privateKey)), hex(publicKey));
    }
  });

  t.test(`${name}: points of low order are refused in every encoding, never thrown`, async (t) => {
    for (const point of LOW_ORDER)
      t.equal(backend.sharedPoint(new Uint8Array(32).fill(0x42), point), null, toHex(point));
  });

  t.test(`${name}: both sides of an agreement get the same point`, async (t) => {
    fc.assert(
      fc.property(bytes32, bytes32, (a, b) => {
        assert.deepEqual(
          backend.sharedPoint(a, backend.publicKeyOf(b)),
          backend.sharedPoint(b, backend.publicKeyOf(a)),
        );
      }),
      { numRuns: 5 },
    );
    t.pass();
  });

  t.test(`${name}: HSalsa20 as in the NaCl paper`, async (t) => {
    const point = hex('4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742');
    const key = hex('1b27556473e985d462cd51197a9a46c76009549eac6474f206c4ee0844f68389');
    t.same(backend.hsalsa(point), key);
  });

  t.test(`${name}: secretbox as in the NaCl paper, tag first`, async (t) => {
    const key = hex('1b27556473e985d462cd51197a9a46c76009549eac6474f206c4ee0844f68389');
    const nonce = hex('69696ee955b62b73cd62bda875fc73d68219e0036b7a0b37');
    const message = hex(
      'be075fc53c81f2d5cf141316ebeb0c7b5228c52a4c62cbd44b66849b64244ffce5ecbaaf33bd751a1ac728d45e6c61296cdc3c01233561f41db66cce314adb310e3be8250c46f06dceea3a7fa1348057e2f6556ad6b1318a024a838f21af1fde048977eb48f59ffd4924ca1c60902e52f0a089bc76897040e082f937763848645e0705',
    );
    const box = backend.sealBox(key, nonce, message);
    t.equal(toHex(box.subarray(0, 16)), 'f3ffc7703f9400e52a7dfb4b3d3305d9');
    t.same(backend.openBox(key, nonce, box), message);
  });

  t.test(`${name}: a box that is short or damaged anywhere is refused`, async (t) => {
    const key = new Uint8Array(32).fill(1);
    const nonce = new Uint8Array(24).fill(2);
    const box = backend.sealBox(key, nonce, utf8('hello'));
    t.equal(box.length, 21);
    for (let length = 0; length < box.length; length++)
      t.equal(backend.openBox(key, nonce, box.subarray(0, length)), null);
    for (let bit = 0; bit < box.length * 8; bit++) {
      const damaged = new Uint8Array(box);
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      if (backend.openBox(key, nonce, damaged) !== null) t.fail(`bit ${bit}`);
    }
    t.same(backend.openBox(key, nonce, backend.sealBox(key, nonce, new Uint8Array(0))), new Uint8Array(0));
  });

  t.test(`${name}: SHA-2 of "abc"`, async (t) => {
    t.equal(toHex(backend.sha256(utf8('abc'))), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    t.equal(
      toHex(backend.sha512(utf8('abc'))),
      'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a' +
        '2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
    );
  });
}

/** Field elements above the prime, whose twins below it are ordinary points. */
const NON_CANONICAL = [0xf0, 0xf6, 0xff].map((first) => hex(`${first.toString(16)}${'ff'.repeat(30)}7f`));

for (const [name, backend] of backends.slice(1)) {
  t.test(`${name} gives the same results as noble`, async (t) => {
    const points = fc.oneof(bytes32, fc.constantFrom(...NON_CANONICAL, ...LOW_ORDER));
    const messages = fc.uint8Array({ maxLength: 200 });
    fc.assert(
      fc.property(
        bytes32,
        points,
        fc.uint8Array({ minLength: 24, maxLength: 24 }),
        messages,
        (key, point, nonce, message) => {
          assert.deepEqual(backend.publicKeyOf(key), noble.publicKeyOf(key));
          assert.deepEqual(backend.sharedPoint(key, point), noble.sharedPoint(key, point));
          assert.deepEqual(backend.hsalsa(point), noble.hsalsa(point));
          const box = noble.sealBox(key, nonce, message);
          assert.deepEqual(backend.sealBox(key, nonce, message), box);
          assert.deepEqual(backend.openBox(key, nonce, box), message);
          assert.deepEqual(backend.openBox(point, nonce, box), noble.openBox(point, nonce, box));
          assert.deepEqual(backend.sha256(message), noble.sha256(message));
          assert.deepEqual(backend.sha512(message), noble.sha512(message));
        },
      ),
      { numRuns: 30 },
    );
    t.pass();
  });

  t.test(`${name}: points above the prime count as their reduced twins, as in RFC 7748`, async (t) => {
    const scalar = new Uint8Array(32).fill(0x42);
    for (const point of NON_CANONICAL) t.same(backend.sharedPoint(scalar, point), noble.sharedPoint(scalar, point));
  });
}

t.test('inputs may be Buffers and views, results are plain arrays of their own', async (t) => {
  const memory = Buffer.alloc(300, 0x42);
  for (const [name, backend] of backends) {
    const view = memory.subarray(3, 35);
    for (const result of [
      backend.publicKeyOf(view),
      backend.sha256(view),
      backend.hsalsa(view),
      backend.sealBox(view, memory.subarray(40, 64), memory.subarray(70, 99)),
    ]) {
      t.equal(Object.getPrototypeOf(result), Uint8Array.prototype, name);
    }
    const point = backend.sharedPoint(view, backend.publicKeyOf(memory.subarray(5, 37)));
    t.equal(point?.length, 32);
  }
});

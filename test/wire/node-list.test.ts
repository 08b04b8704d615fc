import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { concat } from '../../src/base/index.ts';
import type { PublicKey } from '../../src/crypto/index.ts';
import { type ListedNode, nodeList } from '../../src/wire/index.ts';
import { hostile } from '../support/hostile.ts';
import { hex, vectors } from '../support/vectors.ts';

const { versions } = vectors<{ versions: { list: number[]; np: string }[] }>('dht');
const key = (fill: number): PublicKey => new Uint8Array(32).fill(fill) as PublicKey;
const nodes = fc.array(
  fc.record(
    {
      key: fc.integer({ min: 1, max: 255 }).map(key),
      label: fc.bigInt(0n, 2n ** 64n - 1n),
      protocol: fc.oneof(
        fc.nat(30),
        fc.constantFrom(254, 255, 65534, 65535, 0xff_fffe, 0xff_ffff),
        fc.nat(0xffff_ffff),
      ),
    },
    { noNullPrototype: true },
  ),
  { minLength: 1, maxLength: 20 },
);
const np = (list: readonly ListedNode[]): Uint8Array => nodeList.emitVersions(list.map(({ protocol }) => protocol));

t.test('the vectors of stock nodes', async (t) => {
  for (const vector of versions) {
    t.same(nodeList.parseVersions(hex(vector.np)), vector.list);
    t.same(nodeList.emitVersions(vector.list), hex(vector.np));
  }
});

t.test('the width grows one before it must, up to 4', async (t) => {
  const widths = [254, 255, 65534, 65535, 0xff_fffe, 0xff_ffff, 0xffff_ffff].map(
    (version) => nodeList.emitVersions([version])[0],
  );
  t.same(widths, [1, 2, 2, 3, 3, 4, 4]);
});

t.test('what was written is read back', async (t) => {
  fc.assert(fc.property(nodes, (list) => assert.deepEqual(nodeList.parse(nodeList.emitNodes(list), np(list)), list)));
  t.pass();
});

t.test('lists that do not fit together are refused', async (t) => {
  const two = concat(new Uint8Array(40).fill(1), new Uint8Array(40).fill(2));
  t.equal(nodeList.parse(two, hex('011415'))?.length, 2);
  const refused = ['', '01', '0114', '01141516', '00', '001415', '021415', '0200140015ff', '050000000014', 'ff'];
  for (const text of refused) t.equal(nodeList.parse(two, hex(text)), null, text);
  for (const length of [0, 39, 41, 79])
    t.equal(nodeList.parse(two.subarray(0, length), hex('0114')), null, `${length}`);
  t.equal(nodeList.parse(new Uint8Array(0), hex('01')), null);
});

t.test('an entry with the zero key is left out, the others keep their versions', async (t) => {
  const n = concat(new Uint8Array(40), nodeList.emitNodes([{ key: key(7), label: 0x13n, protocol: 0 }]));
  t.same(nodeList.parse(n, hex('011516')), [{ key: key(7), label: 0x13n, protocol: 0x16 }]);
});

t.test('survives hostile input', async (t) => {
  const n = new Uint8Array(80).fill(1);
  t.ok(hostile((bytes) => nodeList.parse(bytes, hex('011415')), [n]).refused > 0);
  t.ok(hostile((bytes) => nodeList.parse(n, bytes), [hex('011415'), hex('0300001400ffff')]).refused > 0);
  t.ok(hostile(nodeList.parseVersions, [hex('04000000140000ffff')]).refused > 0);
});

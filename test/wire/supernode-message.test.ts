import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { utf8 } from '../../src/base/index.ts';
import { asPublicKey } from '../../src/crypto/index.ts';
import { supernodeMessage } from '../../src/wire/index.ts';

const plain = { noNullPrototype: true } as const;
const bytes = (maxLength: number) => fc.uint8Array({ maxLength });
const common = {
  txid: bytes(64),
  protocol: fc.nat(),
  scheme: fc.option(bytes(16)),
  formNumber: fc.nat(255),
};
const node = fc.record(
  {
    key: fc
      .uint8Array({ minLength: 32, maxLength: 32 })
      .map((one) => asPublicKey(one))
      .filter((key) => key !== null),
    label: fc.bigInt(0n, 2n ** 64n - 1n),
    protocol: fc.nat(1_000),
  },
  plain,
);
const query = fc.record(
  {
    kind: fc.constant('query' as const),
    query: fc.constantFrom('pn', 'gr', 'ann'),
    source: fc.option(bytes(16)),
    target: fc.option(bytes(16)),
    announcement: fc.option(bytes(900)),
    ...common,
  },
  plain,
);
const reply = fc.record(
  {
    kind: fc.constant('reply' as const),
    receivedMs: fc.option(fc.maxSafeNat()),
    stateHash: fc.option(bytes(64)),
    nodes: fc.array(node, { maxLength: 3 }),
    ...common,
  },
  plain,
);

t.test('what was written is read back', async () => {
  fc.assert(
    fc.property(fc.oneof(query, reply), (message) => {
      assert.deepEqual(supernodeMessage.parse(supernodeMessage.emit(message)), message);
    }),
  );
});

t.test('any bytes give a message or null', async () => {
  fc.assert(fc.property(bytes(300), (any) => void supernodeMessage.parse(any)));
});

t.test('a question for routers, a negative time and a broken list are not taken for more than they are', async (t) => {
  t.equal(supernodeMessage.parse(utf8('d2:eii0e1:pi20e1:q2:pn4:txid1:0e')), null);
  t.match(supernodeMessage.parse(utf8('d2:eii0e1:pi20e8:recvTimei-1e4:txid1:1e')), { receivedMs: null });
  t.match(supernodeMessage.parse(utf8('d2:eii0e1:n3:abc2:np2:\x01\x141:pi20e4:txid1:1e')), { nodes: [] });
  t.match(supernodeMessage.parse(utf8('d2:eii0e1:pi20e2:sq2:pn4:txid1:1e')), { kind: 'query', query: 'pn' });
});

import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { type Bencode, emitBencode, latin1, parseBencode, toBencodeMap, utf8 } from '../../src/base/index.ts';
import type { PublicKey } from '../../src/crypto/index.ts';
import { type DhtMessage, dhtMessage } from '../../src/wire/index.ts';
import { hostile } from '../support/hostile.ts';
import { hex, vectors } from '../support/vectors.ts';

type Decoded = { ei: number; es: string; p: number; q?: string; tar?: string; txid: string; n?: string; np?: string };
type File = {
  nodes: { key: string; addr: string }[];
  made: { name: string; msg: string; decoded: Decoded }[];
  captured: Record<string, { message: string; decoded: Decoded }[]>;
};
const file = vectors<File>('dht');
const made = file.made.map(({ msg, decoded }) => ({ bytes: hex(msg), decoded }));
const captured = Object.values(file.captured).flatMap((list) =>
  list.map(({ message, decoded }) => ({ bytes: hex(message).subarray(4), decoded })),
);
const all = [...made, ...captured];
const plainHex = (text: string | undefined): Uint8Array => hex(text?.replace('hex:', '') ?? '');

t.test('every message of stock nodes is read', async (t) => {
  for (const { bytes, decoded } of all) {
    const message = dhtMessage.parse(bytes) ?? assert.fail('refused');
    t.match(message, {
      protocol: decoded.p,
      formNumber: decoded.ei,
      scheme: hex('6114458100'),
      txid: plainHex(decoded.txid),
    });
    t.equal(message.kind, decoded.q === undefined ? 'reply' : 'query');
    if (message.kind === 'query') {
      t.equal(message.query, decoded.q);
      t.same(message.target, decoded.tar === undefined ? null : plainHex(decoded.tar));
    }
    if (message.kind === 'reply') t.equal(message.nodes.length, plainHex(decoded.n).length / 40);
  }
});

t.test('every message of stock nodes is written with the same content', async (t) => {
  for (const { bytes } of all) {
    const again = dhtMessage.emit(dhtMessage.parse(bytes) ?? assert.fail('refused'));
    t.same(parseBencode(again)?.value, parseBencode(bytes)?.value);
    t.equal(latin1(again).slice(0, 4), 'd2:e', 'without padding');
  }
});

t.test('the nodes of a stock reply', async (t) => {
  const message = dhtMessage.parse(made[0]?.bytes ?? new Uint8Array(0));
  t.match(message, {
    kind: 'reply',
    dnd: false,
    nodes: [
      { key: hex(file.nodes[0]?.key ?? ''), label: 0x13n, protocol: 20 },
      { key: hex(file.nodes[1]?.key ?? ''), label: 0x15n, protocol: 21 },
      { key: hex(file.nodes[2]?.key ?? ''), label: 0x9en, protocol: 22 },
    ],
  });
});

const plain = { noNullPrototype: true } as const;
const common = {
  txid: fc.uint8Array({ maxLength: 64 }),
  protocol: fc.nat(0xffff_ffff),
  scheme: fc.option(fc.uint8Array({ maxLength: 16 })),
  formNumber: fc.nat(255),
};
const query = fc.oneof(fc.constantFrom('pn', 'fn', 'gp', 'nh'), fc.uint8Array({ maxLength: 8 }).map(latin1));
const node = fc.record(
  {
    key: fc.integer({ min: 1, max: 255 }).map((fill) => new Uint8Array(32).fill(fill) as PublicKey),
    label: fc.bigInt(0n, 2n ** 64n - 1n),
    protocol: fc.nat(0xffff_ffff),
  },
  plain,
);
const messages: fc.Arbitrary<DhtMessage> = fc.oneof(
  fc.record(
    { kind: fc.constant('query' as const), query, target: fc.option(fc.uint8Array({ maxLength: 20 })), ...common },
    plain,
  ),
  fc.record({ kind: fc.constant('supernodeQuery' as const), query, ...common }, plain),
  fc.record(
    { kind: fc.constant('reply' as const), nodes: fc.array(node, { maxLength: 8 }), dnd: fc.boolean(), ...common },
    plain,
  ),
);

t.test('what was written is read back', async (t) => {
  fc.assert(fc.property(messages, (message) => assert.deepEqual(dhtMessage.parse(dhtMessage.emit(message)), message)));
  t.pass();
});

const GOOD = { ei: 0, p: 20, txid: 'abc' };
const parse = (fields: Record<string, Bencode | string | number | null>): DhtMessage | null =>
  dhtMessage.parse(emitBencode(toBencodeMap(fields)));

t.test('a message without txid, p or ei, or with one of another type or size, is discarded', async (t) => {
  t.ok(parse(GOOD));
  for (const name of ['ei', 'p', 'txid']) {
    t.equal(parse({ ...GOOD, [name]: null }), null, `no ${name}`);
    t.equal(parse({ ...GOOD, [name]: [] }), null, `${name} is a list`);
  }
  t.equal(parse({ ...GOOD, p: '20' }), null);
  t.equal(parse({ ...GOOD, txid: 7 }), null);
  for (const value of [-1, 2 ** 32]) t.equal(parse({ ...GOOD, p: value }), null, `p ${value}`);
  for (const value of [-1, 256]) t.equal(parse({ ...GOOD, ei: value }), null, `ei ${value}`);
});

t.test('a transaction id has 64 bytes at most', async (t) => {
  t.ok(parse({ ...GOOD, txid: 'x'.repeat(64) }));
  t.equal(parse({ ...GOOD, txid: 'x'.repeat(65) }), null);
});

t.test('what is no dictionary is discarded', async (t) => {
  for (const text of ['', 'i1e', 'le', '2:ab', 'de', 'd', 'd2:eii0e'])
    t.equal(dhtMessage.parse(utf8(text)), null, text);
});

t.test('a node list that does not fit is ignored, the message is not', async (t) => {
  const n = new Uint8Array(80).fill(1);
  t.match(parse({ ...GOOD, n, np: hex('011415') }), { kind: 'reply', nodes: { length: 2 } });
  const lists = [
    { n },
    { np: hex('011415') },
    { n, np: hex('0114') },
    { n: hex('00'), np: hex('0114') },
    { n: 5, np: hex('0114') },
  ];
  for (const list of lists) t.match(parse({ ...GOOD, ...list }), { kind: 'reply', nodes: { length: 0 } });
});

t.test('dnd is 1 or not set', async (t) => {
  t.match(parse({ ...GOOD, dnd: 1 }), { dnd: true });
  for (const dnd of [0, 2, 'yes']) t.match(parse({ ...GOOD, dnd }), { dnd: false });
});

t.test('unknown keys, unknown queries and bytes behind the dictionary do no harm', async (t) => {
  t.match(parse({ ...GOOD, q: '\u00ff?', v: 'old', pes: 1, error: 'x' }), {
    kind: 'query',
    query: '\u00c3\u00bf?',
    target: null,
  });
  const bytes = emitBencode(toBencodeMap({ ...GOOD, q: 'pn' }));
  t.same(dhtMessage.parse(Uint8Array.of(...bytes, 1, 2, 3)), dhtMessage.parse(bytes));
});

t.test('a supernode query is one even with a q beside it', async (t) => {
  t.match(parse({ ...GOOD, q: 'sq', sq: 'gr' }), { kind: 'supernodeQuery', query: 'gr' });
  t.match(parse({ ...GOOD, sq: 'pn' }), { kind: 'supernodeQuery', query: 'pn' });
});

t.test('an oversize message is discarded', async (t) => {
  t.ok(parse({ ...GOOD, v: 'x'.repeat(4000) }));
  t.equal(parse({ ...GOOD, v: 'x'.repeat(4096) }), null);
});

t.test('the text for people is short, whatever was sent', async (t) => {
  const text = (fields: Record<string, string>): string => {
    const message = parse({ ...GOOD, ...fields });
    return message ? dhtMessage.format(message) : '';
  };
  t.equal(text({}), 'reply 0 nodes v20');
  t.equal(text({ q: 'fn' }), 'query "fn" v20');
  t.equal(text({ sq: '\x1b[31m\nlong long long' }), 'supernodeQuery "\\u001b[31m\\nlo" v20');
});

t.test('survives hostile input', async (t) => {
  const samples = [made[0], made[3], made[5]].map((message) => message?.bytes ?? new Uint8Array(0));
  t.ok(hostile(dhtMessage.parse, samples).refused > 0);
});

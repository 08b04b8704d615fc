import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { BENCODE_LIMITS, type Bencode, emitBencode, latin1, parseBencode, utf8 } from '../../src/base/index.ts';
import { hostile } from '../support/hostile.ts';
import { hex, vectors } from '../support/vectors.ts';

const parseText = (text: string): Bencode | null => parseBencode(utf8(text))?.value ?? null;
/** The same bytes, and how often one of them was looked at. */
function watched(bytes: Uint8Array): { readonly bytes: Uint8Array; readonly looks: () => number } {
  let looks = 0;
  const get = (target: Uint8Array, name: string | symbol): unknown => {
    looks++;
    const value: unknown = Reflect.get(target, name, target);
    return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
  };
  return { bytes: new Proxy(bytes, { get }), looks: () => looks };
}

const key = fc.uint8Array({ maxLength: 6 }).map(latin1);
const { value: anyValue } = fc.letrec<{ value: Bencode }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.bigInt(-(2n ** 63n), 2n ** 64n - 1n),
    fc.uint8Array({ maxLength: 20 }),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.array(fc.tuple(key, tie('value')), { maxLength: 5 }).map((entries) => new Map(entries)),
  ),
}));

t.test('router messages of stock nodes, padded lengths included', async (t) => {
  type Message = { msg: string; decoded: Record<string, number | string> };
  for (const { msg, decoded } of vectors<{ made: Message[] }>('dht').made) {
    const parsed = parseBencode(hex(msg));
    t.equal(parsed?.length, hex(msg).length);
    const map = parsed?.value as ReadonlyMap<string, Bencode>;
    t.same([...map.keys()].sort(), Object.keys(decoded).sort());
    for (const [name, expected] of Object.entries(decoded)) {
      const value = map.get(name);
      if (typeof expected === 'number') t.equal(value, BigInt(expected), name);
      else if (expected.startsWith('hex:')) t.same(value, hex(expected.slice(4)), name);
      else t.same(value, utf8(expected), name);
    }
  }
});

t.test('an admin message of a stock tool is written back unchanged', async (t) => {
  const { finalMessage } = vectors<{ finalMessage: string }>('admin');
  t.equal(latin1(emitBencode(parseText(finalMessage) ?? 0n)), finalMessage);
});

t.test('what was written is read back', async (t) => {
  fc.assert(
    fc.property(anyValue, (value) => {
      const bytes = emitBencode(value);
      assert.deepEqual(parseBencode(bytes), { value, length: bytes.length });
    }),
  );
  t.pass();
});

t.test('what is accepted and written twice stays the same', async (t) => {
  fc.assert(
    fc.property(anyValue, fc.nat(), fc.nat(255), (value, at, byte) => {
      const bytes = emitBencode(value);
      bytes[at % bytes.length] = byte;
      const parsed = parseBencode(bytes);
      if (parsed === null) return;
      const again = emitBencode(parsed.value);
      assert.deepEqual(parseBencode(again)?.value, parsed.value);
    }),
  );
  t.pass();
});

t.test('keys are written in the order of their bytes, whatever the order of the map', async (t) => {
  const map = new Map([
    ['zz', 1n],
    ['\xff', 2n],
    ['a', 3n],
    ['', 4n],
  ]);
  t.equal(latin1(emitBencode(map)), 'd0:i4e1:ai3e2:zzi1e1:\xffi2ee');
});

t.test('a key with a character that is no byte is a mistake of the programmer', async (t) => {
  t.throws(() => emitBencode(new Map([['€', 1n]])), { code: 'ERR_BENCODE_KEY' });
});

t.test('bytes behind the value are left to the caller', async (t) => {
  t.same(parseBencode(utf8('i1egarbage')), { value: 1n, length: 3 });
});

t.test('keys may come in any order, lengths may be padded', async (t) => {
  const map = parseText('d000000002:bbi1e1:ai2ee');
  t.same(map, new Map([['bb', 1n] as const, ['a', 2n] as const]));
});

t.test('integers have one form only, and 20 digits at most', async (t) => {
  t.equal(parseText('i0e'), 0n);
  t.equal(parseText('i-7e'), -7n);
  t.equal(parseText('i18446744073709551615e'), 2n ** 64n - 1n);
  const refused = ['i-0e', 'i007e', 'i-07e', 'ie', 'i-e', 'i--1e', 'i+1e', 'i1', 'i', 'i1.5e', 'i1 e', 'iabce'];
  for (const text of [...refused, 'i123456789012345678901e']) t.equal(parseText(text), null, text);
});

t.test('truncated and malformed strings are refused', async (t) => {
  for (const text of ['5:ab', '5', '5:', ':', '-1:a', '1a:b', '', 'x']) t.equal(parseText(text), null, text);
  t.equal(parseText('10000000:abc'), null);
  t.equal(parseText('9999999999999999:abc'), null);
  t.equal(parseText(`${'0'.repeat(16)}1:a`), null);
  t.same(parseText('0000000000000001:a'), utf8('a'));
});

t.test('unfinished lists and dictionaries, odd keys and duplicate keys are refused', async (t) => {
  const refused = ['l', 'li1e', 'd', 'd1:a', 'd1:ai1e', 'di1ei2ee', 'd1:ae', 'dle', 'd1:ai1e1:ai2ee', 'lx'];
  for (const text of refused) t.equal(parseText(text), null, text);
});

t.test('a key named __proto__ is a key, and no prototype changes', async (t) => {
  const map = parseText('d9:__proto__d8:pollutedi1eee');
  t.ok(map instanceof Map && map.has('__proto__'));
  t.equal(({} as Record<string, unknown>).polluted, undefined);
  t.equal(latin1(emitBencode(map as Bencode)), 'd9:__proto__d8:pollutedi1eee');
});

t.test('bombs are refused after a few looks at each byte', async (t) => {
  const bombs = [
    utf8('l'.repeat(200_000)),
    utf8('l'.repeat(30_000)),
    utf8('d0:'.repeat(20_000)),
    utf8('0'.repeat(60_000)),
    utf8(`l${'i1e'.repeat(20_000)}e`),
    utf8(`d${'0:'.repeat(30_000)}e`),
    utf8(`10000000:${'x'.repeat(10_000_000)}`),
  ];
  for (const [index, bomb] of bombs.entries()) {
    const { bytes, looks } = watched(bomb);
    t.equal(parseBencode(bytes), null);
    t.ok(looks() < 4 * BENCODE_LIMITS.maxBytes, `bomb ${index}: ${looks()} looks at ${bomb.length} bytes`);
  }
  // The measure can fail: what is read to its end is looked at as often as it is long.
  const { bytes, looks } = watched(utf8('i1e'.repeat(100)));
  parseBencode(bytes);
  t.ok(looks() >= 3);
});

t.test('each limit is kept exactly', async (t) => {
  const limits = { maxDepth: 2, maxItems: 4, maxBytes: 12 };
  const accepts = (text: string): boolean => parseBencode(utf8(text), limits) !== null;
  t.ok(accepts('llee'));
  t.notOk(accepts('llleee'));
  t.ok(accepts('li1ei2ei3ee'));
  t.notOk(accepts('l0:0:0:0:e'));
  t.ok(accepts('d0:0:e'));
  t.notOk(accepts('d0:0:1:a0:e'));
  t.ok(accepts('9:xxxxxxxxx'), '11 bytes');
  t.ok(accepts('i1e012345678'), '12 bytes');
  t.notOk(accepts('i1e0123456789'), '13 bytes');
});

t.test('survives hostile input', async (t) => {
  const samples = ['d1:ai1e1:bl1:xi-5eee', '0003:abc', 'i-12e', 'ld0:leee'].map(utf8);
  const { refused } = hostile((bytes) => parseBencode(bytes), samples);
  t.ok(refused > 0);
});

import t from 'tap';
import {
  asList,
  asMap,
  type Bencode,
  emitBencode,
  getBytes,
  getInt,
  getList,
  getMap,
  getNumber,
  getText,
  latin1,
  toBencodeMap,
  utf8,
} from '../../src/base/index.ts';

const inner = new Map<string, Bencode>([['x', 1n]]);
const map = new Map<string, Bencode>([
  ['int', 7n],
  ['text', utf8('pä')],
  ['bytes', Uint8Array.of(0xff)],
  ['list', [1n]],
  ['map', inner],
]);

t.test('a field of the right type is given', async (t) => {
  t.equal(getInt(map, 'int'), 7n);
  t.same(getBytes(map, 'bytes'), Uint8Array.of(0xff));
  t.equal(getText(map, 'text'), 'pä');
  t.equal(getMap(map, 'map'), inner);
  t.same(getList(map, 'list'), [1n]);
});

t.test('missing fields and other types are null', async (t) => {
  for (const get of [getInt, getBytes, getText, getMap, getList]) t.equal(get(map, 'none'), null);
  t.equal(getInt(map, 'text'), null);
  t.equal(getBytes(map, 'int'), null);
  t.equal(getMap(map, 'list'), null);
  t.equal(getList(map, 'map'), null);
  t.equal(asMap(undefined), null);
  t.equal(asList(null), null);
});

t.test('text that is not UTF-8 is null', async (t) => {
  t.equal(getText(map, 'bytes'), null);
});

t.test('numbers are given within their bounds only', async (t) => {
  t.equal(getNumber(map, 'int', 7, 7), 7);
  t.equal(getNumber(map, 'int', 8, 9), null);
  t.equal(getNumber(map, 'int', 0, 6), null);
  t.equal(getNumber(map, 'text', 0, 9), null);
});

t.test('plain fields become a dictionary, unknown values are left out', async (t) => {
  const made = toBencodeMap({ n: 5, s: 'ä', b: Uint8Array.of(1), i: 9n, l: [1n], none: null, gone: undefined });
  t.equal(latin1(emitBencode(made)), 'd1:b1:\x011:ii9e1:lli1ee1:ni5e1:s2:\xc3\xa4e');
});

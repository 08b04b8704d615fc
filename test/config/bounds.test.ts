import assert from 'node:assert/strict';
import t from 'tap';
import { Lexer, stringify } from 'yaml';
import {
  formatProblem,
  loadConfig,
  parseInvitation,
  readReloadable,
  renderReloadable,
} from '../../src/config/index.ts';
import { MAX_VALUES, MAX_WORDS } from '../../src/config/limits.ts';
import { KEY_TEXT } from '../admin/fake-node.ts';
import { revealed } from '../support/revealed.ts';
import { type Work, workOf } from '../support/work.ts';
import { importStock } from './readers.ts';

const PRIVATE = '1f441c3227790658566d4d01cbac17c8e1d153c6017df52e44e315ae38ea41ff';
const IDENTITY = `identity: {privateKey: ${PRIVATE}}\n`;
const READERS = new URL('./readers.ts', import.meta.url);

/** Texts of about `bytes` bytes that are all of one kind, for people who look for the kind that is dear. */
type Kinds = Readonly<Record<string, (bytes: number) => string>>;
const KINDS: Kinds = {
  'unknown keys': (bytes) => many(bytes, (index) => `k${index}: 1\n`),
  'unknown keys of a section': (bytes) => `${IDENTITY}tun:\n${many(bytes, (index) => `  k${index}: 1\n`)}`,
  'one key again and again': (bytes) => many(bytes, () => 'user: a\n'),
  'a map in one line': (bytes) => `{${many(bytes, (index) => `k${index}: 1, `)}}`,
  'entries with mistakes': (bytes) => `${IDENTITY}peers:\n${many(bytes, () => '  - endpont: x\n')}`,
  users: (bytes) => `${IDENTITY}accept:\n${many(bytes, (index) => `  - {login: u${index}, password: x}\n`)}`,
  'syntax errors': (bytes) => many(bytes, () => 'a: b: c\n'),
  brackets: (bytes) => `a: ${']'.repeat(bytes)}`,
  commas: (bytes) => `a: [${','.repeat(bytes)}]`,
  tabs: (bytes) => `a:\n${'\tb: 1\n'.repeat(bytes / 6)}`,
  'control characters': (bytes) => `a: ${'\u0001\n'.repeat(bytes / 2)}`,
  anchors: (bytes) => `a:\n${many(bytes, (index) => ` - &a${index} x\n - *a${index}\n`)}`,
  documents: (bytes) => '---\na: b\n'.repeat(bytes / 9),
  directives: (bytes) => '%TAG ! x\n'.repeat(bytes / 9),
  comments: (bytes) => `a:\n${' # hello\n'.repeat(bytes / 9)}  b: 1\n`,
  'empty lines': (bytes) => `a: x\n${'\n'.repeat(bytes)}`,
  'a long word': (bytes) => `a: ${'x'.repeat(bytes)}`,
  'a long text in quotes': (bytes) => `a: "${'x\\n'.repeat(bytes / 3)}"`,
  'a text over many lines': (bytes) => `a: ${'x\n '.repeat(bytes / 3)}`,
  'a block of text': (bytes) => `a: |\n${' hello\n'.repeat(bytes / 7)}`,
  tags: (bytes) => `a: ${'!x '.repeat(bytes / 3)}`,
  'blanks at the end': (bytes) => `a: x${' '.repeat(bytes)}`,
  stairs: (bytes) => many(bytes, (index) => `${' '.repeat(index % 100)}a:\n`),
};

function many(bytes: number, line: (index: number) => string): string {
  let text = '';
  for (let index = 0; text.length < bytes; index++) text += line(index);
  return text;
}

/** Of twice the text at most 2.6 times the work: what a thing costs may grow a little, its number must not be squared. */
function isLinear(test: { readonly ok: typeof t.ok }, name: string, kinds: Kinds, bytes: number): void {
  const calls = Object.values(kinds).flatMap((textOf): Work[] => {
    return [bytes, 2 * bytes].map((size) => ({ module: READERS, name, text: textOf(size) }));
  });
  const counts = workOf(calls);
  Object.keys(kinds).forEach((kind, index) => {
    const [once = 0, twice = 0] = counts.slice(2 * index, 2 * index + 2);
    test.ok(once > 0 && twice <= 2.6 * once + 10_000, `${kind}: ${once} blocks, ${twice} for twice the text`);
  });
}

// Each block is counted, which takes long where the machine has much else to do.
t.setTimeout(300_000);

t.test('twice the configuration is at most twice the work, whatever it is made of', async (t) => {
  isLinear(t, 'loadConfig', KINDS, 6_000);
});

t.test('a megabyte costs a few blocks a byte, also of what is not cut off by the number of words', async (t) => {
  const long = [
    'unknown keys',
    'brackets',
    'comments',
    'a long word',
    'a long text in quotes',
    'a text over many lines',
  ];
  const kinds = Object.entries(KINDS).filter(([kind]) => long.includes(kind));
  const counts = workOf(
    kinds.map(([, textOf]): Work => ({ module: READERS, name: 'loadConfig', text: textOf(1_000_000) })),
  );
  for (const [index, [kind]] of kinds.entries()) {
    t.ok((counts[index] ?? Number.NaN) < 5_000_000, `${kind}: ${counts[index]} blocks`);
  }
});

const JSON_KINDS: Kinds = {
  'unknown keys': (bytes) => `{${many(bytes, (index) => `"k${index}":1,`)}"x":1}`,
  'entries with mistakes': (bytes) => `{"peers":[${many(bytes, () => '{"x":1},')}{}]}`,
  'entries that are none': (bytes) => `{"peers":[${many(bytes, () => '[1],')}{}]}`,
  'one key again and again': (bytes) => `{${many(bytes, () => '"user":"a",')}"x":1}`,
  'one text': (bytes) => `{"user":"${'x'.repeat(bytes)}"}`,
  brackets: (bytes) => '['.repeat(bytes),
  passwords: (bytes) => `{"peers":[${many(bytes, () => '{"password":"x"},')}{}]}`,
};

const CUT_KINDS: Kinds = {
  'lines of passwords': (bytes) => many(bytes, () => 'password: x\n'),
  'passwords in one line': (bytes) => `{${many(bytes, () => 'password: x, ')}`,
  'passwords in quotes': (bytes) => many(bytes, () => `password: 'x' `),
  'names without an end': (bytes) => many(bytes, () => 'password: "'),
  comments: (bytes) => `#${many(bytes, () => ' password: x')}`,
  blanks: (bytes) => many(bytes, () => `password:${' '.repeat(50)}`),
};

t.test('passwords are cut out in linear time, also of one long line', async (t) => {
  isLinear(t, 'cut', CUT_KINDS, 100_000);
});

t.test('what comes over the admin port is read without the library, and bounded before', async (t) => {
  isLinear(t, 'readReloadable', JSON_KINDS, 6_000);
  const kinds = Object.entries(JSON_KINDS);
  const counts = workOf(
    kinds.map(([, textOf]): Work => ({ module: READERS, name: 'readReloadable', text: textOf(1_000_000) })),
  );
  for (const [index, [kind]] of kinds.entries()) {
    t.ok((counts[index] ?? Number.NaN) < 1_000_000, `${kind}: ${counts[index]} blocks`);
  }
  const refused: readonly [text: string, message: RegExp][] = [
    ['identity: {privateKeyFile: k}', /is not the JSON/],
    [`[${'1,'.repeat(MAX_VALUES)}1]`, /holds more than 16384 values/],
    ['['.repeat(51), /is nested too deeply/],
    [`"${'x'.repeat(1024 * 1024)}"`, /is larger than 1 MB/],
    ['null', /must be a map/],
    ['{"__proto__": {"x": 1}}', /unknown key "__proto__"/],
    ['{"user": null}', /user: has no value/],
  ];
  for (const [text, message] of refused) {
    const read = readReloadable(Buffer.from(text));
    assert(!read.ok);
    t.match(read.problems.map((problem) => formatProblem(problem, 'f')).join('\n'), message);
  }
});

const STOCK = `"privateKey": "${PRIVATE}"`;
const STOCK_KINDS: Kinds = {
  users: (bytes) =>
    `{${STOCK}, "authorizedPasswords": [${many(bytes, (index) => `{"password":"p","user":"u${index}"}`)}]}`,
  'the same user again': (bytes) =>
    `{${STOCK}, "authorizedPasswords": [${many(bytes, () => '{"password":"p","user":"u"}')}]}`,
  'users without password': (bytes) => `{${STOCK}, "authorizedPasswords": [${many(bytes, () => '{"user":"u"}')}]}`,
  sockets: (bytes) =>
    `{${STOCK}, "interfaces": {"UDPInterface": [${many(bytes, (index) => `{"bind":"0.0.0.0:${1 + (index % 65_000)}"}`)}]}}`,
  'sockets that are none': (bytes) =>
    `{${STOCK}, "interfaces": {"UDPInterface": [${many(bytes, (index) => `{"bind":"x${index}"}`)}]}}`,
  peers: (bytes) =>
    `{${STOCK}, "interfaces": {"UDPInterface": {"connectTo": {${many(bytes, (index) => `"192.0.2.1:${index + 1}":{"password":"p","publicKey":"${KEY_TEXT}"}`)}}}}}`,
  supernodes: (bytes) => `{${STOCK}, "router": {"supernodes": [${many(bytes, (index) => `"x${index}"`)}]}}`,
  'unknown keys': (bytes) => `{${STOCK}, ${many(bytes, (index) => `"k${index}": 1`)}}`,
  comments: (bytes) => `{${STOCK}, ${'/* */'.repeat(bytes / 5)}}`,
  commas: (bytes) => `{${STOCK} ${','.repeat(bytes)}}`,
  texts: (bytes) => `{${STOCK}, "x": "${'\\n'.repeat(bytes / 2)}"}`,
};

t.test('importing twice as much is at most twice the work', async (t) => {
  isLinear(t, 'importStock', STOCK_KINDS, 4_000);
});

t.test('joining twice as many is at most twice the work, and a list longer than 64 KB is refused unread', async (t) => {
  const peers = (bytes: number) =>
    many(bytes, (index) => `"192.0.2.1:${index + 1}":{"password":"p","publicKey":"${KEY_TEXT}"}`);
  isLinear(t, 'joinWith', { peers }, 4_000);
  t.match(parseInvitation(peers(70_000)), { ok: false, reason: /larger than 64 KB/ });
});

t.test('an import larger than a list may be takes the first entries, and says so', async (t) => {
  const entries = Array.from({ length: 1030 }, (_, index) => `{"password":"p","user":"u${index}"}`);
  const imported = importStock(
    `{${STOCK}, "authorizedPasswords": [${entries.join()}, ${entries[0]}, ${'{}'.repeat(300)}]}`,
  );
  assert(imported.ok);
  t.equal(configOf(imported.text).accept.length, 1024);
  t.match(imported.remarks.join('\n'), /only the first 1024 of 1030 are taken over/);
  t.match(imported.remarks.at(-1), /^\.\.\. and \d+ more$/);
  t.equal(imported.remarks.length, 101);
});

t.test('each bound is kept exactly, and told with its place', async (t) => {
  const words = [...new Lexer().lex(IDENTITY)].length;
  // A line end is a word where a comment stands before it.
  const ends = (count: number) => `${'#\n'.repeat(count / 2)}${count % 2 === 0 ? '' : '#'}`;
  const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
  const cases: readonly [good: string, bad: string, expected: string | RegExp][] = [
    [
      IDENTITY + ends(MAX_WORDS - words),
      IDENTITY + ends(MAX_WORDS - words + 1),
      /^\d+:1: the file holds more than 100000 words, brackets, colons and line ends$/,
    ],
    [
      `${IDENTITY}tun: {mtu: ${nested(47)}}`,
      `${IDENTITY}tun: {mtu: ${nested(48)}}`,
      /^2:\d+: the file is nested too deeply$/,
    ],
    [
      `${IDENTITY}tun: {${'k: 1, '.repeat(63)}mtu: 1304}`,
      `${IDENTITY}tun: {${'k: 1, '.repeat(64)}mtu: 1304}`,
      '2:391: tun: has more than 64 keys',
    ],
    [lists(1024), lists(1025), '3:1: accept: has more than 1024 entries'],
  ];
  for (const [good, bad, expected] of cases) {
    const about = /more than|deeply/;
    t.notMatch(problems(good).join('\n'), about);
    const found = problems(bad).filter((line) => about.test(line));
    t.match(found, [expected]);
  }
  t.equal(problems(`${IDENTITY}peers:\n${'  - x\n'.repeat(1000)}`).length, 200, 'no more mistakes than anybody reads');
});

t.test('all the peers and users that are allowed fit, as YAML, as JSON, and on the way to the daemon', async (t) => {
  const peer = (index: number) => {
    const [endpoint, name] = [`udp://[2001:db8:1234:5678:9abc:def0:1234:5678]:${index + 1}`, `peer number ${index}`];
    return { endpoint, key: KEY_TEXT, login: `me at ${index}`, password: 'p'.repeat(64), name };
  };
  const user = (index: number) => ({ login: `user ${index}`, password: '["{,:'.repeat(12), name: `name ${index}` });
  const identity = { privateKeyFile: 'k' };
  const full = {
    identity,
    peers: Array.from({ length: 256 }, (_, index) => peer(index)),
    accept: Array.from({ length: 1024 }, (_, index) => user(index)),
  };
  for (const text of [JSON.stringify(full), JSON.stringify(full, null, 2), stringify(full)]) {
    const config = configOf(text);
    t.match([config.peers.length, config.accept.length], [256, 1024]);
    const read = readReloadable(Buffer.from(renderReloadable(config)));
    assert(read.ok);
    t.same(revealed([read.config.peers, read.config.accept]), revealed([config.peers, config.accept]));
  }
});

t.test('what is deep is refused where it becomes so, whatever it is made of', async (t) => {
  const steps = ['[', '{', '[a:', '{a: ', '[? ', '- ', '? ', ': ', 'a: ', '"a": ', '*a : ', '- ? ', '-\t', '- [', '[{'];
  for (const step of steps) {
    for (const end of ['', '\nb: 1\n', `${']'.repeat(20_000)}\nb: 1\n`]) {
      const found = problems(`x:\n  ${step.repeat(20_000)}y${end}`);
      t.match(found, [/^2:\d+: the file is nested too deeply$/], JSON.stringify(step));
    }
  }
  for (const step of ['a:', '-', '?', '- a:', 'a: &b']) {
    const stairs = many(400_000, (index) => `${' '.repeat(3 * index)}${step}\n`);
    t.match(problems(`${stairs}b: 1\n`), [/^\d\d?:\d+: the file is nested too deeply$/], JSON.stringify(step));
  }
});

t.test('brackets that open nothing do not count: in passwords, texts and comments', async (t) => {
  const users = Array.from({ length: 200 }, (_, index) => {
    const password = ['a[{[b', '"[[{"', "'{{{'", '"]"'][index % 4];
    return `  - login: u${index} # [[[\n    password: ${password}\n`;
  });
  t.equal(configOf(`${IDENTITY}accept:\n${users.join('')}`).accept.length, 200);
});

function configOf(text: string) {
  const loaded = loadConfig(text);
  assert(loaded.ok, loaded.ok ? '' : JSON.stringify(loaded.problems.slice(0, 3)));
  return loaded.config;
}

function problems(text: string): readonly string[] {
  const loaded = loadConfig(text);
  return loaded.ok ? [] : loaded.problems.map((problem) => formatProblem(problem, 'f').slice(2));
}

function lists(count: number): string {
  return `${IDENTITY}accept:\n${Array.from({ length: count }, (_, index) => `- {login: u${index}, password: x}\n`).join('')}`;
}

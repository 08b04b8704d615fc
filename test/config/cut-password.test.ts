import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { cutJson, cutYaml } from '../../src/config/cut-password.ts';
import { loadConfig, readConfigFile, readReloadable, renderReloadable } from '../../src/config/index.ts';
import { KEY_TEXT } from '../admin/fake-node.ts';
import { revealed } from '../support/revealed.ts';

const HEAD = 'identity: {privateKeyFile: k}\n';
const WORD = 'correct-horse9';

/** Forms in which a password is written as usual: none of it becomes text. */
const usual: readonly [name: string, text: string, password: string][] = [
  ['in a line of its own', `${HEAD}accept:\n  - login: a\n    password: ${WORD}\n`, WORD],
  ['first of an entry', `${HEAD}accept:\n- password: ${WORD}\n  login: a\n`, WORD],
  ['in brackets', `${HEAD}accept: [{login: a, password: ${WORD}}]\n`, WORD],
  ['in brackets, before others', `${HEAD}accept: [{password: ${WORD}, login: a}]\n`, WORD],
  ['in a line of its own within brackets', `${HEAD}accept: [\n  {login: a,\n   password: ${WORD}},\n]\n`, WORD],
  ['in double quotes', `${HEAD}accept:\n  - login: a\n    password: "${WORD} # x"  # note\n`, `${WORD} # x`],
  ['in single quotes', `${HEAD}accept: [{login: a, 'password': '${WORD}, "x"'}]\n`, `${WORD}, "x"`],
  ['with a comment', `${HEAD}accept:\n  - login: a\n    password: ${WORD}   # it is hers\n`, WORD],
  ['with commas and blanks', `${HEAD}accept:\n  - login: a\n    password: ${WORD}, b c}d\n`, `${WORD}, b c}d`],
  ['with a mark of a comment in it', `${HEAD}accept:\n  - login: a\n    password: ${WORD}#1\n`, `${WORD}#1`],
  ['with two escapes', `${HEAD}accept:\n  - login: a\n    password: "${WORD}\\"\\\\"\n`, `${WORD}"\\`],
  ['in other letters', `${HEAD}# ä€𝄞\naccept:\n  - login: ä\n    password: ä€𝄞${WORD}\n`, `ä€𝄞${WORD}`],
  ['with the line ends of Windows', `${HEAD}accept:\r\n  - login: a\r\n    password: ${WORD}\r\n`, WORD],
  ['at the end of the file', `${HEAD}accept:\n  - login: a\n    password: ${WORD}`, WORD],
  ['as JSON', `{"identity":{"privateKeyFile":"k"},"accept":[{"login":"a","password":"${WORD}"}]}`, WORD],
  [
    'beside an old one',
    `${HEAD}# password: ${WORD}0\n  #password: ${WORD}\naccept: [{login: a, password: ${WORD}}]\n`,
    WORD,
  ],
];
for (const [name, text, password] of usual) {
  t.test(`a password ${name} is read, and is no text`, async (t) => {
    const cut = cutYaml(Buffer.from(text));
    t.equal(cut.text.length, text.length, 'every place stays where it was');
    t.notMatch(cut.text, /horse/);
    const loaded = loadConfig(cut.text, cut.passwords);
    assert(loaded.ok, JSON.stringify(loaded));
    t.ok(cut.passwords.areTaken());
    t.equal(loaded.config.accept[0]?.password.revealText(), password);
    const plain = loadConfig(text);
    assert(plain.ok);
    t.same(revealed(loaded.config), revealed(plain.config));
    t.same([...loaded.places], [...plain.places]);
  });
}

/** What only looks like one, or is written in a way that is not seen: the text is read as it is. */
const unusual: readonly [name: string, text: string][] = [
  ['over two lines', `${HEAD}accept:\n  - login: a\n    password: ${WORD}\n     more\n`],
  ['in a block', `${HEAD}accept:\n  - login: a\n    password: >-\n      ${WORD}\n`],
  ['with an escape', `${HEAD}accept:\n  - login: a\n    password: "\\u0041${WORD}"\n`],
  ['with an apostrophe', `${HEAD}accept:\n  - login: a\n    password: 'it''s ${WORD}'\n`],
  ['with a tag', `${HEAD}accept:\n  - login: a\n    password: !!str ${WORD}\n`],
  ['in a name', `${HEAD}accept:\n  - login: "a, password: b"\n    password: ${WORD}\n`],
  ['in a name in brackets', `${HEAD}accept: [{login: 'a {password: b}', password: ${WORD}}]\n`],
  ['in a name over two lines', `${HEAD}accept:\n  - login: "a\n      password: b"\n    password: ${WORD}\n`],
];
for (const [name, text] of unusual) {
  t.test(`a password ${name} changes nothing`, async (t) => {
    const file = path.join(t.testdir({ k: `${'1'.repeat(63)}0` }), 'fcmesh.yaml');
    writeFileSync(file, text.replace('privateKeyFile: k', `privateKey: ${'1'.repeat(64)}`), { mode: 0o600 });
    const plain = loadConfig(text);
    assert(plain.ok, JSON.stringify(plain));
    t.same(revealed(readConfigFile(file).config.accept), revealed(plain.config.accept));
  });
}

t.test('mistakes are told as without it', async (t) => {
  const texts = [
    `${HEAD}accept:\n  - login: a\n    password: ${'x'.repeat(65)}\n`,
    `${HEAD}accept:\n  - login: a\n    password: b\n    password: c\n`,
    `${HEAD}accept:\n  - login: a\n    password: b: c\n`,
    `${HEAD}accept: [{login: a, password: b}, {login: a, password: c, nme: d}]\n`,
    `${HEAD}password: b\n`,
    `${HEAD}peers: [{password: b, endpoint: nonsense, key: k}]\n`,
  ];
  for (const text of texts) {
    const cut = cutYaml(Buffer.from(text));
    const loaded = loadConfig(cut.text, cut.passwords);
    const plain = loadConfig(text);
    assert(!plain.ok);
    t.same(cut.passwords.areTaken() ? loaded : plain, plain, text);
  }
});

t.test('whatever the passwords are, a reload brings them as they were, and no text has them', async (t) => {
  const word = fc.string({ minLength: 12, maxLength: 16, unit: 'grapheme' }).filter((text) => {
    const isOdd = /[\p{Cc}\u2028\u2029]|[\ud800-\udfff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/u.test(
      text,
    );
    return !isOdd && Buffer.byteLength(text) <= 64;
  });
  fc.assert(
    fc.property(word, word, (mine, theirs) => {
      const quotedMine = JSON.stringify(mine);
      const loaded = loadConfig(
        `${HEAD}peers: [{endpoint: "udp://a.example:1", key: ${KEY_TEXT}, password: ${quotedMine}}]\n` +
          `accept: [{login: '"password":"x"', password: ${JSON.stringify(theirs)}}]\nadmin: {password: ${quotedMine}}\n`,
      );
      assert(loaded.ok, JSON.stringify(loaded));
      const text = renderReloadable(loaded.config);
      const bytes = Buffer.from(text);
      assert(!cutJson(Buffer.from(text), 'mark').text.includes(JSON.stringify(theirs).slice(1, -1)));
      const read = readReloadable(bytes);
      assert(read.ok);
      assert(bytes.every((byte) => byte === 0));
      const { peers, accept, admin } = loaded.config;
      assert.deepEqual(
        revealed([read.config.peers, read.config.accept, read.config.admin]),
        revealed([peers, accept, admin]),
      );
    }),
  );
  t.pass();
});

t.test('any bytes are cut into a text, without an error', async (t) => {
  const part = fc.constantFrom(
    'password',
    'readonlyPassword',
    ': ',
    '"',
    "'",
    '\\',
    '#',
    '\n',
    ' ',
    '{',
    ',',
    '}',
    'ä',
    'x',
    '- ',
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 40 }), (parts) => {
      const text = parts.join('');
      assert.equal(cutYaml(Buffer.from(text)).text.length, text.length);
      cutJson(Buffer.from(text), 'mark');
    }),
  );
  fc.assert(fc.property(fc.uint8Array(), (bytes) => typeof cutYaml(Buffer.from(bytes)).text === 'string'));
  t.pass();
});

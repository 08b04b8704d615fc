import { chmodSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { cutKeys, keyFromDigits } from '../../src/config/cut-key.ts';
import { readConfigFile } from '../../src/config/index.ts';

const HEX = '1f441c3227790658566d4d01cbac17c8e1d153c6017df52e44e315ae38ea41ff';

const forms: readonly [name: string, text: string][] = [
  ['as init writes it', `identity:\n  privateKey: ${HEX}\n`],
  ['in capitals', `identity:\n  privateKey: ${HEX.toUpperCase()}\n`],
  ['in quotes', `identity: {privateKey: "${HEX}"}\n`],
  ['in other quotes', `identity:\n  'privateKey' : '${HEX}' # mine\n`],
  ['as JSON', `{"identity":{"privateKey":"${HEX}"}}`],
  [
    'beside an old one',
    `# privateKey: ${'0'.repeat(64)}\n#privateKey: ${'a'.repeat(64)}\nidentity:\n  privateKey: ${HEX}\n`,
  ],
  ['behind the mark of a text', `\ufeffidentity:\n  privateKey: ${HEX}\n`],
];
for (const [name, text] of forms) {
  t.test(`a key ${name} is the key of the node, and no text any more`, async (t) => {
    const file = path.join(t.testdir(), 'fcmesh.yaml');
    writeFileSync(file, text);
    chmodSync(file, 0o600);
    const read = readConfigFile(file);
    t.equal(read.privateKey.revealHex(), HEX);
    t.equal(read.config.identity.privateKey?.revealHex() === HEX, false);
    const bytes = Buffer.from(text);
    cutKeys(bytes);
    t.notMatch(bytes.toString().toLowerCase(), HEX);
    t.equal(bytes.length, Buffer.byteLength(text), 'every place stays where it was');
  });
}

t.test('a key in a form that is not seen is read as text, and so is a mistake', async (t) => {
  const file = path.join(t.testdir(), 'fcmesh.yaml');
  writeFileSync(file, `identity:\n  privateKey: >-\n    ${HEX}\n`, { mode: 0o600 });
  t.equal(readConfigFile(file).privateKey.revealHex(), HEX);
  writeFileSync(file, `identity:\n  privateKey: ${HEX}0\n`);
  t.throws(() => readConfigFile(file), { code: 'ERR_CONFIG', message: /:2:15: identity.privateKey/ });
});

t.test('a key of its own file is read without becoming text, with what people leave around it', async (t) => {
  const folder = t.testdir({ 'fcmesh.yaml': 'identity: {privateKeyFile: k}\n', k: `\ufeff` });
  const [file, key] = [path.join(folder, 'fcmesh.yaml'), path.join(folder, 'k')];
  chmodSync(file, 0o600);
  chmodSync(key, 0o600);
  for (const text of [HEX, `${HEX}\n`, ` \t${HEX.toUpperCase()}\r\n\n`]) {
    writeFileSync(key, text);
    t.equal(readConfigFile(file).privateKey.revealHex(), HEX);
  }
  for (const text of ['', '\n', HEX.slice(1), `${HEX}0`, `${HEX} ${HEX}`]) {
    writeFileSync(key, text);
    t.throws(() => readConfigFile(file), { code: 'ERR_KEY_FILE', message: /64 hex digits/ });
  }
});

t.test('digits are read as the rest of the program writes them, and nothing else is', async (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
      const hex = Buffer.from(bytes).toString('hex');
      return keyFromDigits(Buffer.from(hex))?.revealHex() === hex;
    }),
  );
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 64, maxLength: 64 }), (bytes) => {
      const isHex = /^[0-9a-fA-F]{64}$/.test(Buffer.from(bytes).toString('latin1'));
      return (keyFromDigits(bytes) !== null) === isHex;
    }),
  );
  t.pass();
});

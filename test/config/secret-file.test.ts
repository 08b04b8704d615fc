import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import {
  makePasswordFile,
  readConfigFile,
  readPasswordBeside,
  renderTemplate,
  writeConfigFile,
} from '../../src/config/index.ts';
import { revealed } from '../support/revealed.ts';

const PRIVATE = '1f441c3227790658566d4d01cbac17c8e1d153c6017df52e44e315ae38ea41ff';
const TEXT = renderTemplate({ privateKeyHex: PRIVATE, address: 'fc00::1', key: 'x.k' });

t.test('what init writes has a random admin password in a file of its own, and nothing to warn of', async (t) => {
  const made = ['a', 'b'].map((name) => {
    const file = path.join(t.testdir(), name, 'fcmesh.yaml');
    writeConfigFile(file, TEXT, false);
    const passwordFile = makePasswordFile(file);
    t.equal(statSync(passwordFile).mode & 0o007, 0);
    const { config } = readConfigFile(file);
    t.same(config.warnings, []);
    t.equal(revealed(readPasswordBeside(file)), revealed(config.admin.password));
    return revealed(config.admin.password);
  });
  t.match(made, [/^[0-9a-f]{32}$/, /^[0-9a-f]{32}$/]);
  t.not(made[0], made[1]);
});

t.test('a password that is there is kept', async (t) => {
  const file = path.join(t.testdir({ 'admin.password': 'mine\n' }), 'fcmesh.yaml');
  chmodSync(path.join(path.dirname(file), 'admin.password'), 0o640);
  writeConfigFile(file, TEXT, false);
  makePasswordFile(file);
  t.equal(readConfigFile(file).config.admin.password?.revealText(), 'mine');
});

t.test('a password file that is missing, open or no password is refused with a command that mends it', async (t) => {
  const folder = t.testdir();
  const [file, secret] = [path.join(folder, 'fcmesh.yaml'), path.join(folder, 'admin.password')];
  writeConfigFile(file, TEXT, false);
  const refused = { code: 'ERR_PASSWORD_FILE' };
  t.throws(() => readConfigFile(file), {
    ...refused,
    remedy: `Make one: sudo install -m 600 /proc/sys/kernel/random/uuid ${secret}`,
  });
  t.equal(readPasswordBeside(file), null);
  for (const text of ['', 'NONE\n', 'two\nlines', 'x'.repeat(65), 'x'.repeat(100_000)]) {
    writeFileSync(secret, text, { mode: 0o600 });
    t.throws(() => readConfigFile(file), { ...refused, message: /does not hold a password/ });
  }
  writeFileSync(secret, 'good');
  for (const mode of [0o604, 0o620, 0o666]) {
    chmodSync(secret, mode);
    t.throws(() => readConfigFile(file), { ...refused, message: /is open to other users/, remedy: /chmod 640/ });
  }
  chmodSync(secret, 0o640);
  t.equal(readConfigFile(file).config.admin.password?.revealText(), 'good');
});

t.test('a password and a file for it are one too many', async (t) => {
  const file = path.join(t.testdir({ p: 'x' }), 'fcmesh.yaml');
  writeConfigFile(file, `identity: {privateKey: ${PRIVATE}}\nadmin: {password: x, passwordFile: p}\n`, false);
  t.throws(() => readConfigFile(file), {
    code: 'ERR_CONFIG',
    message: /:2:\d+: admin.passwordFile: stands beside password/,
  });
  t.match(readFileSync(file, 'utf8'), /passwordFile/);
});

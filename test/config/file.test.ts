import { chmodSync, existsSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { readConfigFile, renderTemplate, writeConfigFile } from '../../src/config/index.ts';

const PRIVATE = '1f441c3227790658566d4d01cbac17c8e1d153c6017df52e44e315ae38ea41ff';
const TEXT = renderTemplate({ privateKeyHex: PRIVATE, address: 'fc00::1', key: 'x.k' }).replace(
  /passwordFile: .*/,
  'password: secret',
);

t.test('a new file is whole, of mode 0600 whatever the umask, and alone in its folder', async (t) => {
  const file = path.join(t.testdir(), 'new', 'fcmesh.yaml');
  const before = process.umask(0);
  t.teardown(() => process.umask(before));
  writeConfigFile(file, TEXT, false);
  t.equal(statSync(file).mode & 0o777, 0o600);
  t.equal(readFileSync(file, 'utf8'), TEXT);
  t.same(readdirSync(path.dirname(file)), ['fcmesh.yaml']);
  t.equal(readConfigFile(file).privateKey.revealHex(), PRIVATE);
});

t.test('a file that is there is kept unless force is used', async (t) => {
  const folder = t.testdir({ 'fcmesh.yaml': 'old' });
  const file = path.join(folder, 'fcmesh.yaml');
  t.throws(() => writeConfigFile(file, TEXT, false), { code: 'ERR_EXISTS', remedy: /--force/ });
  t.equal(readFileSync(file, 'utf8'), 'old');
  t.same(readdirSync(folder), ['fcmesh.yaml']);
  writeConfigFile(file, TEXT, true);
  t.equal(readFileSync(file, 'utf8'), TEXT);
});

t.test('a link that leads nowhere counts as a file that is there', async (t) => {
  const file = path.join(t.testdir(), 'link');
  symlinkSync('/nonexistent/target', file);
  t.throws(() => writeConfigFile(file, TEXT, false), { code: 'ERR_EXISTS' });
});

t.test('a missing file is told with the command that makes one', async (t) => {
  const file = path.join(t.testdir(), 'none.yaml');
  t.throws(() => readConfigFile(file), {
    code: 'ERR_CONFIG_FILE',
    remedy: `Create it with: fcmesh init --config ${file}`,
  });
  t.notOk(existsSync(file));
});

t.test('a file that others may change is refused, one that others may read is warned of', async (t) => {
  const file = path.join(t.testdir(), 'fcmesh.yaml');
  writeConfigFile(file, TEXT, false);
  for (const mode of [0o620, 0o602, 0o622]) {
    chmodSync(file, mode);
    t.throws(
      () => readConfigFile(file),
      { code: 'ERR_CONFIG_FILE', message: /changed by other users/ },
      mode.toString(8),
    );
  }
  chmodSync(file, 0o644);
  t.match(readConfigFile(file).warnings, [/can be read by other users/]);
  chmodSync(file, 0o600);
  t.same(readConfigFile(file).warnings, []);
});

t.test('mistakes come with the name of the file', async (t) => {
  const file = path.join(t.testdir({ 'bad.yaml': 'idntity: {}\n' }), 'bad.yaml');
  chmodSync(file, 0o600);
  t.throws(() => readConfigFile(file), {
    code: 'ERR_CONFIG',
    message: `${file}:1:1: unknown key "idntity"; did you mean "identity"?`,
  });
});

t.test('a private key of its own file is found beside the configuration, and must be closed to others', async (t) => {
  const folder = t.testdir();
  const file = path.join(folder, 'fcmesh.yaml');
  writeConfigFile(file, 'identity:\n  privateKeyFile: key\n', false);
  t.throws(() => readConfigFile(file), { code: 'ERR_KEY_FILE', message: /does not exist/ });
  writeFileSync(path.join(folder, 'key'), `${PRIVATE}\n`, { mode: 0o644 });
  chmodSync(path.join(folder, 'key'), 0o644);
  t.throws(() => readConfigFile(file), { code: 'ERR_KEY_FILE', remedy: /chmod 600/ });
  chmodSync(path.join(folder, 'key'), 0o600);
  t.equal(readConfigFile(file).privateKey.revealHex(), PRIVATE);
  writeFileSync(path.join(folder, 'key'), 'hello');
  t.throws(() => readConfigFile(file), { code: 'ERR_KEY_FILE', message: /64 hex digits/ });
});

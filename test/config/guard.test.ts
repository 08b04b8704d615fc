import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, lchownSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { placeWarnings } from '../../src/config/guard.ts';
import { readConfigFile, readConfigText, renderTemplate } from '../../src/config/index.ts';

const PRIVATE = '1f441c3227790658566d4d01cbac17c8e1d153c6017df52e44e315ae38ea41ff';
const TEXT = renderTemplate({ privateKeyHex: PRIVATE, address: 'fc00::1', key: 'x.k' }).replace(
  /passwordFile: .*/,
  'password: secret',
);
const OWN = process.getuid?.() ?? 0;
const isRoot = OWN === 0;

/** A folder of mode 0700 inside the folder of a test. */
function safeFolder(folder: string): string {
  return mkdtempSync(path.join(folder, 'safe-'));
}

function configIn(folder: string, name = 'fcmesh.yaml', text = TEXT): string {
  const file = path.join(folder, name);
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}

t.test('a pipe or a device is refused at once, as configuration and as key: nothing waits for a writer', async (t) => {
  const folder = safeFolder(t.testdir());
  const pipe = path.join(folder, 'pipe');
  execFileSync('mkfifo', ['-m', '600', pipe]);
  for (const file of [pipe, '/dev/null', '/dev/zero', folder]) {
    t.throws(() => readConfigFile(file), { code: 'ERR_CONFIG_FILE', message: `${file} is not a file` });
    t.throws(() => readConfigText(file), { code: 'ERR_CONFIG_FILE', message: `${file} is not a file` });
  }
  const file = configIn(folder, 'a.yaml', 'identity:\n  privateKeyFile: pipe\n');
  t.throws(() => readConfigFile(file), { code: 'ERR_KEY_FILE', message: `${pipe} is not a file` });
});

t.test('a folder in which others may replace the file is named, with the remedy', async (t) => {
  const folder = safeFolder(t.testdir());
  const inner = path.join(folder, 'inner');
  mkdirSync(inner);
  const file = configIn(inner);
  const clean = placeWarnings(file, OWN);
  t.same(readConfigFile(file).warnings, clean);
  const cases: readonly [where: string, mode: number, expected: RegExp | null][] = [
    [inner, 0o777, /inner is open: every user may replace what is in it: chmod go-w .*inner$/],
    [inner, 0o1777, /inner is open: every user may make a file of that name there first: keep the file elsewhere$/],
    [folder, 0o777, /safe-.* is open: every user may replace what is in it/],
    [folder, 0o1777, null],
    [inner, 0o755, null],
  ];
  for (const [where, mode, expected] of cases) {
    chmodSync(where, mode);
    const more = readConfigFile(file).warnings.filter((warning) => !clean.includes(warning));
    t.match(more, expected === null ? [] : [expected], `${where} ${mode.toString(8)}`);
    t.equal(more.length, expected === null ? 0 : 1);
    chmodSync(where, 0o700);
  }
});

t.test(
  'a folder that a group may write is named, unless the group is the own one or root',
  { skip: !isRoot },
  async (t) => {
    const folder = safeFolder(t.testdir());
    const file = configIn(folder);
    chmodSync(folder, 0o770);
    const clean = placeWarnings(file, OWN);
    chownSync(folder, OWN, 4711);
    const more = placeWarnings(file, OWN).filter((warning) => !clean.includes(warning));
    t.match(more, [/is open: its group may replace what is in it/]);
  },
);

t.test(
  'links, folders and key files of another user are named',
  { skip: !isRoot && 'needs root to give away' },
  async (t) => {
    const folder = safeFolder(t.testdir());
    const real = configIn(folder, 'real.yaml', 'identity:\n  privateKeyFile: key\n');
    const key = configIn(folder, 'key', PRIVATE);
    const link = path.join(folder, 'link.yaml');
    symlinkSync('real.yaml', link);
    const clean = readConfigFile(link).warnings;
    const more = () => readConfigFile(link).warnings.filter((warning) => !clean.includes(warning));
    lchownSync(link, 4711, 0);
    t.match(more(), [/link\.yaml belongs to another user \(uid 4711\), who may lead it elsewhere: name the file/]);
    lchownSync(link, 0, 0);
    chownSync(key, 4711, 0);
    t.match(more(), [/the private key in .*key belongs to another user \(uid 4711\): chown/]);
    chownSync(key, 0, 0);
    chownSync(real, 4711, 0);
    t.match(more(), [/link\.yaml belongs to another user \(uid 4711\), who may change it/]);
    chownSync(real, 0, 0);
    chownSync(folder, 4711, 0);
    t.match(more(), [/the folder .* belongs to another user \(uid 4711\), who may replace what is in it/]);
  },
);

t.test(
  'links are followed as the kernel follows them: in the middle of a path, up, and round in circles',
  async (t) => {
    const folder = safeFolder(t.testdir());
    mkdirSync(path.join(folder, 'open'));
    mkdirSync(path.join(folder, 'way'));
    const file = configIn(path.join(folder, 'open'));
    symlinkSync('../open', path.join(folder, 'way', 'there'));
    const clean = placeWarnings(file, OWN);
    chmodSync(path.join(folder, 'open'), 0o777);
    const more = placeWarnings(path.join(folder, 'way', 'there', 'fcmesh.yaml'), OWN).filter(
      (one) => !clean.includes(one),
    );
    t.match(more, [/open is open: every user may replace/]);
    symlinkSync('round', path.join(folder, 'round'));
    t.throws(() => readConfigFile(path.join(folder, 'round')), { code: 'ERR_CONFIG_FILE' });
    t.doesNotThrow(() => placeWarnings(path.join(folder, 'round'), OWN));
  },
);

t.test('a file above a megabyte is refused, however it grew', async (t) => {
  const file = configIn(safeFolder(t.testdir()), 'big.yaml', `# ${'x'.repeat(1024 * 1024)}`);
  t.throws(() => readConfigFile(file), { code: 'ERR_CONFIG_FILE', message: `${file} is larger than 1 MB` });
});

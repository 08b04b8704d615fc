import { type ChildProcess, fork } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { saveConfigFile } from '../../src/config/index.ts';

const SAVER = fileURLToPath(new URL('./saver.ts', import.meta.url));

t.test('saving keeps the mode, follows a link, and leaves nothing beside', async (t) => {
  const folder = t.testdir({ 'real.yaml': 'old\n' });
  const file = path.join(folder, 'link.yaml');
  chmodSync(path.join(folder, 'real.yaml'), 0o640);
  symlinkSync('real.yaml', file);
  saveConfigFile(file, 'old\n', 'new\n');
  t.equal(readFileSync(path.join(folder, 'real.yaml'), 'utf8'), 'new\n');
  t.equal(statSync(file).mode & 0o777, 0o640);
  t.same(readdirSync(folder).sort(), ['link.yaml', 'real.yaml']);
});

t.test('a file that somebody else changed meanwhile is not written', async (t) => {
  const file = path.join(t.testdir({ 'a.yaml': 'theirs\n' }), 'a.yaml');
  chmodSync(file, 0o600);
  t.throws(() => saveConfigFile(file, 'ours\n', 'new\n'), { code: 'ERR_CONFIG_CHANGED' });
  t.equal(readFileSync(file, 'utf8'), 'theirs\n');
});

t.test('a folder that can not be written is told, and the file stays', async (t) => {
  const file = path.join(t.testdir(), 'none', 'a.yaml');
  t.throws(() => saveConfigFile(file, '', 'x'), { code: 'ERR_CONFIG_FILE', message: /does not exist/ });
});

t.test('kill -9 at random moments of saving leaves the old file or the new one, of the same mode', async (t) => {
  const folder = t.testdir();
  const file = path.join(folder, 'fcmesh.yaml');
  const texts = ['a', 'b'].map((letter) => `${letter.repeat(200_000)}\n`);
  writeFileSync(file, texts[0] ?? '', { mode: 0o600 });
  for (let round = 0; round < 12; round++) {
    const child = fork(SAVER, [file], { stdio: 'ignore' });
    await started(child);
    await new Promise((resolve) => setTimeout(resolve, 3 + 7 * round));
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
    t.ok(texts.includes(readFileSync(file, 'utf8')), `round ${round}`);
    t.equal(statSync(file).mode & 0o777, 0o600);
  }
  const text = readFileSync(file, 'utf8');
  saveConfigFile(file, text, text);
  t.same(readdirSync(folder), ['fcmesh.yaml'], 'what the killed left behind is gone');
});

function started(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => child.once('message', () => resolve()));
}

import { fork } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
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

t.test('a folder that cannot be written is told, and the file stays', async (t) => {
  const file = path.join(t.testdir(), 'none', 'a.yaml');
  t.throws(() => saveConfigFile(file, '', 'x'), { code: 'ERR_CONFIG_FILE', message: /does not exist/ });
});

t.test('kill -9 at every moment of saving leaves the old file or the new one, of the same mode', async (t) => {
  const folder = t.testdir({ saved: {} });
  const saver = await bundled(path.join(folder, 'saver.mjs'));
  const file = path.join(folder, 'saved', 'fcmesh.yaml');
  const [old, next] = ['a', 'b'].map((letter) => `${letter.repeat(2000)}\n`);
  let moments = 0;
  for (let signal: string | null = 'SIGKILL'; signal === 'SIGKILL'; ) {
    writeFileSync(file, old ?? '', { mode: 0o600 });
    moments++;
    const child = fork(saver, [file, 'b', String(moments)], { stdio: 'ignore', execArgv: [], env: {} });
    signal = await new Promise((resolve) => child.once('exit', (_, by) => resolve(by)));
    const text = readFileSync(file, 'utf8');
    t.ok(text === old || text === next, `killed at call ${moments}: ${text.length} bytes`);
    t.equal(statSync(file).mode & 0o777, 0o600);
    if (signal === null) t.equal(text, next, 'nobody killed it');
  }
  t.ok(moments > 8, `${moments} moments`);
  t.same(readdirSync(path.dirname(file)), ['fcmesh.yaml'], 'what the killed left behind is gone');
});

/** The saver as one file that starts at once: two dozen of them have to. */
async function bundled(outfile: string): Promise<string> {
  const banner = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";
  const how = { bundle: true, platform: 'node', format: 'esm', target: 'node20', logLevel: 'warning' } as const;
  await build({ ...how, entryPoints: [SAVER], outfile, banner: { js: banner } });
  return outfile;
}

import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { TOPOLOGIES } from '../../src/sim/index.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Without the loader that tap gives to all programs, which cannot load a module whose name has no ending. */
const sim = (...args: string[]) =>
  spawnSync(
    'sh',
    ['-c', 'unset NODE_OPTIONS; exec "$0" "$@"', process.execPath, path.join(ROOT, 'scripts/sim'), ...args],
    {
      encoding: 'utf8',
    },
  );

t.test('the simulator says which topologies there are', async (t) => {
  const { status, stderr } = sim('--topology', 'star');
  t.equal(status, 2, stderr);
  t.match(stderr, TOPOLOGIES.join(' '));
});

t.test('and runs a small one', async (t) => {
  const { status, stdout, stderr } = sim('--topology', 'line', '--nodes', '5', '--minutes', '1', '--pairs', '4');
  t.equal(status, 0, stderr);
  t.match(stdout, /line/);
});

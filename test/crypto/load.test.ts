import { readdirSync, readFileSync } from 'node:fs';
import t from 'tap';
import { loadNobleBackend, loadNodeBackend } from '../../src/crypto/index.ts';

const FOLDER = new URL('../../src/crypto/', import.meta.url);

t.test('both backends can be loaded', async (t) => {
  t.equal((await loadNobleBackend()).name, 'noble');
  t.equal((await loadNodeBackend()).name, 'noble');
});

t.test('nothing but their own files loads the slow libraries at start', async (t) => {
  const eager = readdirSync(FOLDER).filter((file) =>
    / from '(@noble\/|\.\/noble\.ts|\.\/node\.ts)/.test(readFileSync(new URL(file, FOLDER), 'utf8')),
  );
  t.same(eager, ['noble.ts', 'node.ts']);
});

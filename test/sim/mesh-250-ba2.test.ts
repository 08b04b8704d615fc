import t from 'tap';
import { assertRecovers, experiment } from './mesh.ts';

t.setTimeout(300_000);

t.test('250 nodes (ba2) lose a tenth at once, and their sessions recover', async (t) => {
  assertRecovers(t, await experiment(t, { topology: 'ba2', nodes: 250, killed: 0.1 }), 0.9);
});

import t from 'tap';
import { assertSmallMesh, experiment, realBackend, realIdentities } from './mesh.ts';

t.setTimeout(300_000);

t.test('100 nodes (hier) with real cryptography find each other and refine their paths, under churn', async (t) => {
  const crypto = await realBackend();
  const identities = realIdentities(crypto, 100);
  assertSmallMesh(t, await experiment(t, { topology: 'hier', nodes: 100, crypto, identities }));
});

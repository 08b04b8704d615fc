import t from 'tap';
import { assertSmallMesh, experiment, onlyInAll, realBackend, realIdentities } from './mesh.ts';

t.setTimeout(300_000);

/** A minute; others of its size are always run: `scripts/test --all` has the time. */
const skip = onlyInAll('takes a minute');

t.test(
  '100 nodes (geo8) with real cryptography find each other and refine their paths, under churn',
  { skip },
  async (t) => {
    const crypto = await realBackend();
    const identities = realIdentities(crypto, 100);
    assertSmallMesh(t, await experiment(t, { topology: 'geo8', nodes: 100, crypto, identities }));
  },
);

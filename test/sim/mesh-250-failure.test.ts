import t from 'tap';
import { assertHeals } from './mesh.ts';

t.setTimeout(600_000);

/** Each takes about a minute: `scripts/test --all` has the time. */
const skip = process.env.FCMESH_TEST_ALL === '1' ? false : 'takes a minute: scripts/test --all';

for (const [topology, least] of [
  ['geo8', 0.9],
  ['ws', 0.9],
  ['hier', 0.7],
] as const) {
  t.test(`a tenth of 250 nodes (${topology}) dies at once: ${least} of the sessions work after 10 s`, { skip }, (t) =>
    assertHeals(t, topology, least),
  );
}

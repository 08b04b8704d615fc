import t from 'tap';
import { figuresOf } from '../../src/sim/index.ts';
import { assertHeals, experiment, onlyInAll } from './mesh.ts';

t.setTimeout(900_000);

const MINUTE_MS = 60_000;

/** Each takes a minute or, the last, several: `scripts/test --all` has the time. */
const skip = onlyInAll('takes minutes');

for (const [topology, least] of [
  ['ba2', 0.9],
  ['geo8', 0.9],
  ['ws', 0.9],
  ['hier', 0.7],
] as const) {
  t.test(`a tenth of 250 nodes (${topology}) dies at once: ${least} of the sessions work after 10 s`, { skip }, (t) =>
    assertHeals(t, topology, least),
  );
}

t.test('250 nodes (ba2) cost little in peace', { skip }, async (t) => {
  // Traffic is counted from the fourth to the twelfth minute: the start is over, and all tables are refreshed once.
  const report = await experiment(t, {
    topology: 'ba2',
    nodes: 250,
    warmUpMs: 12 * MINUTE_MS,
    trafficMs: 8 * MINUTE_MS,
    pairs: 40,
  });
  const { own, relayed, atFirstTry } = figuresOf(report);
  t.ok((own ?? 9999) <= 300, `${own} bytes a second sent and received for themselves`);
  t.ok((relayed ?? 9999) <= 350, `${relayed} bytes a second passed on`);
  t.ok(atFirstTry >= 0.9, `${atFirstTry} found at the first try`);
});

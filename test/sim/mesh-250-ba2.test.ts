import t from 'tap';
import { figuresOf } from '../../src/sim/index.ts';
import { assertHealed, experiment } from './mesh.ts';

t.setTimeout(300_000);

const MINUTE_MS = 60_000;

t.test('250 nodes (ba2) cost little in peace, and nine sessions of ten outlive the death of a tenth', async (t) => {
  // Traffic is counted from the fourth to the twelfth minute: the start is over, and all tables are refreshed once.
  const report = await experiment(t, {
    topology: 'ba2',
    nodes: 250,
    warmUpMs: 12 * MINUTE_MS,
    trafficMs: 8 * MINUTE_MS,
    pairs: 40,
    killed: 0.1,
  });
  const { own, relayed, atFirstTry } = figuresOf(report);
  t.ok((own ?? 9999) <= 300, `${own} bytes a second sent and received for themselves`);
  t.ok((relayed ?? 9999) <= 350, `${relayed} bytes a second passed on`);
  t.ok(atFirstTry >= 0.9, `${atFirstTry} found at the first try`);
  assertHealed(t, report, 0.9);
});

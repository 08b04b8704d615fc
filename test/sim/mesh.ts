/** Experiments of the tests: small enough for every run; `scripts/sim` does the large ones. */
import type { Test } from 'tap';
import { type CryptoBackend, createNativeBackend, generateIdentity, loadNodeBackend } from '../../src/crypto/index.ts';
import { loadAddon } from '../../src/engine/index.ts';
import {
  COUNTED_AT_S,
  createSeededRng,
  DEFAULTS,
  type ExperimentOptions,
  figuresOf,
  type Report,
  runExperiment,
  tableHead,
  tableLine,
} from '../../src/sim/index.ts';

/** Seed of the runs, printed with each figure. */
export const SEED = 1;

/** For `skip`: a test that only `scripts/test --all` has the time for. @param why it is not always run */
export function onlyInAll(why: string): string | false {
  return process.env.FCMESH_TEST_ALL === '1' ? false : `${why}: scripts/test --all`;
}

/** Runs an experiment and prints its line of the table. */
export async function experiment(
  t: Test,
  options: Partial<ExperimentOptions> & Pick<ExperimentOptions, 'topology' | 'nodes'>,
): Promise<Report> {
  const report = await runExperiment({
    ...DEFAULTS,
    seed: SEED,
    warmUpMs: 30_000,
    trafficMs: 10_000,
    pairs: 50,
    sessions: 60,
    ...options,
  });
  t.comment(tableHead());
  t.comment(tableLine(report));
  return report;
}

/** X25519 as in earnest: by the addon where it is built, otherwise by node:crypto. */
export async function realBackend(): Promise<CryptoBackend> {
  try {
    return createNativeBackend(loadAddon());
  } catch {
    return loadNodeBackend();
  }
}

/** Identities whose addresses begin with fc by search, as everybody's do. */
export function realIdentities(crypto: CryptoBackend, count: number) {
  const rng = createSeededRng(SEED, 0x6b65);
  return Array.from({ length: count }, () => generateIdentity(crypto, rng));
}

/** Asserts what a mesh of 100 nodes promises: all pairs with a label found, refined stretch at most 1.05 / 1.5. */
export function assertSmallMesh(t: Test, report: Report): void {
  const figures = figuresOf(report);
  t.equal(figures.withRetries, 1, 'all pairs that have a label are found within 10 s');
  t.ok(figures.atFirstTry >= 0.95, `${figures.atFirstTry} at the first try`);
  const [median, p95] = figures.refinedStretch;
  t.ok((median ?? 9) <= 1.05, `median stretch ${median}`);
  t.ok((p95 ?? 9) <= 1.5, `stretch of 95 % ${p95}`);
}

/** Loses 10 % of 250 nodes at once and asserts that this share of the sessions works again. */
export async function assertHeals(t: Test, topology: ExperimentOptions['topology'], least: number): Promise<void> {
  assertHealed(t, await experiment(t, { topology, nodes: 250, pairs: 20, killed: 0.1 }), least);
}

/** Asserts that this share of the sessions whose ends live and still have a label works ten seconds after the failure. */
export function assertHealed(t: Test, { failure }: Report, least: number): void {
  const working = failure?.working[COUNTED_AT_S.indexOf(10)] ?? 0;
  t.ok((failure?.sessions ?? 0) >= 20, `${failure?.sessions} sessions counted`);
  t.ok(working >= least, `${working} of the sessions work after 10 s`);
}

/** The process in which work.ts counts. Calls come on stdin as JSON, counts leave on stdout. */
import { readFileSync } from 'node:fs';
import { type Profiler, Session } from 'node:inspector';

type Call = { readonly module: string; readonly name: string; readonly text: string };

const session = new Session();
session.connect();
session.post('Profiler.enable');

function count(run: () => unknown): number {
  session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  run();
  let blocks = 0;
  // With a session on its own thread, `post` answers before it returns.
  session.post('Profiler.takePreciseCoverage', (error, { result }: Profiler.TakePreciseCoverageReturnType) => {
    if (error !== null) throw error;
    for (const { functions } of result)
      for (const { ranges } of functions) for (const range of ranges) blocks += range.count;
  });
  session.post('Profiler.stopPreciseCoverage');
  return blocks;
}

const calls = JSON.parse(readFileSync(0, 'utf8')) as readonly Call[];
const counts: number[] = [];
for (const { module, name, text } of calls) {
  const found = (await import(module)) as Readonly<Record<string, (text: string) => unknown>>;
  const run = found[name];
  if (run === undefined) throw new Error(`${module} has no ${name}`);
  // What is done once (tables, modules) is no work of this text.
  run(text);
  counts.push(count(() => run(text)));
}
process.stdout.write(JSON.stringify(counts));

#!/usr/bin/env node
/**
 * The command line of fcmesh: one file a command, loaded when it is called.
 *
 * Promises: results on stdout and everything else on stderr; `--json` as documented, numbers as numbers; exit codes 0
 * done, 1 it did not work, 2 wrong usage or configuration, 3 no daemon answers; errors say what to do next.
 * Refuses: to know the inside of the daemon: commands talk to the admin API. `up` alone imports `daemon/`, dynamically.
 * Follows protocol 10 (admin API).
 */
import { parseArgs } from 'node:util';
import type { CommonOptions } from './options.ts';
import { EXIT, reportError } from './output.ts';

/**
 * The options of a plain `fcmesh up`, null for everything else. Loading the full parser costs 15 ms of CPU, and the
 * start of the daemon has a budget; whatever is unusual here is left to it.
 */
function plainUp(argv: readonly string[]): CommonOptions | null {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      options: { config: { type: 'string' }, admin: { type: 'string' }, json: { type: 'boolean' } },
      allowPositionals: true,
    });
    return positionals.length === 1 && positionals[0] === 'up' ? values : null;
  } catch {
    return null;
  }
}

async function main(argv: readonly string[]): Promise<number> {
  const options = plainUp(argv);
  if (options === null) return (await import('./program.ts')).runProgram(argv);
  try {
    return await (await import('./up.ts')).run(options);
  } catch (error) {
    return reportError(error);
  }
}

// A reader that goes away early (`fcmesh routes | head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? EXIT.done : EXIT.failed);
});
process.exitCode = await main(process.argv.slice(2));

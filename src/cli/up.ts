/** `fcmesh up`: runs the daemon in the foreground. The one command that imports `daemon/`. */
import { type CommonOptions, configFileOf } from './options.ts';
import { VERSION } from './version.ts';

/** @returns the exit code, once the daemon has ended and everything is closed */
export async function run(options: CommonOptions): Promise<number> {
  const { runDaemon } = await import('../daemon/index.ts');
  const code = await runDaemon({ file: configFileOf(options), version: VERSION });
  // A lookup of a name that hangs in the resolver must not hold the end up.
  process.exit(code);
}

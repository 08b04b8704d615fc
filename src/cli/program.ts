/** Which commands there are, and what their options are. Each command is loaded only when it is called. */
import { Command, CommanderError } from 'commander';
import { DEFAULT_FILE, DEFAULTS } from '../config/index.ts';
import type { DashOptions } from './dash.ts';
import type { CommonOptions } from './options.ts';
import { EXIT, reportError } from './output.ts';
import type { PingOptions } from './ping.ts';
import { VERSION } from './version.ts';

const NODE = 'IPv6 address, key that ends in .k, or name of a peer';

type Runner = (options: CommonOptions, args: readonly string[]) => Promise<number>;

/**
 * Parses `argv` (without node and script) and runs the command it names.
 * @returns the exit code; errors were reported
 */
export async function runProgram(argv: readonly string[]): Promise<number> {
  let code: number = EXIT.done;
  const program = new Command('fcmesh')
    .description('A cjdns-compatible mesh: one encrypted IPv6 address per machine, no server in the middle.')
    .version(VERSION, '--version', 'print the version')
    .option('--config <file>', `configuration (default: ${DEFAULT_FILE})`)
    .option(
      '--admin <host:port>',
      `where the daemon answers (default: from the configuration, else ${DEFAULTS.admin.listen})`,
    )
    .option('--json', 'print JSON')
    .helpOption('--help', 'print this help')
    .helpCommand(false)
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('Run it with --help to see what there is.')
    .exitOverride();

  function add(usage: string, summary: string, run: Runner): Command {
    const command = program.command(usage).description(summary).helpOption('--help', 'print this help');
    command.action(async () => {
      code = await run(command.optsWithGlobals(), command.args);
    });
    return command;
  }

  add('init', 'write a commented configuration with a new key', async (options) =>
    (await import('./init.ts')).run(options),
  ).option('--force', 'replace a configuration that is there');
  add('up', 'run the daemon in the foreground', async (options) => (await import('./up.ts')).run(options));
  add('check', 'validate the configuration', async (options) => (await import('./check.ts')).run(options));
  add('status', 'one screen about the daemon', async (options) => (await import('./status.ts')).run(options));
  add('peers', 'table of the peers', async (options) => (await import('./peers.ts')).run(options));
  add('sessions', 'table of the end-to-end sessions', async (options) => (await import('./sessions.ts')).run(options));
  add('routes', 'table of the nodes a way is known to', async (options) => (await import('./routes.ts')).run(options));
  add('ping', 'measure the round trip to a node, through the mesh protocol', async (options, args) =>
    (await import('./ping.ts')).run(args[0], options as PingOptions),
  )
    .argument('[node]', NODE)
    .option('-c, --count <n>', 'how many (default: 4)')
    .option('-i, --interval <seconds>', 'time between them (default: 1)')
    .option('-t, --timeout <seconds>', 'wait for an answer (default: 5)')
    .option('--label <label>', 'ping the switch at the end of this label instead');
  add('trace', 'show each hop to a node', async (options, args) =>
    (await import('./trace.ts')).run(args[0] ?? '', options),
  ).argument('<node>', NODE);
  add('find', 'look a node up', async (options, args) =>
    (await import('./find.ts')).run(args[0] ?? '', options),
  ).argument('<node>', NODE);
  add('keygen', 'print a new key and its address', async (options) => (await import('./keygen.ts')).run(options));
  add('address', 'print the address of a key', async (options, args) =>
    (await import('./address.ts')).run(args[0] ?? '', options),
  ).argument('<key>', 'public key, ends in .k');
  add('dash', 'the mesh live in the terminal', async (options) =>
    (await import('./dash.ts')).run(options as DashOptions),
  )
    .option('--once', 'print one frame and end')
    .option('--screen <name>', 'begin with: peers, sessions, routes, map, log (default: peers)');
  add('stop', 'end the daemon', async (options) => (await import('./stop.ts')).run(options));

  try {
    await program.parseAsync([...argv], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    return reportError(error);
  }
}

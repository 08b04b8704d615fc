/** The parser of the command line, made from the table of commands. */
import { Command, CommanderError } from 'commander';
import { COMMANDS, COMMON, type CommandFacts } from './commands.ts';
import { EXIT, reportError } from './output.ts';
import { VERSION } from './version.ts';

/**
 * Parses `argv` (without node and script) and runs the command it names.
 * @returns the exit code; errors were reported
 */
export async function runProgram(argv: readonly string[]): Promise<number> {
  let code: number = EXIT.done;
  const program = new Command('fcmesh')
    .description('A cjdns-compatible mesh: one encrypted IPv6 address per machine, no server in the middle.')
    .version(VERSION, '--version', 'print the version')
    .helpOption('--help', 'print this help')
    .helpCommand('help [command]', 'print help for a command')
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('Run it with --help to see what there is.')
    .exitOverride();
  for (const { flags, about } of COMMON) if (flags !== '--help') program.option(flags, about);
  const groups = new Map<string, Command>();
  for (const facts of COMMANDS) {
    add(program, groups, facts, (work) => {
      return async (command) => {
        code = await work(command);
      };
    });
  }
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    return reportError(error);
  }
}

type Action = (command: Command) => Promise<void>;

function add(
  program: Command,
  groups: Map<string, Command>,
  facts: CommandFacts,
  wrap: (work: (command: Command) => Promise<number>) => Action,
): void {
  const [first = '', second] = facts.name.split(' ');
  const parent = second === undefined ? program : groupOf(program, groups, first);
  const command = parent
    .command(second ?? first)
    .description(facts.summary)
    .helpOption('--help', 'print this help');
  for (const { usage, about } of facts.args) command.argument(usage, about);
  for (const { flags, about } of facts.options) command.option(flags, about);
  command.addHelpText('after', `\nExample:\n  fcmesh ${facts.example}`);
  const action = wrap(() => facts.run(command.optsWithGlobals(), command.args));
  command.action(() => action(command));
}

function groupOf(program: Command, groups: Map<string, Command>, name: string): Command {
  const known = groups.get(name);
  if (known !== undefined) return known;
  const about = COMMANDS.filter((one) => one.name.startsWith(`${name} `)).map((one) => one.name.slice(name.length + 1));
  const made = program
    .command(name)
    .description(`${about.join(', ')}`)
    .helpOption('--help', 'print this help');
  made.helpCommand(false);
  groups.set(name, made);
  return made;
}

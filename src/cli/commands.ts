/**
 * The table of all commands: the parser, `--help`, the completions and the man page are made from it, so that they can
 * not differ. Each command is loaded only when it is called.
 */
import type { DashOptions } from './dash.ts';
import type { CommonOptions } from './options.ts';
import type { PingOptions } from './ping.ts';

/** One argument; `<x>` is needed, `[x]` is not. */
export type CommandArgument = { readonly usage: string; readonly about: string };
/** One option as it is shown: `-c, --count <n>`; `choices` are the values there are, for completions. */
export type CommandOption = { readonly flags: string; readonly about: string; readonly choices?: readonly string[] };

/** One command. */
export type CommandFacts = {
  /** `peer add` is a command of the group `peer`. */
  readonly name: string;
  readonly summary: string;
  readonly args: readonly CommandArgument[];
  readonly options: readonly CommandOption[];
  /** What follows `fcmesh` in the example of the help. */
  readonly example: string;
  readonly run: (options: CommonOptions, args: readonly string[]) => Promise<number>;
};

const NODE = { usage: '<node>', about: 'IPv6 address, key that ends in .k, or name of a peer' };
const UPDATE = {
  flags: '--update',
  about: 'take over a new password, login, name or key of somebody who is a peer already',
};
const SAVE = { flags: '--save', about: 'keep it in the configuration, with its comments' };

/** All commands, in the order of the help. */
export const COMMANDS: readonly CommandFacts[] = [
  command('init', 'write a commented configuration with a new key', 'init --config my.yaml', {
    options: [{ flags: '--force', about: 'replace a configuration that is there' }],
    run: async (options) => (await import('./init.ts')).run(options),
  }),
  command('up', 'run the daemon in the foreground', 'up --config my.yaml', {
    run: async (options) => (await import('./up.ts')).run(options),
  }),
  command('check', 'validate the configuration', 'check --config my.yaml', {
    run: async (options) => (await import('./check.ts')).run(options),
  }),
  command('status', 'the daemon at a glance', 'status --json', {
    run: async (options) => (await import('./status.ts')).run(options),
  }),
  command('peers', 'peers, and why a link is down', 'peers', {
    run: async (options) => (await import('./peers.ts')).run(options),
  }),
  command('sessions', 'end-to-end sessions', 'sessions', {
    run: async (options) => (await import('./sessions.ts')).run(options),
  }),
  command('routes', 'nodes with a known path', 'routes', {
    run: async (options) => (await import('./routes.ts')).run(options),
  }),
  command('ping', 'measure the round trip to a node through the mesh protocol', 'ping bob -c 3', {
    args: [{ ...NODE, usage: '[node]' }],
    options: [
      { flags: '-c, --count <n>', about: 'how many (default: 4)' },
      { flags: '-i, --interval <seconds>', about: 'time between them (default: 1)' },
      { flags: '-t, --timeout <seconds>', about: 'wait for an answer (default: 5)' },
      { flags: '--label <label>', about: 'ping the switch at the end of this label instead' },
    ],
    run: async (options, args) => (await import('./ping.ts')).run(args[0], options as PingOptions),
  }),
  command('trace', 'show each hop to a node', 'trace bob', {
    args: [NODE],
    run: async (options, args) => (await import('./trace.ts')).run(args[0] ?? '', options),
  }),
  command('find', 'look a node up', 'find fc2b:91d4:c3e:88f1:5a2e:17b0:44c9:7a0e', {
    args: [NODE],
    run: async (options, args) => (await import('./find.ts')).run(args[0] ?? '', options),
  }),
  command('invite', 'create a login for somebody, and print the line they join with', 'invite --name bob', {
    options: [
      { flags: '--name <name>', about: 'who is invited: their login, and their name in our tables' },
      { flags: '--as <name>', about: 'what they will call us (default: the name of this machine)' },
      { flags: '--endpoint <host:port>', about: 'where they reach us (default: an address of this machine)' },
    ],
    run: async (options) => (await import('./invite.ts')).run(options),
  }),
  command('join', 'connect using an invitation', "join 'fcmesh://KEY@192.0.2.7:21000?login=bob&password=...' --save", {
    args: [
      {
        usage: '<invitation>',
        about: 'a line that begins with fcmesh://, or the connectTo JSON of a stock node; - reads it from stdin',
      },
    ],
    options: [
      { flags: '--name <name>', about: 'what to call them here (default: as the invitation says)' },
      SAVE,
      UPDATE,
    ],
    run: async (options, args) => (await import('./join.ts')).run(args[0] ?? '', options),
  }),
  command('peer add', 'connect to a node', 'peer add 192.0.2.7:21000 KEY.k --password SECRET --save', {
    args: [
      { usage: '<endpoint>', about: 'HOST:PORT, with or without udp://' },
      { usage: '<key>', about: 'its public key, ends in .k' },
    ],
    options: [
      {
        flags: '--also <endpoint...>',
        about: 'further endpoints of the same node: the others are tried when one fails',
      },
      { flags: '--password <password>', about: 'as it told you' },
      { flags: '--login <login>', about: 'as it told you' },
      { flags: '--name <name>', about: 'shown in tables' },
      SAVE,
      UPDATE,
    ],
    run: async (options, args) => (await import('./peer.ts')).add(args[0] ?? '', args[1] ?? '', options),
  }),
  command('peer remove', 'disconnect a peer and stop dialling it', 'peer remove bob --save', {
    args: [NODE],
    options: [{ ...SAVE, about: 'take it out of the configuration, too' }],
    run: async (options, args) => (await import('./peer.ts')).remove(args[0] ?? '', options),
  }),
  command('reload', 'apply the changed configuration to the running daemon', 'reload', {
    run: async (options) => (await import('./reload.ts')).run(options),
  }),
  command('log', 'the last lines of the log', 'log --follow', {
    options: [
      { flags: '-f, --follow', about: 'and what comes from now on, until interrupted' },
      {
        flags: '--level <level>',
        about: 'error, warn, info or debug (default: info)',
        choices: ['error', 'warn', 'info', 'debug'],
      },
    ],
    run: async (options) => (await import('./log.ts')).run(options),
  }),
  command('dash', 'the mesh live in the terminal', 'dash', {
    options: [
      { flags: '--once', about: 'print one frame and end (as without a terminal)' },
      {
        flags: '--screen <name>',
        about: 'begin with: peers, sessions, routes, map, log (default: peers)',
        choices: ['peers', 'sessions', 'routes', 'map', 'log'],
      },
    ],
    run: async (options) => (await import('./dash.ts')).run(options as DashOptions),
  }),
  command('doctor', 'find what is missing or wrong on this machine, with the remedy', 'doctor', {
    run: async (options) => (await import('./doctor.ts')).run(options),
  }),
  command('keygen', 'print a new key and its address', 'keygen', {
    run: async (options) => (await import('./keygen.ts')).run(options),
  }),
  command('address', 'print the address of a key', 'address KEY.k', {
    args: [{ usage: '<key>', about: 'public key, ends in .k' }],
    run: async (options, args) => (await import('./address.ts')).run(args[0] ?? '', options),
  }),
  command('import', 'convert a cjdroute configuration', 'import /etc/cjdroute.conf > fcmesh.yaml', {
    args: [{ usage: '<file>', about: 'cjdroute.conf; - reads it from stdin' }],
    run: async (options, args) => (await import('./import.ts')).run(args[0] ?? '', options),
  }),
  command('completion', 'print the completions for a shell', 'completion bash > /etc/bash_completion.d/fcmesh', {
    args: [{ usage: '<shell>', about: 'bash, zsh or fish' }],
    run: async (options, args) => (await import('./completion.ts')).run(args[0] ?? '', options),
  }),
  command('man', 'print the manual page', 'man | man -l -', {
    run: async () => (await import('./man.ts')).run(),
  }),
  command('stop', 'end the daemon', 'stop', {
    run: async (options) => (await import('./stop.ts')).run(options),
  }),
];

/** Options of every command. */
export const COMMON: readonly CommandOption[] = [
  { flags: '--config <file>', about: 'configuration (default: /etc/fcmesh/fcmesh.yaml)' },
  {
    flags: '--admin <host:port>',
    about: 'where the daemon answers (default: from the configuration, else 127.0.0.1:11234)',
  },
  { flags: '--json', about: 'print JSON' },
  { flags: '--help', about: 'print this help' },
];

/** What the exit codes mean. */
export const EXIT_CODES: readonly (readonly [number, string])[] = [
  [0, 'done'],
  [1, 'failed (no answer, not found, check failed)'],
  [2, 'wrong usage or configuration'],
  [3, 'no daemon answers'],
];

type Rest = Pick<CommandFacts, 'run'> & Partial<Pick<CommandFacts, 'args' | 'options'>>;

function command(name: string, summary: string, example: string, rest: Rest): CommandFacts {
  return { name, summary, example, args: [], options: [], ...rest };
}

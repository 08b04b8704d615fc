/** `fcmesh man`: the manual page in roff, made from the table of commands. */
import { COMMANDS, COMMON, EXIT_CODES } from './commands.ts';
import { EXIT, print } from './output.ts';
import { VERSION } from './version.ts';

/** Prints it. */
export async function run(): Promise<number> {
  print(manPage());
  return EXIT.done;
}

/** The page. */
export function manPage(): string {
  const lines = [
    `.TH FCMESH 1 "" "fcmesh ${VERSION}" "User Commands"`,
    '.SH NAME',
    'fcmesh \\- a cjdns\\-compatible mesh: one encrypted IPv6 address per machine',
    '.SH SYNOPSIS',
    '.B fcmesh',
    '.I COMMAND',
    '.RI [ options ]',
    '.SH DESCRIPTION',
    'One of the commands,',
    '.BR "fcmesh up" ,',
    'is the daemon; the others ask it over its admin socket, or work on the configuration.',
    '.SH OPTIONS',
    'All commands know these.',
    ...COMMON.flatMap(({ flags, about }) => ['.TP', `.B ${roff(flags)}`, roff(about)]),
    '.SH COMMANDS',
  ];
  for (const { name, args, options, summary, example } of COMMANDS) {
    lines.push('.SS', `${roff([name, ...args.map(({ usage }) => usage)].join(' '))}`, `${roff(sentence(summary))}`);
    for (const { usage, about } of args) lines.push('.TP', `.I ${roff(usage)}`, roff(about));
    for (const { flags, about } of options) lines.push('.TP', `.B ${roff(flags)}`, roff(about));
    lines.push('.PP', 'Example:', '.PP', '.RS', '.nf', roff(`fcmesh ${example}`), '.fi', '.RE');
  }
  lines.push('.SH EXIT STATUS');
  for (const [code, about] of EXIT_CODES) lines.push('.TP', `.B ${code}`, roff(about));
  lines.push(
    '.SH ENVIRONMENT',
    '.TP',
    '.B NO_COLOR',
    'if set, nothing is coloured',
    '.TP',
    '.B FCMESH_ADMIN_PASSWORD',
    'the password of the admin socket, where it is not that of the configuration',
    '.SH FILES',
    '.TP',
    '.I /etc/fcmesh/fcmesh.yaml',
    'the configuration',
  );
  return lines.join('\n');
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** Nothing that roff would take for a request, a hyphen or an escape. */
function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^([.'])/, '\\&$1');
}

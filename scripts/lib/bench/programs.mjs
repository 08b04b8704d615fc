// Programs of other daemons: found in PATH, or where an environment variable says, so that a newer version is measured
// beside the packaged one: WIREGUARD_GO=/opt/new/wireguard-go ./scripts/bench
import { readFileSync } from 'node:fs';
import { run } from './lab.mjs';

/** Environment variables, and the programs that are taken without them. */
export const NAMES = {
  WIREGUARD_GO: 'wireguard-go',
  BORINGTUN: 'boringtun-cli',
  YGGDRASIL: 'yggdrasil',
  MYCELIUM: 'mycelium',
  TINCD: 'tincd',
  FASTD: 'fastd',
  NEBULA: 'nebula',
  NEBULA_CERT: 'nebula-cert',
};

/** The command of a program. @param variable a key of NAMES */
export function program(variable) {
  return process.env[variable] || NAMES[variable];
}

/** Is there such a command, or a file of this name that can be started? */
export function isInstalled(command) {
  try {
    run(['sh', '-c', 'command -v "$0"', command]);
    return true;
  } catch {
    return false;
  }
}

/** What a program answers to `--version`: the last word of the first line, without a leading v. */
export function lastWord(command, flag = '--version') {
  const [line] = run([command, flag]).trim().split('\n');
  return line.trim().split(' ').pop().replace(/^v(?=\d)/, '');
}

/**
 * The version of a Go program, as the linker left it in the file: what such programs answer is often that of an older tag,
 * or nothing. @returns null where it was built without (Debian builds from folders)
 */
export function goVersion(command, module) {
  const pattern = new RegExp(`mod\\t${module.replaceAll('.', '\\.')}\\tv([\\w.+-]+)`);
  return pattern.exec(readFileSync(pathOf(command), 'latin1'))?.[1] ?? null;
}

/** The version of the package that a program came with; null without one. */
export function packageVersion(command) {
  try {
    const owner = run(['dpkg-query', '-S', pathOf(command)]).split(':')[0];
    return run(['dpkg-query', '-W', '-f', '${Version}', owner]);
  } catch {
    return null;
  }
}

function pathOf(command) {
  return run(['sh', '-c', 'command -v "$0"', command]).trim();
}

/** What commands say: results to stdout, everything else to stderr; colour only where a person looks and wants it. */
import { styleText } from 'node:util';
import { MeshError } from '../base/index.ts';
import { printable } from '../text/index.ts';

/** Nothing was wrong with what was asked for. An address may come later, so the service manager has to try again. */
const FAILURES: ReadonlySet<string> = new Set(['ERR_ANSWER', 'ERR_RNG', 'ERR_NO_ADDRESS']);

/** Exit codes of all commands. */
export const EXIT = { done: 0, failed: 1, usage: 2, noDaemon: 3 } as const;

type Style = 'bold' | 'red' | 'green' | 'yellow' | 'dim';

/** Lines to stdout. */
export function print(...lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** Lines to stderr: progress, warnings, errors. */
export function note(...lines: readonly string[]): void {
  process.stderr.write(`${lines.join('\n')}\n`);
}

/** One JSON value to stdout; `indent` where people read it, too. */
export function printJson(value: unknown, indent = 0): void {
  print(JSON.stringify(value, null, indent));
}

/** `text` in a style if `stream` is a terminal and NO_COLOR is not set. */
export function styled(style: Style, text: string, stream: NodeJS.WriteStream = process.stdout): string {
  const wanted = stream.isTTY === true && (process.env.NO_COLOR ?? '') === '' && process.env.TERM !== 'dumb';
  return wanted ? styleText(style, text) : text;
}

/** Says what went wrong and what to do, and returns the exit code for it. */
export function reportError(error: unknown): number {
  if (!(error instanceof MeshError)) {
    note(
      `fcmesh: ${error instanceof Error ? (process.env.FCMESH_DEBUG ? error.stack : error.message) : String(error)}`,
    );
    return EXIT.failed;
  }
  const [first = '', ...rest] = error.message.split('\n').map(printable);
  const start = styled('red', 'fcmesh:', process.stderr);
  note(`${start} ${first}`, ...rest, ...(error.remedy === null ? [] : [printable(error.remedy)]));
  return exitCodeOf(error);
}

/** Which exit code an error stands for. */
export function exitCodeOf(error: MeshError): number {
  if (error.code === 'ERR_NO_DAEMON') return EXIT.noDaemon;
  return FAILURES.has(error.code) ? EXIT.failed : EXIT.usage;
}

/**
 * Awaits `work`; if it takes longer than a second and a person is looking, says so once a second.
 * @param what `looking for bob`
 */
export async function withProgress<T>(what: string, quiet: boolean, work: Promise<T>): Promise<T> {
  if (quiet || process.stderr.isTTY !== true) return work;
  const started = performance.now();
  const timer = setInterval(() => {
    process.stderr.write(`\r\u001b[K${what} ... ${Math.round((performance.now() - started) / 1000)} s`);
  }, 1000);
  try {
    return await work;
  } finally {
    clearInterval(timer);
    if (performance.now() - started >= 1000) process.stderr.write('\r\u001b[K');
  }
}

/** `fcmesh log`: the last lines of the daemon's log, and with `--follow` what comes. */
import { type BencodeMap, MeshError } from '../base/index.ts';
import { printable } from '../text/index.ts';
import { clientOf } from './connect.ts';
import { countOf, textOf } from './fields.ts';
import { KEEP_ALIVE_MS } from './limits.ts';
import type { CommonOptions } from './options.ts';
import { EXIT, note, print, printJson, styled } from './output.ts';

export type LogOptions = CommonOptions & { readonly follow?: boolean; readonly level?: string };

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
const LEVEL_NAMES: readonly string[] = LEVELS;

/** @throws MeshError ERR_USAGE for an unknown level; ERR_NO_DAEMON, also when the daemon goes away meanwhile */
export async function run(options: LogOptions): Promise<number> {
  const wanted = LEVELS.findIndex((level) => level === (options.level ?? 'info'));
  if (wanted < 0)
    throw new MeshError('ERR_USAGE', `--level ${options.level} is not known`, `There are ${LEVELS.join(', ')}.`);
  const client = clientOf(options);
  const show = (line: BencodeMap): void => {
    const level = (textOf(line, 'level') ?? '').toLowerCase();
    if (LEVEL_NAMES.indexOf(level) < wanted) return;
    const unixMs = countOf(line, 'unixMs') || 1000 * countOf(line, 'time');
    const message = textOf(line, 'message') ?? '';
    if (options.json === true) printJson({ unixMs, level, message });
    else print(`${new Date(unixMs).toTimeString().slice(0, 8)} ${coloured(level)} ${printable(message)}`);
  };
  for (const line of await client.list('Fcmesh_log', 'lines')) show(line);
  if (options.follow !== true) return EXIT.done;
  client.listen(show);
  const ended = new Promise<void>((resolve) => process.once('SIGINT', resolve));
  await client.call('AdminLog_subscribe', { level: LEVELS[wanted] ?? 'info' });
  for (let isOver = false; !isOver; ) {
    isOver = await Promise.race([
      ended.then(() => true),
      new Promise<boolean>((resolve) => setTimeout(resolve, KEEP_ALIVE_MS, false)),
    ]);
    if (!isOver) await client.call('Fcmesh_status');
  }
  note('');
  client.close();
  // The timer of the last round must not hold us.
  process.exit(EXIT.done);
}

function coloured(level: string): string {
  const text = level.padEnd(5);
  return level === 'error' ? styled('red', text) : level === 'warn' ? styled('yellow', text) : text;
}

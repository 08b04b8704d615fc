/** `fcmesh ping NODE`: round trips through the mesh protocol itself, so without a TUN on either side. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type BencodeMap, getInt, MeshError } from '../base/index.ts';
import { formatMs, formatPercent, plural } from '../text/index.ts';
import { parseLabel } from '../wire/index.ts';
import type { AdminClient } from './client.ts';
import { clientOf } from './connect.ts';
import { msOf, numberOf, textOf } from './fields.ts';
import { MAX_COUNT } from './limits.ts';
import type { CommonOptions } from './options.ts';
import { EXIT, print, printJson, withProgress } from './output.ts';
import { type TooFar, tooFarOf, tooFarText } from './too-far.ts';

export type PingOptions = CommonOptions & {
  /** How many; default 4. */
  readonly count?: string;
  /** Seconds between them; default 1. */
  readonly interval?: string;
  readonly label?: string;
  /** Seconds to wait for each answer; default 5: the first one may need a search. */
  readonly timeout?: string;
};

/** @param node absent with `--label` @returns 0 if any answer came, 1 if none */
export async function run(node: string | undefined, options: PingOptions): Promise<number> {
  const count = positive('-c', options.count, 4, MAX_COUNT);
  const intervalMs = 1000 * positive('-i', options.interval, 1, 3600);
  const timeoutMs = 1000 * positive('-t', options.timeout, 5, 60);
  const target = targetOf(node, options.label);
  const client = clientOf(options);
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  process.once('SIGINT', onSignal);
  const quiet = options.json === true;
  const rttsMs: number[] = [];
  let sent = 0;
  let last: BencodeMap | null = null;
  let tooFar: TooFar | null = null;
  while (sent < count && !stop.signal.aborted) {
    const startedMs = performance.now();
    sent++;
    const reply = await withProgress(`waiting for ${target.name}`, quiet, ask(client, target, Math.round(timeoutMs)));
    const rttMs = getInt(reply, 'answered') === 1n ? msOf(reply, 'rttUs') : null;
    tooFar = rttMs === null ? tooFarOf(reply) : null;
    if (rttMs !== null) {
      rttsMs.push(rttMs);
      last = reply;
    }
    if (!quiet)
      print(
        rttMs === null
          ? `${sent}: no answer from ${target.name}`
          : `${sent}: ${formatMs(rttMs)} from ${target.name}${wayOf(reply)}`,
      );
    const restMs = intervalMs - (performance.now() - startedMs);
    if (sent < count && restMs > 0) await sleep(restMs, undefined, { signal: stop.signal }).catch(() => undefined);
  }
  process.removeListener('SIGINT', onSignal);
  const result = {
    sent,
    received: rttsMs.length,
    lossPercent: (100 * (sent - rttsMs.length)) / sent,
    rttMs: summary(rttsMs),
    label: last === null ? null : textOf(last, 'label'),
    hops: last === null ? null : numberOf(last, 'hops'),
    tooFar,
  };
  if (quiet) printJson(result);
  else {
    const { min, avg, p95, max } = result.rttMs;
    print(
      '',
      `${plural(sent, 'ping')}, ${plural(rttsMs.length, 'answer')}, ${formatPercent(result.lossPercent)} lost`,
      ...(min === null
        ? [helpOf(target, tooFar)]
        : [`round trip min ${formatMs(min)}, avg ${formatMs(avg)}, p95 ${formatMs(p95)}, max ${formatMs(max)}`]),
    );
  }
  return rttsMs.length > 0 ? EXIT.done : EXIT.failed;
}

function helpOf({ name }: Target, tooFar: TooFar | null): string {
  if (tooFar !== null) return tooFarText(name, tooFar);
  return 'Is the node running? "fcmesh find NODE" shows whether a way to it is known.';
}

type Target = { readonly name: string; readonly label: string | null };

function targetOf(node: string | undefined, label: string | undefined): Target {
  if (label !== undefined) {
    if (parseLabel(label) === null) {
      throw new MeshError(
        'ERR_USAGE',
        `--label ${label} is no label`,
        'A label looks like 0000.0000.0000.0013; fcmesh routes shows them.',
      );
    }
    return { name: label, label };
  }
  if (node === undefined) {
    throw new MeshError(
      'ERR_USAGE',
      'whom? name a node',
      'fcmesh ping NODE, where NODE is an address, a key, or the name of a peer',
    );
  }
  return { name: node, label: null };
}

function ask(client: AdminClient, target: Target, timeoutMs: number): Promise<BencodeMap> {
  if (target.label !== null) return client.call('Fcmesh_pingLabel', { label: target.label }, timeoutMs);
  return client.call('Fcmesh_ping', { node: target.name }, timeoutMs);
}

function wayOf(reply: BencodeMap): string {
  const hops = numberOf(reply, 'hops');
  const label = textOf(reply, 'label');
  return `${hops === null ? '' : `, ${plural(hops, 'hop')}`}${label === null ? '' : `, label ${label}`}`;
}

function summary(rttsMs: readonly number[]) {
  const sorted = [...rttsMs].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
  const sum = sorted.reduce((total, rttMs) => total + rttMs, 0);
  const avg = sorted.length === 0 ? null : Math.round((1000 * sum) / sorted.length) / 1000;
  return { min: at(0), avg, p95: at(0.95), max: at(1) };
}

/** @throws MeshError ERR_USAGE unless it is a number above 0 and at most `max` */
function positive(option: string, text: string | undefined, otherwise: number, max: number): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  const whole = option !== '-c' || Number.isInteger(value);
  if (text.trim() !== '' && value > 0 && value <= max && whole) return value;
  throw new MeshError(
    'ERR_USAGE',
    `${option} ${text} is no ${option === '-c' ? 'count' : 'number of seconds'}`,
    `More than 0, at most ${max}.`,
  );
}

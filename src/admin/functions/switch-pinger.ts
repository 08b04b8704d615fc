/** Pings of the switch, as stock tools make them. Source: protocol 10 §2 "SwitchPinger_ping", 06 §2.1. */
import { getBytes, getInt, getText } from '../../base/index.ts';
import { formatPublicKey } from '../../crypto/index.ts';
import { formatLabel, parseLabel } from '../../wire/index.ts';
import { timeoutOf } from '../arguments.ts';
import { type AdminFunction, type Call, may, needs } from '../function.ts';
import type { Reply } from '../reply.ts';
import { MAX_KEY_PING_DATA, MAX_PING_DATA, SWITCH_PING_TIMEOUT_MS } from '../spec.ts';

/** What went wrong, in the words of stock. */
const RESULTS = {
  timeout: 'timeout',
  diffData: 'diff_data',
  diffLabel: 'diff_label',
  errSwitch: 'err_switch',
  errLoop: 'err_loop',
} as const;

export const switchPinger: readonly AdminFunction[] = [
  {
    name: 'SwitchPinger_ping',
    access: 'operator',
    args: { path: needs('String'), timeout: may('Int'), data: may('String'), keyPing: may('Int') },
    run: ping,
  },
];

async function ping(call: Call): Promise<Reply> {
  const { context, args } = call;
  const label = parseLabel(getText(args, 'path') ?? '');
  if (label === null) return { error: 'path was not parsable.' };
  const keyPing = (getInt(args, 'keyPing') ?? 0n) !== 0n;
  const data = getBytes(args, 'data');
  const most = keyPing ? MAX_KEY_PING_DATA : MAX_PING_DATA;
  if ((data?.length ?? 0) > most) return { error: `data must be at most ${most} bytes` };
  const timeoutMs = timeoutOf(call, SWITCH_PING_TIMEOUT_MS);
  const startedMs = context.clock.nowMs();
  const how = { timeoutMs, keyPing, ...(data === null ? {} : { data }) };
  const outcome = await context.node.tryLabel(label, how);
  const path = formatLabel(label);
  if (outcome.result === 'full') return { error: 'no open slots to store ping, try later.' };
  if (outcome.result === 'pong') {
    const { rttUs, protocol, key } = outcome.answer;
    return {
      result: 'pong',
      ms: rttUs / 1000,
      version: protocol,
      path,
      responsePath: path,
      data,
      key: key === null ? null : formatPublicKey(key),
    };
  }
  return {
    result: RESULTS[outcome.result],
    ms: context.clock.nowMs() - startedMs,
    path,
    // v20 calls the label that a wrong answer came by `rpath`, v22 `responsePath`.
    ...(outcome.result === 'diffLabel'
      ? { rpath: formatLabel(outcome.label), responsePath: formatLabel(outcome.label) }
      : {}),
  };
}

/** Pings of the switch, as stock tools make them. Source: protocol 10 §2 "SwitchPinger_ping", 06 §2.1 to §2.5. */
import { type BencodeMap, getBytes, getInt, getText, latin1 } from '../../base/index.ts';
import { formatNodeAddress, formatPublicKey } from '../../crypto/index.ts';
import type { LabelAnswer, PingLabelOptions } from '../../node/index.ts';
import { formatLabel, parseLabel } from '../../wire/index.ts';
import { timeoutOf } from '../arguments.ts';
import { type AdminFunction, type Call, either, may, needs } from '../function.ts';
import type { Reply } from '../reply.ts';
import { MAX_KEY_PING_DATA, MAX_PING_DATA, SWITCH_PING_TIMEOUT_MS } from '../spec.ts';
import { linkAddressText } from './node-reply.ts';

/** What went wrong, in the words of stock. */
const RESULTS = {
  timeout: 'timeout',
  diffData: 'diff_data',
  diffLabel: 'diff_label',
  errSwitch: 'err_switch',
  errLoop: 'err_loop',
} as const;

/** Arguments that ask for more than a PING, and what they ask. */
const QUESTIONS = [
  ['keyPing', 'keyPing'],
  ['lladdr', 'llAddr'],
  ['snode', 'getSnode'],
  ['rpath', 'rpath'],
] as const;

export const switchPinger: readonly AdminFunction[] = [
  {
    name: 'SwitchPinger_ping',
    access: 'operator',
    args: {
      path: needs('String'),
      timeout: may('Int'),
      data: may('String'),
      keyPing: may('Int'),
      lladdr: may('Int'),
      snode: may('Int'),
      // An Int in v22. The JavaScript tools know four arguments, pass them by their place in the list, and check types:
      // `keyPing` of theirs becomes `snode`, `data` becomes `rpath`.
      rpath: either('String', 'Int'),
    },
    run: ping,
  },
];

/** The arguments by the names that were meant: only tools that go by places send a text as `rpath` beside `snode`. */
function meant(args: BencodeMap): BencodeMap {
  const [snode, rpath] = [getInt(args, 'snode'), getBytes(args, 'rpath')];
  if (rpath === null) return args;
  const others = [...args].filter(([name]) => name !== 'snode' && name !== 'rpath');
  if (snode !== null) return new Map([...others, ['keyPing', snode], ['data', rpath]]);
  return new Map([...others, ['rpath', /^0*$/.test(latin1(rpath)) ? 0n : 1n]]);
}

async function ping(call: Call): Promise<Reply> {
  const { context } = call;
  const args = meant(call.args);
  const label = parseLabel(getText(args, 'path') ?? '');
  if (label === null) return { error: 'path was not parsable.' };
  const asked = QUESTIONS.filter(([name]) => (getInt(args, name) ?? 0n) !== 0n);
  if (asked.length > 1) return { error: 'Can only be one of keyPing, lladdr, rpath OR snode' };
  const kind = asked[0]?.[1] ?? 'ping';
  const data = getBytes(args, 'data');
  const most = kind === 'keyPing' ? MAX_KEY_PING_DATA : MAX_PING_DATA;
  if ((data?.length ?? 0) > most) return { error: `data must be at most ${most} bytes` };
  const how: PingLabelOptions = {
    timeoutMs: timeoutOf(call, SWITCH_PING_TIMEOUT_MS),
    kind,
    ...(data === null ? {} : { data }),
  };
  const startedMs = context.clock.nowMs();
  const outcome = await context.node.tryLabel(label, how);
  const path = formatLabel(label);
  if (outcome.result === 'full') return { error: 'no open slots to store ping, try later.' };
  if (outcome.result === 'pong') {
    return { result: 'pong', path, responsePath: path, data: data ?? '', ...told(outcome.answer) };
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

function told({ rttUs, protocol, key, snode, rpath, linkAddress }: LabelAnswer): Reply {
  return {
    ms: rttUs / 1000,
    version: protocol,
    key: key && formatPublicKey(key),
    snode: snode && formatNodeAddress({ protocol: snode.version, label: snode.path, publicKey: snode.key }),
    rpath: rpath === null ? null : formatLabel(rpath),
    lladdr: linkAddress && linkAddressText(linkAddress),
  };
}

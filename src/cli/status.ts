/** `fcmesh status`: one screen about the daemon. */
import { asMap, type BencodeMap, getList, getMap } from '../base/index.ts';
import { clientOf } from './connect.ts';
import { countOf, msOf, textOf } from './fields.ts';
import { formatDuration, plural, printable } from './format.ts';
import type { CommonOptions } from './options.ts';
import { EXIT, print, printJson, styled } from './output.ts';
import { renderPairs } from './table.ts';

/** @returns the exit code; warnings do not change it */
export async function run(options: CommonOptions): Promise<number> {
  const reply = await clientOf(options).call('Fcmesh_status');
  const tun = getMap(reply, 'tun');
  const peers = getMap(reply, 'peers') ?? new Map();
  const texts = (key: string) =>
    (getList(reply, key) ?? [])
      .filter((one) => one instanceof Uint8Array)
      .map((one) => Buffer.from(one).toString('utf8'));
  const status = {
    version: textOf(reply, 'version'),
    protocol: countOf(reply, 'protocol'),
    address: textOf(reply, 'address'),
    key: textOf(reply, 'key'),
    pid: countOf(reply, 'pid'),
    uptimeSeconds: countOf(reply, 'uptimeSeconds'),
    engine: textOf(reply, 'engine'),
    engineDetails: detailsOf(getMap(reply, 'engineDetails') ?? new Map()),
    tun: tun === null ? null : { name: textOf(tun, 'name'), mtu: countOf(tun, 'mtu') },
    listen: texts('listen'),
    peers: { total: countOf(peers, 'total'), established: countOf(peers, 'established') },
    sessions: countOf(reply, 'sessions'),
    nodesKnown: countOf(reply, 'nodesKnown'),
    timerLateMs: msOf(reply, 'timerLateUs'),
    warnings: texts('warnings'),
    refused: (getList(reply, 'refused') ?? []).map((one) => {
      const map = asMap(one) ?? new Map();
      return {
        endpoint: textOf(map, 'endpoint'),
        key: textOf(map, 'key'),
        reason: textOf(map, 'reason'),
        count: countOf(map, 'count'),
      };
    }),
  };
  if (options.json === true) {
    printJson(status);
    return EXIT.done;
  }
  const { total, established } = status.peers;
  const state = established === 0 ? styled('red', 'alone') : styled('green', 'connected');
  const lines: [string, string][] = [
    ['address', styled('bold', status.address ?? '-')],
    ['key', status.key ?? '-'],
    ['state', `${state}, ${established} of ${plural(total, 'peer')} established`],
    ['sessions', String(status.sessions)],
    ['nodes known', String(status.nodesKnown)],
    ['tun', status.tun === null ? 'none (relay only)' : `${status.tun.name}, MTU ${status.tun.mtu}`],
    ['listening', status.listen.join(', ') || 'nowhere'],
    ['engine', engineText(status.engine, status.engineDetails)],
    ['running', `${formatDuration(status.uptimeSeconds)}, pid ${status.pid}`],
    ['version', `fcmesh ${status.version}, protocol ${status.protocol}`],
  ];
  print(...renderPairs(lines));
  if (status.refused.length > 0) print('', styled('yellow', 'Turned away:'));
  for (const one of status.refused) {
    print(
      `  ${printable(`${one.endpoint} ${one.key ?? 'key not known'}: ${one.reason}`)}, ${plural(one.count, 'time')}`,
    );
  }
  if (status.warnings.length > 0) print('', styled('yellow', 'Warnings:'));
  for (const warning of status.warnings) print(`  ${printable(warning)}`);
  if (total === 0) print('', 'Nobody is connected: add somebody under "peers" or "accept" in the configuration.');
  return EXIT.done;
}

/** Flags come as 0 and 1, counters as numbers, names as text: told apart by what the engine calls them. */
function detailsOf(map: BencodeMap): Readonly<Record<string, string | number>> {
  return Object.fromEntries(
    [...map].map(([key, value]) => [
      key,
      value instanceof Uint8Array
        ? Buffer.from(value).toString('utf8')
        : typeof value === 'bigint'
          ? Number(value)
          : '',
    ]),
  );
}

/** `native: avx2, offload of TUN and UDP`. */
function engineText(engine: string | null, details: Readonly<Record<string, string | number>>): string {
  const offloads = [details.tunOffload === 1 ? 'TUN' : '', details.udpOffload === 1 ? 'UDP' : ''].filter(
    (one) => one !== '',
  );
  const parts = [
    typeof details.crypto === 'string' ? details.crypto : '',
    offloads.length === 0 ? '' : `offload of ${offloads.join(' and ')}`,
  ].filter((one) => one !== '');
  return [engine ?? '-', ...(parts.length === 0 ? [] : [parts.join(', ')])].map(printable).join(': ');
}

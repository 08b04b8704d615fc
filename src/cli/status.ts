/** `fcmesh status`: one screen about the daemon. */
import { asMap, type BencodeMap, getList, getMap } from '../base/index.ts';
import { formatDuration, keptOutText, nobodyText, plural, printable } from '../text/index.ts';
import { clientOf } from './connect.ts';
import { engineDetailsOf, engineText } from './engine-text.ts';
import { countOf, msOf, textOf } from './fields.ts';
import { networkOf, networkText } from './network.ts';
import type { CommonOptions } from './options.ts';
import { EXIT, print, printJson, styled } from './output.ts';
import { renderPairs } from './table.ts';
import { tooFarText } from './too-far.ts';

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
    engineDetails: engineDetailsOf(getMap(reply, 'engineDetails') ?? new Map()),
    selfTest: textOf(reply, 'selfTest'),
    tun: tun === null ? null : tunOf(tun),
    listen: texts('listen'),
    peers: { total: countOf(peers, 'total'), established: countOf(peers, 'established') },
    sessions: countOf(reply, 'sessions'),
    nodesKnown: countOf(reply, 'nodesKnown'),
    accepts: countOf(reply, 'accepts'),
    supernodes: supernodesOf(getMap(reply, 'supernodes') ?? new Map()),
    tooFar: (getList(reply, 'tooFar') ?? []).map((one) => {
      const map = asMap(one) ?? new Map();
      return { address: textOf(map, 'address'), hops: countOf(map, 'hops'), missingBits: countOf(map, 'missingBits') };
    }),
    network: networkOf(reply),
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
    keptOut: (getList(reply, 'keptOut') ?? []).map((one) => {
      const map = asMap(one) ?? new Map();
      return {
        address: textOf(map, 'address') ?? '-',
        key: textOf(map, 'key'),
        name: textOf(map, 'name'),
        rule: textOf(map, 'rule') ?? '-',
        isRule: countOf(map, 'isRule') === 1,
        count: countOf(map, 'count'),
        lastSeconds: countOf(map, 'lastSeconds'),
      };
    }),
  };
  if (options.json === true) {
    printJson(status);
    return EXIT.done;
  }
  const { total, established } = status.peers;
  const problem = status.tun?.problem ?? null;
  const isGood = established > 0 && problem === null;
  const word =
    established === 0 ? 'not connected' : problem === null ? 'connected' : 'connected, but no program reaches the mesh';
  const state = styled(isGood ? 'green' : 'red', word);
  const neighbours = networkText(status.network);
  const lines: [string, string][] = [
    ['address', styled('bold', status.address ?? '-')],
    ['key', status.key ?? '-'],
    ['state', `${state}, ${established} of ${plural(total, 'peer')} established`],
    ['sessions', String(status.sessions)],
    ['nodes known', String(status.nodesKnown)],
    ...(status.supernodes.configured > 0 ? [['supernode', supernodeText(status.supernodes)] as [string, string]] : []),
    ['tun', status.tun === null ? 'none (relay only)' : `${status.tun.name}, MTU ${status.tun.mtu}`],
    ['listening', status.listen.join(', ') || 'nowhere'],
    ...(neighbours === null ? [] : [['neighbours', neighbours] as [string, string]]),
    ['engine', `${engineText(status.engine, status.engineDetails)}${selfTestText(status.selfTest)}`],
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
  if (status.keptOut.length > 0) print('', styled('yellow', 'Kept out by the firewall:'));
  for (const one of status.keptOut) print(`  ${keptOutText(one)}`);
  if (status.tooFar.length > 0) print('', styled('yellow', 'Out of reach:'));
  for (const one of status.tooFar) print(`  ${tooFarText(one.address ?? '-', one)}`);
  if (status.warnings.length > 0) print('', styled('yellow', 'Warnings:'));
  for (const warning of status.warnings) print(`  ${printable(warning)}`);
  if (total === 0) print('', nobodyText(status.accepts));
  return EXIT.done;
}

/** Older daemons have none, and one that runs the portable engine has no room for it. */
function selfTestText(state: string | null): string {
  if (state === null || state === 'off') return '';
  return state === 'failed' ? styled('red', '; self-test failed') : `; self-test ${state}`;
}

function tunOf(map: BencodeMap) {
  const guarded = map.has('guarded') ? countOf(map, 'guarded') === 1 : null;
  return { name: textOf(map, 'name'), mtu: countOf(map, 'mtu'), guarded, problem: textOf(map, 'problem') };
}

function supernodesOf(map: BencodeMap) {
  const address = textOf(map, 'address');
  return {
    configured: countOf(map, 'configured'),
    inUse: address === null ? null : { key: textOf(map, 'key'), address, label: textOf(map, 'label') },
    announcedLinks: countOf(map, 'announcedLinks'),
  };
}

function supernodeText({ configured, inUse, announcedLinks }: ReturnType<typeof supernodesOf>): string {
  if (inUse === null) return `none found yet of ${configured} configured`;
  return printable(`${inUse.address}, knows ${plural(announcedLinks, 'link')} of ours`);
}

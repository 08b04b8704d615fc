/** `fcmesh peers`: the links of this node. */
import type { BencodeMap } from '../base/index.ts';
import { formatBitRate, formatBytes, formatDuration, formatMs, formatPercent, formatText } from '../text/index.ts';
import { clientOf } from './connect.ts';
import { countOf, msOf, numberOf, percentOf, textOf } from './fields.ts';
import type { CommonOptions } from './options.ts';
import { EXIT, print, printJson } from './output.ts';
import { type Column, renderTable } from './table.ts';

const COLUMNS: readonly Column[] = [
  { title: 'NAME' },
  { title: 'STATE' },
  { title: 'ADDRESS' },
  { title: 'ENDPOINT' },
  { title: 'DIR' },
  { title: 'RTT', align: 'right' },
  { title: 'LOSS', align: 'right' },
  { title: 'IN', align: 'right' },
  { title: 'OUT', align: 'right' },
  { title: 'RECEIVED', align: 'right' },
  { title: 'SENT', align: 'right' },
  { title: 'AGE', align: 'right' },
];

/** @returns the exit code; a node without peers is no failure */
export async function run(options: CommonOptions): Promise<number> {
  const peers = (await clientOf(options).list('Fcmesh_peers', 'peers')).map(peerOf);
  if (options.json === true) {
    printJson(peers);
    return EXIT.done;
  }
  if (peers.length === 0) {
    print('No peers: add somebody under "peers" or "accept" in the configuration.');
    return EXIT.done;
  }
  const rows = peers.map((peer) => [
    formatText(peer.name),
    formatText(peer.state),
    formatText(peer.address),
    formatText(peer.endpoint),
    formatText(peer.direction),
    formatMs(peer.rttMs),
    formatPercent(peer.lossPercent),
    formatBitRate(peer.rxBps),
    formatBitRate(peer.txBps),
    formatBytes(peer.rxBytes),
    formatBytes(peer.txBytes),
    formatDuration(peer.ageSeconds),
  ]);
  print(...renderTable(COLUMNS, rows));
  const troubled = peers.filter((peer) => peer.state !== 'established' && peer.reason !== null);
  if (troubled.length > 0) print('');
  for (const peer of troubled) print(`${formatText(peer.name ?? peer.endpoint)}: ${formatText(peer.reason)}`);
  return EXIT.done;
}

function peerOf(map: BencodeMap) {
  return {
    key: textOf(map, 'key'),
    address: textOf(map, 'address'),
    name: textOf(map, 'name'),
    endpoint: textOf(map, 'endpoint'),
    transport: textOf(map, 'transport'),
    direction: textOf(map, 'direction'),
    state: textOf(map, 'state'),
    reason: textOf(map, 'reason'),
    protocol: numberOf(map, 'protocol'),
    label: textOf(map, 'label'),
    rttMs: msOf(map, 'rttUs'),
    rttP95Ms: msOf(map, 'rttP95Us'),
    jitterMs: msOf(map, 'jitterUs'),
    lossPercent: percentOf(map, 'lossPpm'),
    quality: numberOf(map, 'quality'),
    rxBytes: countOf(map, 'rxBytes'),
    txBytes: countOf(map, 'txBytes'),
    rxBps: countOf(map, 'rxBps'),
    txBps: countOf(map, 'txBps'),
    ageSeconds: countOf(map, 'ageSeconds'),
  };
}

/** `fcmesh peers`: the links of this node. */
import type { BencodeMap } from '../base/index.ts';
import { formatBitRate, formatBytes, formatDuration, formatMs, formatPercent, formatText } from '../text/index.ts';
import { countOf, msOf, numberOf, percentOf, textOf } from './fields.ts';
import { type Listing, runListing } from './listing.ts';
import type { CommonOptions } from './options.ts';

const LISTING: Listing<ReturnType<typeof peerOf>> = {
  call: 'Fcmesh_peers',
  field: 'peers',
  read: peerOf,
  columns: [
    { title: 'NAME', cell: (peer) => formatText(peer.name) },
    { title: 'STATE', cell: (peer) => formatText(peer.state) },
    { title: 'ADDRESS', cell: (peer) => formatText(peer.address) },
    { title: 'ENDPOINT', cell: (peer) => formatText(peer.endpoint) },
    { title: 'DIR', cell: (peer) => formatText(peer.direction) },
    { title: 'RTT', align: 'right', cell: (peer) => formatMs(peer.rttMs) },
    { title: 'LOSS', align: 'right', cell: (peer) => formatPercent(peer.lossPercent) },
    { title: 'IN', align: 'right', cell: (peer) => formatBitRate(peer.rxBps) },
    { title: 'OUT', align: 'right', cell: (peer) => formatBitRate(peer.txBps) },
    { title: 'RECEIVED', align: 'right', cell: (peer) => formatBytes(peer.rxBytes) },
    { title: 'SENT', align: 'right', cell: (peer) => formatBytes(peer.txBytes) },
    { title: 'AGE', align: 'right', cell: (peer) => formatDuration(peer.ageSeconds) },
  ],
  none: "No peers: invite somebody (fcmesh invite --name THEM), or join with the line that they sent you (fcmesh join --save 'LINE').",
  // What is wrong explains itself.
  remarks: (peers) =>
    peers
      .filter((peer) => peer.state !== 'established' && peer.reason !== null)
      .map((peer) => `${formatText(peer.name ?? peer.endpoint)}: ${formatText(peer.reason)}`),
};

/** @returns the exit code; a node without peers is no failure */
export async function run(options: CommonOptions): Promise<number> {
  return runListing(options, LISTING);
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
    mtu: numberOf(map, 'mtu'),
    fragmenting: countOf(map, 'fragmenting') === 1,
    rxBytes: countOf(map, 'rxBytes'),
    txBytes: countOf(map, 'txBytes'),
    rxBps: countOf(map, 'rxBps'),
    txBps: countOf(map, 'txBps'),
    ageSeconds: countOf(map, 'ageSeconds'),
  };
}

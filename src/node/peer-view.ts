/** Plain pictures of peers and sessions as the layers hold them. */

import type { Clock } from '../base/index.ts';
import type { DataTable, Row } from '../channel/index.ts';
import {
  costMs,
  isCut,
  isNeighbour,
  jitterMs,
  type Links,
  loss,
  ownKeyElsewhere,
  type Peer,
  quality,
  reasonOf,
  rttMs,
  rttP95Ms,
  stateOf,
  stockState,
} from '../link/index.ts';
import type { Session, Sessions } from '../session/index.ts';
import { labelOfInterface } from '../switch/index.ts';
import { formatSender } from '../underlay/index.ts';
import type { Rates } from './rates.ts';
import type { PeerSnapshot, SessionSnapshot, WaySnapshot } from './snapshots.ts';

/** One peer as the outside sees it. */
function peerSnapshot(
  peer: Peer,
  transport: string,
  links: Links,
  data: DataTable,
  rates: Rates,
  nowMs: number,
): PeerSnapshot {
  const { table } = links;
  const row = table.openRow[peer.number] as Row;
  const lastInMs = row < 0 ? null : (data.lastInMs[row] as number);
  const measuredLoss = loss(peer.measure);
  return {
    key: peer.key,
    address: peer.address,
    name: peer.name,
    user: peer.channel.user?.login ?? null,
    endpoint: formatSender(peer.endpoint),
    transport,
    direction: isNeighbour(peer) ? 'lan' : peer.direction,
    state: stateOf(peer),
    stockState: stockState(peer),
    reason: reasonOf(peer, nowMs),
    ownKeyAt: ownKeyElsewhere(peer, nowMs),
    protocol: peer.protocol,
    label: labelOfInterface(peer.number),
    interfaceNumber: peer.number,
    rttUs: micros(rttMs(peer.measure)),
    rttP95Us: micros(rttP95Ms(peer.measure)),
    jitterUs: micros(jitterMs(peer.measure)),
    lossPpm: measuredLoss === null ? null : Math.round(measuredLoss * 1e6),
    quality: stateOf(peer) === 'established' ? quality(peer.measure) : 0,
    mtu: peer.pathMtu.provenBytes,
    fragmenting: isCut(peer.pathMtu, nowMs),
    rxBytes: table.rxBytes[peer.number] as number,
    txBytes: table.txBytes[peer.number] as number,
    rxBytesPerSecond: rates.rx(peer.number),
    txBytesPerSecond: rates.tx(peer.number),
    ageMs: nowMs - peer.createdMs,
    silentMs: lastInMs === null ? null : nowMs - lastInMs,
    ...windowOf(data, row),
  };
}

/** All peers as the outside sees them. */
export type PeerList = {
  readonly list: () => readonly PeerSnapshot[];
  /** Peers of a socket are shown with this transport. */
  readonly useSocket: (socket: number, transport: string) => void;
};

/** Makes the list over the tables. */
export function createPeerList(links: Links, data: DataTable, rates: Rates, clock: Clock): PeerList {
  const transports = new Map<number, string>();
  const transportOf = ({ endpoint }: Peer) => transports.get(endpoint.socket) ?? '';
  return {
    useSocket: (socket, transport) => void transports.set(socket, transport),
    list: () => {
      const nowMs = clock.nowMs();
      return [...links.peers.values()].map((peer) => peerSnapshot(peer, transportOf(peer), links, data, rates, nowMs));
    },
  };
}

/** One link as whoever dials it sees it. */
export function waySnapshot({ dialledAt, liveness, measure, protocol, ...peer }: Peer, data: DataTable): WaySnapshot {
  const row = peer.channel.openRow;
  const lastInMs = row < 0 ? 0 : (data.lastInMs[row] ?? 0);
  return {
    dialledAt: dialledAt && formatSender(dialledAt),
    isUp: peer.announced,
    unheardPings: lastInMs > liveness.lastPingMs ? 0 : liveness.unanswered,
    openPings: peer.openPings,
    rttMs: rttMs(measure),
    costMs: costMs(measure),
    protocol,
  };
}

/** One session as the outside sees it. */
export function sessionSnapshot(session: Session, sessions: Sessions, data: DataTable, nowMs: number): SessionSnapshot {
  const { table } = sessions;
  const row = table.openRow[session.number] as Row;
  const lastInMs = row < 0 ? null : (data.lastInMs[row] as number);
  const usedMs = table.usedMs[session.number] as number;
  return {
    key: session.key,
    address: session.address,
    state: session.channel.stateName,
    label: session.label,
    hops: session.hops,
    rttUs: micros(session.rttMs),
    rxBytes: table.rxBytes[session.number] as number,
    txBytes: table.txBytes[session.number] as number,
    ageMs: nowMs - session.createdMs,
    silentMs: lastInMs === null ? null : nowMs - lastInMs,
    idleMs: Number.isFinite(usedMs) ? nowMs - usedMs : null,
    protocol: session.protocol,
    receiveHandle: session.receiveHandle,
    sendHandle: session.sendHandle,
    ...windowOf(data, row),
  };
}

function windowOf(data: DataTable, row: Row) {
  if (row < 0) return { received: 0, lost: 0, duplicates: 0, outOfRange: 0 };
  const { received, lost, duplicates, outOfRange } = data.stats(row);
  return { received, lost, duplicates, outOfRange };
}

function micros(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms * 1000);
}

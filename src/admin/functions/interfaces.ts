/** Functions about peers as stock tools see them. Source: protocol 10 §2 "Peers and interfaces". */
import { formatNodeAddress } from '../../crypto/index.ts';
import type { PeerSnapshot } from '../../node/index.ts';
import { pageOf } from '../arguments.ts';
import { type AdminFunction, may } from '../function.ts';
import type { Reply } from '../reply.ts';
import { PER_PAGE } from '../spec.ts';

export const interfaces: readonly AdminFunction[] = [
  {
    name: 'InterfaceController_peerStats',
    access: 'anybody',
    args: { page: may('Int') },
    run: (call) => {
      const { node, pages, clock } = call.context;
      const reader = `${call.from} peerStats`;
      const page = pages.read(reader, pageOf(call), PER_PAGE.peerStats, clock.nowMs(), () => node.inspect().peers);
      const unixMs = call.context.unixMs();
      return {
        peers: page.entries.map((peer) => stats(peer, unixMs)),
        total: page.total,
        more: page.more ? 1 : null,
      };
    },
  },
];

function stats(peer: PeerSnapshot, unixMs: number): Reply {
  return {
    addr: formatNodeAddress({ protocol: peer.protocol ?? 0, label: peer.label, publicKey: peer.key }),
    lladdr: peer.endpoint,
    state: peer.stockState,
    bytesIn: peer.rxBytes,
    bytesOut: peer.txBytes,
    recvKbps: (peer.rxBytesPerSecond * 8) / 1000,
    sendKbps: (peer.txBytesPerSecond * 8) / 1000,
    last: peer.silentMs === null ? 0 : unixMs - peer.silentMs,
    isIncoming: peer.direction === 'in',
    duplicates: peer.duplicates,
    lostPackets: peer.lost,
    receivedOutOfRange: peer.outOfRange,
    receivedPackets: peer.received,
    ifNum: peer.interfaceNumber,
    noiseProto: 0,
    user: peer.user ?? peer.name,
  };
}

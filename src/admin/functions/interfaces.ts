/** Functions about peers as stock tools see them. Source: protocol 10 §2 "Peers and interfaces". */

import { getInt, getText, MeshError } from '../../base/index.ts';
import { formatNodeAddress, parsePublicKey } from '../../crypto/index.ts';
import type { PeerSnapshot } from '../../node/index.ts';
import { endpointAt } from '../../underlay/index.ts';
import { pageOf, passwordOf } from '../arguments.ts';
import { type AdminFunction, type Call, may, needs } from '../function.ts';
import type { Reply } from '../reply.ts';
import { NO_WORKERS, PER_PAGE } from '../spec.ts';

export const interfaces: readonly AdminFunction[] = [
  {
    name: 'InterfaceController_peerStats',
    access: 'anybody',
    args: { page: may('Int') },
    run: (call) => {
      const { node, pages, clock } = call.context;
      const reader = `${call.from} peerStats`;
      const page = pages.read(reader, pageOf(call), PER_PAGE.peerStats, clock.nowMs(), () => node.peers());
      const unixMs = call.context.unixMs();
      return {
        peers: page.entries.map((peer) => stats(peer, unixMs)),
        total: page.total,
        more: page.more ? 1 : null,
      };
    },
  },
  {
    name: 'InterfaceController_interfaces',
    access: 'reader',
    args: { page: may('Int') },
    run: (call) => {
      const { daemon, pages, clock } = call.context;
      const take = () =>
        daemon.interfaces().map(({ number, name, family }) => ({
          ifNum: number,
          name: family === null ? `ETH/${name}` : `UDP/IPv${family}/${name}`,
          beaconState: 'DISABLED',
        }));
      const page = pages.read(`${call.from} interfaces`, pageOf(call), PER_PAGE.interfaces, clock.nowMs(), take);
      return { ifaces: page.entries, total: page.total, more: page.more ? 1 : null, error: 'none' };
    },
  },
  {
    name: 'InterfaceController_disconnectPeer',
    access: 'operator',
    args: { pubkey: needs('String') },
    run: ({ context, args }) => {
      const key = parsePublicKey(getText(args, 'pubkey') ?? '');
      if (key === null) return { success: 0, error: 'bad key' };
      const { daemon, node } = context;
      // Whoever is dialled would be dialled again: the daemon has to give it up as well.
      const dialled = daemon.removePeer(key, null);
      const found = node.removePeer(key) || dialled;
      return found ? { success: 1, sessionsDisconnected: 1 } : { success: 0, error: 'no peer found for that key' };
    },
  },
  {
    name: 'InterfaceController_resetPeering',
    access: 'operator',
    args: { pubkey: may('String') },
    run: ({ context, args }) => {
      const text = getText(args, 'pubkey');
      const key = text === null ? null : parsePublicKey(text);
      if (args.has('pubkey') && key === null) return { success: 0, error: 'bad key' };
      const count = context.node.resetPeer(key);
      return key === null || count > 0 ? { success: 1 } : { success: 0, error: 'no peer found for that key' };
    },
  },
  {
    name: 'UDPInterface_beginConnection',
    access: 'operator',
    args: {
      publicKey: needs('String'),
      address: needs('String'),
      interfaceNumber: may('Int'),
      password: may('String'),
      login: may('String'),
      peerName: may('String'),
      version: may('Int'),
    },
    run: beginConnection,
  },
  {
    name: 'UDPInterface_workerStates',
    access: 'operator',
    args: { interfaceNumber: may('Int') },
    run: ({ context, args }) => {
      const number = getInt(args, 'interfaceNumber') ?? 0n;
      const isThere = context.daemon.interfaces().some((one) => BigInt(one.number) === number);
      return isThere ? { error: 'none', workers: NO_WORKERS } : { error: 'no such interface for interfaceNumber' };
    },
  },
  {
    name: 'UDPInterface_beacon',
    access: 'operator',
    args: { interfaceNumber: may('Int'), state: may('Int') },
    run: ({ context, args }) => {
      const number = getInt(args, 'interfaceNumber') ?? 0n;
      const state = getInt(args, 'state') ?? 0n;
      const known = context.daemon.interfaces().some((one) => BigInt(one.number) === number);
      if (args.has('interfaceNumber') && !known) return { error: 'invalid interfaceNumber' };
      if (state < 0n || state > 2n) return { error: 'invalid state' };
      if (state !== 0n) return { error: 'beacons are set in the configuration (lan.beacon)' };
      return { error: 'none', state: 0, stateName: 'disabled' };
    },
  },
];

async function beginConnection({ context, args }: Call): Promise<Reply> {
  const { daemon } = context;
  const key = parsePublicKey(getText(args, 'publicKey') ?? '');
  const at = parseAddress(getText(args, 'address') ?? '');
  if (at === null) return { error: 'unable to parse ip address and port.' };
  if (key === null) return { error: 'invalid cjdns public key.' };
  const number = getInt(args, 'interfaceNumber');
  if (number !== null) {
    const socket = daemon.interfaces().find((one) => BigInt(one.number) === number);
    if (socket === undefined) return { error: 'no such interface for interfaceNumber' };
    if (socket.family !== at.family) return { error: 'different address type than this socket is bound to.' };
  }
  const password = passwordOf(args);
  if (password === null) return { error: 'password must have 1 to 64 bytes' };
  const [login, name] = [getText(args, 'login'), getText(args, 'peerName')];
  try {
    const dial = { endpoints: [endpointAt(at)] as const, key, password, login: login || null, name: name || null };
    await daemon.addPeer(dial, false);
    return { error: 'none' };
  } catch (error) {
    if (!(error instanceof MeshError)) throw error;
    // Our own key and a key without an address are both "invalid" to stock.
    if (/256 peers/.test(error.message)) return { error: 'no more space to register with the switch.' };
    return { error: /the key of the peer/.test(error.message) ? 'invalid cjdns public key.' : error.message };
  }
}

/** `192.0.2.7:21000`, `[fe80::7%eth0]:21000`; names are not for this function. What no peer can have the dialler refuses. */
function parseAddress(text: string): { readonly host: string; readonly port: number; readonly family: 4 | 6 } | null {
  const [, six, four, digits] =
    /^(?:\[([0-9a-fA-F:.]{2,45}(?:%[^\]]{1,15})?)\]|(\d{1,3}(?:\.\d{1,3}){3})):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  const host = six ?? four;
  if (host === undefined || port < 1 || port > 65535) return null;
  if (four?.split('.').some((part) => Number(part) > 255)) return null;
  return { host, port, family: six === undefined ? 4 : 6 };
}

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

/** Our own functions that look: status, peers, sessions, routes. Units are in the names; an unknown value is absent. */
import { equal } from '../../base/index.ts';
import { addressOf, type CryptoBackend, formatIp6, formatPublicKey } from '../../crypto/index.ts';
import { LAN_LOGIN } from '../../lan/index.ts';
import type { KeptOutSnapshot, NodeSnapshot, PeerSnapshot, RouteSnapshot, SessionSnapshot } from '../../node/index.ts';
import { formatLabel } from '../../wire/index.ts';
import { pageOf } from '../arguments.ts';
import type { WaitingPeer } from '../daemon-control.ts';
import { type AdminFunction, type Call, may } from '../function.ts';
import {
  MAX_STATUS_DEVICES,
  MAX_STATUS_HEARD,
  MAX_STATUS_KEPT_OUT,
  MAX_STATUS_REFUSED,
  MAX_STATUS_TOO_FAR,
  MAX_STATUS_WARNINGS,
  PEERS_PER_PAGE,
  ROUTES_PER_PAGE,
  SESSIONS_PER_PAGE,
} from '../limits.ts';
import { type Names, nameOf, namesOf } from '../names.ts';
import type { Reply } from '../reply.ts';

export const fcmeshStatus: readonly AdminFunction[] = [
  { name: 'Fcmesh_status', access: 'reader', args: {}, run: status },
  lister('Fcmesh_peers', 'peers', PEERS_PER_PAGE, ({ context }) => [
    ...context.node.peers().map(peer),
    ...context.daemon.waiting().map((one) => waiting(one, context.crypto)),
  ]),
  lister('Fcmesh_sessions', 'sessions', SESSIONS_PER_PAGE, ({ context }) => {
    const { peers, sessions } = context.node.inspect();
    const names = namesOf(peers);
    return sessions.map((one) => session(one, names));
  }),
  lister('Fcmesh_routes', 'routes', ROUTES_PER_PAGE, ({ context }) => {
    const { peers, routes } = context.node.inspect();
    const names = namesOf(peers);
    return routes.map((one) => route(one, names));
  }),
];

function status({ context }: Call): Reply {
  const { node, facts } = context;
  const snapshot = node.inspect();
  return {
    error: 'none',
    version: facts.version,
    protocol: snapshot.protocol,
    address: formatIp6(snapshot.address),
    key: formatPublicKey(snapshot.key),
    pid: facts.pid,
    uptimeSeconds: Math.floor(snapshot.uptimeMs / 1000),
    engine: snapshot.engine,
    engineDetails: snapshot.engineDetails,
    tun: facts.tun === null ? null : { ...facts.tun, ...tunState(facts) },
    listen: facts.listen,
    peers: {
      total: snapshot.peers.length + context.daemon.waiting().length,
      established: snapshot.peers.filter((one) => one.state === 'established').length,
    },
    sessions: snapshot.sessions.length,
    nodesKnown: snapshot.routes.length,
    // Neighbours come by a login of their own, which nobody set up.
    accepts: node.users().filter(({ login }) => login !== LAN_LOGIN).length,
    network: network(facts),
    supernodes: supernodes(snapshot.supernodes),
    tooFar: snapshot.tooFar.slice(0, MAX_STATUS_TOO_FAR).map(({ address, hops, missingBits }) => ({
      address: formatIp6(address),
      hops,
      missingBits,
    })),
    selfTest: snapshot.rehearsal.state,
    timerLateUs: facts.timerLateUs?.() ?? null,
    warnings: facts.warnings().slice(0, MAX_STATUS_WARNINGS),
    refused: snapshot.refused.slice(0, MAX_STATUS_REFUSED).map((one) => ({
      endpoint: one.endpoint,
      key: one.key === null ? null : formatPublicKey(one.key),
      reason: one.reason,
      count: one.count,
    })),
    keptOut: snapshot.keptOut.slice(0, MAX_STATUS_KEPT_OUT).map((one) => keptOut(one, snapshot)),
  };
}

/** The address is that of a key (nobody else could have sent it), and perhaps of somebody with a name. */
function keptOut({ address, rule, isRule, count, agoMs }: KeptOutSnapshot, { sessions, peers }: NodeSnapshot): Reply {
  const key = sessions.find((one) => equal(one.address, address))?.key ?? null;
  return {
    address: formatIp6(address),
    key: key && formatPublicKey(key),
    name: namesOf(peers)(address),
    rule,
    isRule: isRule ? 1 : 0,
    count,
    lastSeconds: Math.floor(agoMs / 1000),
  };
}

function network({ lan }: Call['context']['facts']): Reply {
  const { devices, heard } = lan?.() ?? { devices: [], heard: [] };
  return {
    devices: devices.slice(0, MAX_STATUS_DEVICES).map(({ name, reason }) => ({
      name,
      used: reason === null ? 1 : 0,
      reason,
    })),
    heard: heard.slice(0, MAX_STATUS_HEARD).map(({ endpoint, key, reason, agoMs }) => ({
      endpoint,
      key: formatPublicKey(key),
      reason,
      lastSeconds: Math.floor(agoMs / 1000),
    })),
  };
}

function tunState({ tunState }: Call['context']['facts']): Reply {
  const { guarded, problem } = tunState?.() ?? { guarded: true, problem: null };
  return { guarded: guarded ? 1 : 0, problem };
}

function supernodes({ configured, inUse, announcedLinks }: NodeSnapshot['supernodes']): Reply {
  const { key, address, label } = inUse ?? {};
  return {
    configured: configured.length,
    key: key && formatPublicKey(key),
    address: address && formatIp6(address),
    label: label === undefined ? null : formatLabel(label),
    announcedLinks,
  };
}

/** A function that lists something page by page. */
function lister(name: string, field: string, perPage: number, take: (call: Call) => readonly Reply[]): AdminFunction {
  return {
    name,
    access: 'reader',
    args: { page: may('Int') },
    run: (call) => {
      const { pages, clock } = call.context;
      const page = pages.read(`${call.from} ${name}`, pageOf(call), perPage, clock.nowMs(), () => take(call));
      return { error: 'none', [field]: page.entries, total: page.total, more: page.more ? 1 : null };
    },
  };
}

function peer(one: PeerSnapshot): Reply {
  return {
    key: formatPublicKey(one.key),
    address: formatIp6(one.address),
    name: nameOf(one),
    endpoint: one.endpoint,
    transport: one.transport,
    direction: one.direction,
    state: one.state,
    reason: one.reason,
    protocol: one.protocol,
    label: formatLabel(one.label),
    rttUs: one.rttUs,
    rttP95Us: one.rttP95Us,
    jitterUs: one.jitterUs,
    lossPpm: one.lossPpm,
    quality: one.quality,
    mtu: one.mtu,
    fragmenting: one.fragmenting ? 1 : 0,
    rxBytes: one.rxBytes,
    txBytes: one.txBytes,
    rxBps: one.rxBytesPerSecond,
    txBps: one.txBytesPerSecond,
    ageSeconds: Math.floor(one.ageMs / 1000),
  };
}

/** A row for somebody who cannot be dialled yet: whoever looks for a peer that is not up looks here. */
function waiting({ key, endpoint, transport, name, reason, ageMs }: WaitingPeer, crypto: CryptoBackend): Reply {
  const address = addressOf(crypto, key);
  return {
    key: formatPublicKey(key),
    address: address && formatIp6(address),
    name,
    endpoint,
    transport,
    direction: 'out',
    state: 'handshake',
    reason,
    quality: 0,
    rxBytes: 0,
    txBytes: 0,
    rxBps: 0,
    txBps: 0,
    ageSeconds: Math.floor(ageMs / 1000),
  };
}

function session(one: SessionSnapshot, names: Names): Reply {
  return {
    key: formatPublicKey(one.key),
    address: formatIp6(one.address),
    name: names(one.address),
    state: one.state,
    label: one.label === null ? null : formatLabel(one.label),
    hops: one.hops,
    rttUs: one.rttUs,
    rxBytes: one.rxBytes,
    txBytes: one.txBytes,
    ageSeconds: Math.floor(one.ageMs / 1000),
  };
}

function route(one: RouteSnapshot, names: Names): Reply {
  return {
    address: formatIp6(one.address),
    name: names(one.address),
    key: formatPublicKey(one.key),
    label: formatLabel(one.label),
    hops: one.hops,
    rttUs: one.rttUs,
    lossPpm: one.lossPpm,
    via: one.via === null ? null : formatIp6(one.via),
    protocol: one.protocol,
  };
}

/** A node that is only numbers, for tests of the admin API and the command line. */

import { type Clock, MeshError } from '../../src/base/index.ts';
import {
  asIp6,
  asPublicKey,
  formatPublicKey,
  type Ip6,
  type PublicKey,
  parsePublicKey,
} from '../../src/crypto/index.ts';
import type { NewUser } from '../../src/cryptoauth/index.ts';
import type { NodeControl, NodeSnapshot, PeerSnapshot, RouteSnapshot, SessionSnapshot } from '../../src/node/index.ts';
import { sure } from '../cryptoauth/support.ts';

/** A valid key and its address, from the identity vectors. */
export const KEY_TEXT = '4bdjy9bvc49913wlvm8hbwt4d7fcd1rs6b995pm063bcgtj613g0.k';
/** The same as bytes. */
export const KEY = sure(parsePublicKey(KEY_TEXT));
export const ADDRESS_TEXT = 'fc65:211d:b92b:25ab:4a64:6de3:08e0:4cf2';
export const OWN_KEY = key('4431e893da8ba41406977ba2a77826ecb4c5c2c546a554ea0466a8e532346138');
export const OWN_ADDRESS = address('fc65211db92b25ab4a646de308e04cf2');

export function key(hex: string): PublicKey {
  const made = asPublicKey(new Uint8Array(Buffer.from(hex, 'hex')));
  if (made === null) throw new Error('key');
  return made;
}

export function address(hex: string): Ip6 {
  const made = asIp6(new Uint8Array(Buffer.from(hex, 'hex')));
  if (made === null) throw new Error('address');
  return made;
}

/** Node number `index` of an imaginary mesh. */
export function numbered(index: number): { readonly key: PublicKey; readonly address: Ip6 } {
  const hex = index.toString(16).padStart(4, '0');
  return { key: key(`${hex}${'ab'.repeat(30)}`), address: address(`fc00${hex}${'cd'.repeat(12)}`) };
}

export function peer(index: number, change: Partial<PeerSnapshot> = {}): PeerSnapshot {
  return {
    ...numbered(index),
    name: `peer${index}`,
    user: null,
    endpoint: `192.0.2.${index % 256}:21000`,
    transport: 'udp',
    direction: 'out',
    state: 'established',
    stockState: 'ESTABLISHED',
    reason: null,
    ownKeyAt: null,
    protocol: 20,
    label: 0x13n + BigInt(index),
    interfaceNumber: index,
    rttUs: 1234,
    rttP95Us: 2345,
    jitterUs: 100,
    lossPpm: 12_500,
    quality: 98,
    mtu: 1324,
    fragmenting: false,
    rxBytes: 1_000_000,
    txBytes: 2048,
    rxBytesPerSecond: 125_000,
    txBytesPerSecond: 0,
    ageMs: 61_000,
    silentMs: 250,
    received: 10,
    lost: 1,
    duplicates: 2,
    outOfRange: 3,
    ...change,
  };
}

export function session(index: number): SessionSnapshot {
  return {
    ...numbered(index),
    state: 'ESTABLISHED',
    label: 0x15n,
    hops: 2,
    rttUs: 4200,
    rxBytes: 10,
    txBytes: 20,
    ageMs: 5_000,
    protocol: 20,
    silentMs: 100,
    idleMs: null,
    receiveHandle: 100 + index,
    sendHandle: 200 + index,
    received: 1,
    lost: 0,
    duplicates: 0,
    outOfRange: 0,
  };
}

export function route(index: number): RouteSnapshot {
  return {
    ...numbered(index),
    label: 0x15n,
    hops: 2,
    rttUs: null,
    silentMs: 1500,
    lossPpm: null,
    via: numbered(1).address,
    protocol: 20,
  };
}

/** A node whose answers can be set; `calls` holds what it was asked to do. */
export function fakeNode(
  change: Partial<NodeSnapshot> = {},
  answers: Partial<NodeControl> = {},
): NodeControl & { readonly calls: string[] } {
  const users = new Map<string, NewUser>();
  const calls: string[] = [];
  const snapshot: NodeSnapshot = {
    key: OWN_KEY,
    address: OWN_ADDRESS,
    protocol: 21,
    uptimeMs: 3_600_500,
    engine: 'native',
    engineDetails: {},
    peers: [peer(1)],
    sessions: [session(1)],
    routes: [route(2)],
    tooFar: [],
    refused: [],
    keptOut: [],
    counters: new Map(),
    supernodes: { configured: [], inUse: null, announcedLinks: 0 },
    rehearsal: { state: 'passed', packets: 20_000 },
    ...change,
  };
  return {
    calls,
    inspect: () => snapshot,
    peers: () => snapshot.peers,
    ways: () => [],
    ping: async (target, timeoutMs) => {
      calls.push(`ping ${Buffer.from(target).toString('hex')} ${timeoutMs}`);
      return { rttUs: 1500, label: 0x15n, hops: 2, protocol: 20, key: null };
    },
    pingLabel: async (label, timeoutMs, keyPing) => {
      calls.push(`pingLabel ${label} ${timeoutMs} ${keyPing}`);
      return { rttUs: 900, label, hops: 1, protocol: 20, key: keyPing ? OWN_KEY : null };
    },
    tryLabel: async (label, { timeoutMs, kind }) => {
      calls.push(`tryLabel ${label} ${timeoutMs} ${kind}`);
      const facts = {
        key: kind === 'keyPing' ? OWN_KEY : null,
        snode: kind === 'getSnode' ? { key: OWN_KEY, version: 20, path: 0x13n } : null,
        rpath: kind === 'rpath' ? 0x17n : null,
        linkAddress:
          kind === 'llAddr' ? ({ kind: 'udp', address: Uint8Array.of(192, 0, 2, 7), port: 21000 } as const) : null,
      };
      const answer = { rttUs: 900, label, hops: 1, protocol: 20, ...facts };
      return { result: 'pong', answer };
    },
    query: async ({ query, label, target }, timeoutMs) => {
      calls.push(`query ${query} ${label} ${Buffer.from(target ?? []).toString('hex')} ${timeoutMs}`);
      const nodes = [{ ...numbered(7), label: 0x15n, protocol: 20 }];
      return { rttUs: 5000, protocol: 20, scheme: null, formNumber: 0, nodes };
    },
    resetPeer: (which) => {
      calls.push(`resetPeer ${which === null ? 'all' : 'one'}`);
      return 0;
    },
    resetSession: () => false,
    networkChanged: (what) => void calls.push(`networkChanged ${what}`),
    setFirewall: (rules) => void calls.push(`setFirewall ${JSON.stringify(rules)}`),
    trace: async () => [
      { address: numbered(1).address, label: 0x13n, rttUs: 500 },
      { address: numbered(2).address, label: 0x15n, rttUs: null },
    ],
    tooFar: () => null,
    find: async (target) => ({
      found: false,
      address: target,
      key: null,
      label: null,
      hops: null,
      queries: 7,
      elapsedMs: 80,
    }),
    addPeer: () => {},
    addNeighbour: () => 'known',
    removePeer: () => false,
    addUser: (options) => {
      if (users.has(options.login)) throw new MeshError('ERR_USER', 'same login');
      users.set(options.login, options);
    },
    removeUser: (login) => users.delete(login),
    setSupernodes: (keys) => void calls.push(`setSupernodes ${keys.map((one) => formatPublicKey(one)).join(' ')}`),
    rehearsal: () => snapshot.rehearsal,
    supernodes: () => snapshot.supernodes,
    users: () => [...users.values()].map(({ login, name }) => ({ login, name })),
    ...answers,
  };
}

/** A clock that is set by hand; timers run when time passes them. */
export function handClock(): Clock & { readonly pass: (ms: number) => void } {
  let nowMs = 0;
  let timers: { readonly atMs: number; readonly run: () => void }[] = [];
  return {
    nowMs: () => nowMs,
    after: (delayMs, run) => {
      const timer = { atMs: nowMs + delayMs, run };
      timers.push(timer);
      return {
        cancel: () => {
          timers = timers.filter((other) => other !== timer);
        },
      };
    },
    pass: (ms) => {
      nowMs += ms;
      const due = timers.filter((timer) => timer.atMs <= nowMs);
      timers = timers.filter((timer) => timer.atMs > nowMs);
      for (const timer of due) timer.run();
    },
  };
}

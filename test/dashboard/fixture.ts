/** The mesh of the frames in the manual: four peers, one of them dead. */
import { History } from '../../src/dashboard/history.ts';
import { type Model, reduce, type Screen, started } from '../../src/dashboard/model.ts';
import type { Peer, Route, Session, Snapshot } from '../../src/dashboard/snapshot.ts';

/** A time that no time zone shifts by anything but whole hours: frames show it only where a test wants it. */
export const NOW_MS = 1_700_000_005_000;
export const NOW_S = NOW_MS / 1000;

export const OWN = 'fc2b:91d4:0c3e:88f1:5a2e:17b0:44c9:7a0e';
export const BOB = 'fc40:77aa:0c3e:88f1:5a2e:17b0:44c9:19c2';
export const MAST = 'fc11:22bb:0c3e:88f1:5a2e:17b0:44c9:0001';
export const FRIEND = 'fc81:5a2e:0c3e:88f1:5a2e:17b0:44c9:03aa';
export const CAFE = 'fccc:5a2e:0c3e:88f1:5a2e:17b0:44c9:cafe';

export function peer(change: Partial<Peer> & { readonly id: string }): Peer {
  return {
    key: `${change.id}.k`,
    address: OWN,
    name: change.id,
    endpoint: '192.0.2.7:21000',
    transport: 'udp',
    direction: 'out',
    state: 'established',
    reason: null,
    protocol: 21,
    label: '0000.0000.0000.0013',
    rttMs: 12,
    rttP95Ms: 19,
    jitterMs: 0.8,
    lossPercent: 0,
    quality: 97,
    rxBytes: 1_240_000_000,
    txBytes: 340_000_000,
    rxBps: 1_225_000,
    txBps: 262_500,
    ageSeconds: 356_400,
    ...change,
  };
}

export const PEERS: readonly Peer[] = [
  peer({ id: 'bob', address: BOB }),
  peer({
    id: 'village-mast',
    address: MAST,
    rttMs: 41,
    lossPercent: 3.1,
    quality: 71,
    rxBps: 300_000,
    txBps: 112_500,
  }),
  peer({ id: 'friend', name: null, address: FRIEND, rttMs: 0.6, quality: 99, rxBps: 25_000, txBps: 12_500 }),
  peer({
    id: 'cafe',
    address: CAFE,
    state: 'unresponsive',
    reason: 'no answer for 42 s, next try in 8 s: wrong password, key or port, or a firewall',
    rttMs: null,
    rttP95Ms: null,
    jitterMs: null,
    lossPercent: null,
    quality: 0,
    rxBps: null,
    txBps: null,
  }),
];

export function route(id: string, label: string, hops: number, rttMs: number | null, via: string | null = null): Route {
  return { id, key: null, address: id, label, hops, rttMs, lossPercent: 0, via, protocol: 21 };
}

/** bob and the mast are direct; behind bob two nodes, one behind the other. */
export const ROUTES: readonly Route[] = [
  route(OWN, '0000.0000.0000.0001', 0, null),
  route(BOB, '0000.0000.0000.0013', 1, 12),
  route(MAST, '0000.0000.0000.0015', 1, 41),
  route(FRIEND, '0000.0000.0000.0153', 2, 20, BOB),
  route(CAFE, '0000.0000.0000.1753', 3, 95, BOB),
];

export const SESSIONS: readonly Session[] = [FRIEND, CAFE].map((address, index) => ({
  id: address,
  key: null,
  address,
  state: 'ESTABLISHED',
  label: '0000.0000.0000.0153',
  hops: index + 2,
  rttMs: 20 + 75 * index,
  rxBytes: 1_240_000,
  txBytes: 512,
  ageSeconds: 310,
}));

export function snapshot(change: Partial<Snapshot> = {}): Snapshot {
  const peers = change.peers ?? PEERS;
  return {
    status: {
      version: '0.1.0',
      address: OWN,
      key: null,
      engine: 'native',
      uptimeSeconds: 4 * 86_400 + 3 * 3600,
      peers: { total: peers.length, established: peers.filter((one) => one.state === 'established').length },
      sessions: 2,
      nodesKnown: 5,
      accepts: 0,
      warnings: [],
      refused: [],
      keptOut: [],
    },
    peers,
    sessions: SESSIONS,
    routes: ROUTES,
    ...change,
  };
}

/** A model that has seen one snapshot. */
export function model(screen: Screen = 'peers', change: Partial<Snapshot> = {}, columns = 80, rows = 24): Model {
  return reduce(started({ columns, rows }, screen), { type: 'data', snapshot: snapshot(change), nowMs: NOW_MS });
}

const NOTHING = { rttMs: null, lossPercent: null, quality: null, rxBps: null, txBps: null };

/** A history whose bars are those of the manual. */
export function history(): History {
  const made = new History();
  const bars: Readonly<Record<string, string>> = {
    bob: '▇▇▇▇▇▆▇▇',
    'village-mast': '▇▆▅▃▂▃▅▆',
    friend: '▇▇▇▇▇▇▇▇',
    cafe: '▃▂▁     ',
  };
  for (const [id, text] of Object.entries(bars)) {
    drawn(text, 10, 100, (atS, quality) => made.add(id, atS, { ...NOTHING, quality }));
  }
  const totals: [number, number | null][] = [];
  drawn('▁▂▃▅▇▆▅▃▂▁▂▃▅▆▅▃', 5, 2_000_000, (atS, rxBps) => totals.push([atS, rxBps]));
  const out: (number | null)[] = [];
  drawn('▁▁▂▂▃▂▁▁▁▁▂▂▃▂▁▁', 5, 2_000_000, (_, txBps) => out.push(txBps));
  totals.forEach(([atS, rxBps], index) => {
    made.total.add(atS, { ...NOTHING, rxBps, txBps: out[index] ?? null });
  });
  return made;
}

/** Calls `put` for each second of a row of bars that ends now. */
export function drawn(
  text: string,
  secondsEach: number,
  high: number,
  put: (atS: number, value: number | null) => void,
) {
  const last = Math.floor(NOW_S / secondsEach);
  [...text].forEach((bar, index) => {
    const level = '▁▂▃▅▆▇'.indexOf(bar);
    const start = (last - text.length + 1 + index) * secondsEach;
    for (let second = start; second < start + secondsEach && second <= NOW_S; second++) {
      put(second, level < 0 ? null : (level / 5) * high);
    }
  });
}

/** What the daemon said at one moment, read from the replies of the admin API. Source: docs/manual.md, "JSON". */
import { asMap, type BencodeMap, getInt, getList, getMap, getText } from '../base/index.ts';
import { type KeptOut, printable } from '../text/index.ts';

export type PeerState = 'handshake' | 'established' | 'unresponsive' | 'incompatible';

/** A peer; rates are bytes per second, null = not known. */
export type Peer = {
  readonly id: string;
  readonly key: string | null;
  readonly address: string;
  readonly name: string | null;
  readonly endpoint: string | null;
  readonly transport: string | null;
  readonly direction: string | null;
  readonly state: PeerState;
  readonly reason: string | null;
  readonly protocol: number | null;
  readonly label: string | null;
  readonly rttMs: number | null;
  readonly rttP95Ms: number | null;
  readonly jitterMs: number | null;
  readonly lossPercent: number | null;
  readonly quality: number | null;
  readonly rxBytes: number;
  readonly txBytes: number;
  readonly rxBps: number | null;
  readonly txBps: number | null;
  readonly ageSeconds: number | null;
};

export type Session = {
  readonly id: string;
  readonly key: string | null;
  readonly address: string;
  readonly state: string;
  readonly label: string | null;
  readonly hops: number | null;
  readonly rttMs: number | null;
  readonly rxBytes: number;
  readonly txBytes: number;
  readonly ageSeconds: number | null;
};

export type Route = {
  readonly id: string;
  readonly key: string | null;
  readonly address: string;
  readonly label: string;
  readonly hops: number;
  readonly rttMs: number | null;
  readonly lossPercent: number | null;
  /** Address of the first relay; null for a direct peer and for the node itself. */
  readonly via: string | null;
  readonly protocol: number | null;
};

export type Refused = { readonly endpoint: string; readonly reason: string; readonly count: number };

export type Status = {
  readonly version: string;
  readonly address: string;
  readonly key: string | null;
  readonly engine: string | null;
  readonly uptimeSeconds: number;
  readonly peers: { readonly total: number; readonly established: number };
  readonly sessions: number;
  readonly nodesKnown: number;
  /** Logins by which others may dial. */
  readonly accepts: number;
  readonly warnings: readonly string[];
  readonly refused: readonly Refused[];
  readonly keptOut: readonly KeptOut[];
};

/** One look. Sessions and routes may be older than the rest: they are read only while they are seen. */
export type Snapshot = {
  readonly status: Status;
  readonly peers: readonly Peer[];
  readonly sessions: readonly Session[];
  readonly routes: readonly Route[];
};

/** One hop of a measured path; the round trip is cumulative. */
export type TraceHop = { readonly address: string; readonly rttMs: number | null };

const STATES: readonly string[] = ['handshake', 'established', 'unresponsive', 'incompatible'];

/** Reads a reply of `Fcmesh_status`. */
export function readStatus(reply: BencodeMap): Status {
  const peers = getMap(reply, 'peers') ?? new Map();
  return {
    version: text(reply, 'version') ?? '?',
    address: text(reply, 'address') ?? '?',
    key: text(reply, 'key'),
    engine: text(reply, 'engine'),
    uptimeSeconds: number(reply, 'uptimeSeconds') ?? 0,
    peers: { total: number(peers, 'total') ?? 0, established: number(peers, 'established') ?? 0 },
    sessions: number(reply, 'sessions') ?? 0,
    nodesKnown: number(reply, 'nodesKnown') ?? 0,
    accepts: number(reply, 'accepts') ?? 0,
    warnings: (getList(reply, 'warnings') ?? [])
      .filter((one) => one instanceof Uint8Array)
      .map((one) => printable(Buffer.from(one).toString('utf8'))),
    refused: maps(reply, 'refused').map((one) => ({
      endpoint: text(one, 'endpoint') ?? '?',
      reason: text(one, 'reason') ?? '?',
      count: number(one, 'count') ?? 0,
    })),
    keptOut: maps(reply, 'keptOut').map((one) => ({
      address: text(one, 'address') ?? '?',
      name: text(one, 'name'),
      rule: text(one, 'rule') ?? '?',
      isRule: number(one, 'isRule') === 1,
      count: number(one, 'count') ?? 0,
      lastSeconds: number(one, 'lastSeconds') ?? 0,
    })),
  };
}

/** Reads the entries of `Fcmesh_peers`. Rates and loss of a peer that does not answer are not known, whatever they were. */
export function readPeers(entries: readonly BencodeMap[]): readonly Peer[] {
  return withIds(entries, (map) => {
    const label = text(map, 'label');
    const state = stateOf(text(map, 'state'));
    const isUp = state === 'established';
    return {
      id: text(map, 'key') ?? label ?? '?',
      key: text(map, 'key'),
      address: text(map, 'address') ?? '?',
      name: text(map, 'name') || null,
      endpoint: text(map, 'endpoint'),
      transport: text(map, 'transport'),
      direction: text(map, 'direction'),
      state,
      reason: text(map, 'reason'),
      protocol: number(map, 'protocol'),
      label,
      rttMs: isUp ? thousandth(map, 'rttUs') : null,
      rttP95Ms: isUp ? thousandth(map, 'rttP95Us') : null,
      jitterMs: isUp ? thousandth(map, 'jitterUs') : null,
      lossPercent: isUp ? percent(map, 'lossPpm') : null,
      quality: isUp ? number(map, 'quality') : state === 'unresponsive' ? 0 : null,
      rxBytes: number(map, 'rxBytes') ?? 0,
      txBytes: number(map, 'txBytes') ?? 0,
      rxBps: isUp ? number(map, 'rxBps') : null,
      txBps: isUp ? number(map, 'txBps') : null,
      ageSeconds: number(map, 'ageSeconds'),
    };
  });
}

/** Reads the entries of `Fcmesh_sessions`. */
export function readSessions(entries: readonly BencodeMap[]): readonly Session[] {
  return withIds(entries, (map) => ({
    id: text(map, 'address') ?? '?',
    key: text(map, 'key'),
    address: text(map, 'address') ?? '?',
    state: text(map, 'state') ?? '?',
    label: text(map, 'label'),
    hops: number(map, 'hops'),
    rttMs: thousandth(map, 'rttUs'),
    rxBytes: number(map, 'rxBytes') ?? 0,
    txBytes: number(map, 'txBytes') ?? 0,
    ageSeconds: number(map, 'ageSeconds'),
  }));
}

/** Reads the entries of `Fcmesh_routes`. */
export function readRoutes(entries: readonly BencodeMap[]): readonly Route[] {
  return withIds(entries, (map) => ({
    id: text(map, 'address') ?? '?',
    key: text(map, 'key'),
    address: text(map, 'address') ?? '?',
    label: text(map, 'label') ?? '',
    hops: number(map, 'hops') ?? 0,
    rttMs: thousandth(map, 'rttUs'),
    lossPercent: percent(map, 'lossPpm'),
    via: text(map, 'via'),
    protocol: number(map, 'protocol'),
  }));
}

/** Reads a reply of `Fcmesh_trace`; null if no way was found. */
export function readTrace(reply: BencodeMap): readonly TraceHop[] | null {
  if (getInt(reply, 'found') !== 1n) return null;
  return maps(reply, 'hops').map((map) => ({
    address: text(map, 'address') ?? '?',
    rttMs: thousandth(map, 'rttUs'),
  }));
}

/** Two entries of one name (an accepted and a dialled link to one key, for a moment) are told apart by their order. */
function withIds<T extends { readonly id: string }>(
  entries: readonly BencodeMap[],
  read: (map: BencodeMap) => T,
): readonly T[] {
  const seen = new Set<string>();
  return entries.map((entry) => {
    const one = read(entry);
    let id = one.id;
    for (let count = 2; seen.has(id); count++) id = `${one.id}#${count}`;
    seen.add(id);
    return id === one.id ? one : { ...one, id };
  });
}

function stateOf(word: string | null): PeerState {
  return STATES.includes(word ?? '') ? (word as PeerState) : 'incompatible';
}

function maps(map: BencodeMap, key: string): readonly BencodeMap[] {
  return (getList(map, key) ?? []).map(asMap).filter((one) => one !== null);
}

function text(map: BencodeMap, key: string): string | null {
  const value = getText(map, key);
  return value === null ? null : printable(value);
}

function number(map: BencodeMap, key: string): number | null {
  const value = getInt(map, key);
  return value === null ? null : Number(value);
}

function thousandth(map: BencodeMap, key: string): number | null {
  const value = number(map, key);
  return value === null ? null : value / 1000;
}

function percent(map: BencodeMap, key: string): number | null {
  const value = number(map, key);
  return value === null ? null : value / 10_000;
}

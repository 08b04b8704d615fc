/** Questions to the daemon, and their answers as values. Source: protocol 10; docs/manual.md, "Admin API". */
import { asMap, type BencodeMap, getInt, getList, getText } from '../base/index.ts';
import { printable } from '../text/index.ts';
import type { Dated } from './history.ts';
import { LOG_LINES_FIRST, MAX_PAGES } from './limits.ts';
import type { LogLine } from './model.ts';
import {
  type Peer,
  readPeers,
  readRoutes,
  readSessions,
  readStatus,
  readTrace,
  type Snapshot,
  type TraceHop,
} from './snapshot.ts';

/** Arguments of a call. */
export type Arguments = Readonly<Record<string, string | number | undefined>>;

/** Calls a function of the admin API; the client of the command line is one. Rejects with MeshError. */
export type Ask = {
  readonly call: (name: string, args?: Arguments, timeoutMs?: number | null) => Promise<BencodeMap>;
};

/** Which tables a screen needs now; the others stay as they were. */
export type Wants = { readonly sessions: boolean; readonly routes: boolean };

/** One look at the daemon. @param before what the tables that are not wanted keep */
export async function look(ask: Ask, wants: Wants, before: Snapshot | null): Promise<Snapshot> {
  const status = readStatus(await ask.call('Fcmesh_status'));
  const peers = readPeers(await allPages(ask, 'Fcmesh_peers', 'peers'));
  const sessions = wants.sessions
    ? readSessions(await allPages(ask, 'Fcmesh_sessions', 'sessions'))
    : (before?.sessions ?? []);
  const routes = wants.routes ? readRoutes(await allPages(ask, 'Fcmesh_routes', 'routes')) : (before?.routes ?? []);
  return { status, peers, sessions, routes };
}

/** The hops to a node with round trips; null if no way was found. */
export async function trace(ask: Ask, node: string, timeoutMs: number): Promise<readonly TraceHop[] | null> {
  return readTrace(await ask.call('Fcmesh_trace', { node }, timeoutMs));
}

/**
 * What the daemon remembers of a peer, oldest first.
 * @param seconds how much of it at least; the last page is read first
 * @param nowS our time of the newest sample: the clock of a daemon elsewhere may differ
 */
export async function past(ask: Ask, peer: Peer, nowS: number, seconds: number): Promise<readonly Dated[]> {
  const args = { node: peer.address, endpoint: peer.endpoint ?? undefined };
  const entries = await lastPages(ask, 'Fcmesh_history', 'samples', args, (read) => read.length >= seconds);
  const newestS = secondOf(entries.at(-1));
  if (newestS === null) return [];
  const aheadS = Math.abs(nowS - newestS) > 2 ? nowS - newestS : 0;
  return entries.flatMap((entry) => {
    const atS = secondOf(entry);
    return atS === null ? [] : [{ atS: atS + aheadS, sample: sampleOf(entry) }];
  });
}

/** The lines of the log after `last`, oldest first; without it the newest ones. */
export async function newLines(ask: Ask, last: LogLine | null): Promise<readonly LogLine[]> {
  const isLast = (line: LogLine) => line.atMs === last?.atMs && line.text === last.text;
  const enough = (read: readonly BencodeMap[]) => read.length >= LOG_LINES_FIRST || read.map(lineOf).some(isLast);
  const lines = (await lastPages(ask, 'Fcmesh_log', 'lines', {}, enough)).map(lineOf);
  return lines.slice(lines.findLastIndex(isLast) + 1);
}

/** The newest entries of a list whose oldest stand first: from its last page back, until there are `enough`. */
async function lastPages(
  ask: Ask,
  name: string,
  field: string,
  args: Arguments,
  enough: (read: readonly BencodeMap[]) => boolean,
): Promise<readonly BencodeMap[]> {
  const first = await ask.call(name, { ...args, page: 0 });
  const oldest = entriesOf(first, field);
  const total = Number(getInt(first, 'total') ?? 0n);
  const pages = Math.min(MAX_PAGES, Math.ceil(total / Math.max(1, oldest.length)));
  let read: readonly BencodeMap[] = [];
  for (let page = pages - 1; page > 0 && !enough(read); page--) {
    read = [...entriesOf(await ask.call(name, { ...args, page }), field), ...read];
  }
  return enough(read) ? read : [...oldest, ...read];
}

/** All entries of a function that answers page by page. */
async function allPages(ask: Ask, name: string, field: string): Promise<readonly BencodeMap[]> {
  const entries: BencodeMap[] = [];
  for (let page = 0; page < MAX_PAGES; page++) {
    const reply = await ask.call(name, { page });
    entries.push(...entriesOf(reply, field));
    if (getInt(reply, 'more') === null) break;
  }
  return entries;
}

function entriesOf(reply: BencodeMap, field: string): readonly BencodeMap[] {
  return (getList(reply, field) ?? []).map(asMap).filter((one) => one !== null);
}

function secondOf(entry: BencodeMap | undefined): number | null {
  const unixMs = entry === undefined ? null : getInt(entry, 'unixMs');
  return unixMs === null ? null : Math.floor(Number(unixMs) / 1000);
}

function sampleOf(entry: BencodeMap) {
  const number = (key: string) => {
    const value = getInt(entry, key);
    return value === null ? null : Number(value);
  };
  const quality = number('quality');
  // The daemon notes 0 for a link that is down: what was measured before that is not its round trip now.
  const isUp = quality !== 0;
  const [rttUs, lossPpm] = [number('rttUs'), number('lossPpm')];
  return {
    rttMs: isUp && rttUs !== null ? rttUs / 1000 : null,
    lossPercent: isUp && lossPpm !== null ? lossPpm / 10_000 : null,
    quality: isUp ? quality : null,
    rxBps: number('rxBps'),
    txBps: number('txBps'),
  };
}

function lineOf(map: BencodeMap): LogLine {
  return {
    atMs: Number(getInt(map, 'unixMs') ?? 0n),
    level: printable(getText(map, 'level') ?? '?'),
    text: printable(getText(map, 'message') ?? '?'),
  };
}

/**
 * What the screen shows and what keys do to it: a pure reducer. Measured values come in whole (`data`), histories are
 * kept beside it (history.ts).
 */
import { keptOutText } from '../text/index.ts';
import { namesOf, peerKind, routeKind, sessionKind } from './kinds.ts';
import { noticeLines, pathLines, rowLines, type Size } from './layout.ts';
import { LOG_LINES, MAX_BACK } from './limits.ts';
import { arranged, EMPTY_LIST, type List, pointedAt } from './list.ts';
import type { Route, Snapshot, TraceHop } from './snapshot.ts';
import { flattened, type Tree, treeOf } from './tree.ts';

export type ListName = 'peers' | 'sessions' | 'routes' | 'map';
export type Screen = ListName | 'peer' | 'log' | 'help';

/** One event of the daemon. */
export type LogLine = { readonly atMs: number; readonly level: string; readonly text: string };

/** The measured path to a node. */
export type Trace = {
  readonly address: string;
  /** Null: no answer yet, or no way found. */
  readonly hops: readonly TraceHop[] | null;
  readonly state: 'asked' | 'measured' | 'failed';
  readonly atMs: number;
};

export type Model = {
  readonly size: Size;
  readonly screen: Screen;
  readonly back: readonly Screen[];
  readonly lists: Readonly<Record<ListName, List>>;
  /** A letter goes to the filter of the list. */
  readonly typing: boolean;
  /** Name of the peer that is looked at closely. */
  readonly opened: string | null;
  /** Address of the node that was chosen last, on whichever screen. */
  readonly focus: string | null;
  readonly trace: Trace | null;
  readonly treeOnly: boolean;
  readonly log: readonly LogLine[];
  /** Lines between the newest and the last that is seen; 0 follows. */
  readonly logBack: number;
  /** Why there is no log; null while it comes. */
  readonly logTrouble: string | null;
  readonly snapshot: Snapshot | null;
  readonly tree: Tree;
  readonly atMs: number;
  /** Since when the daemon does not answer. */
  readonly goneSinceMs: number | null;
  readonly quit: boolean;
};

export type Event =
  | { readonly type: 'data'; readonly snapshot: Snapshot; readonly nowMs: number }
  | { readonly type: 'gone'; readonly nowMs: number }
  | { readonly type: 'resize'; readonly size: Size }
  | {
      readonly type: 'traced';
      readonly address: string;
      readonly hops: readonly TraceHop[] | null;
      readonly nowMs: number;
    }
  | { readonly type: 'logged'; readonly lines: readonly LogLine[] }
  | { readonly type: 'logTrouble'; readonly reason: string | null };

/** Before the first answer. */
export function started(size: Size, screen: Screen = 'peers'): Model {
  return {
    size,
    screen,
    back: [],
    lists: { peers: EMPTY_LIST, sessions: EMPTY_LIST, routes: EMPTY_LIST, map: EMPTY_LIST },
    typing: false,
    opened: null,
    focus: null,
    trace: null,
    treeOnly: false,
    log: [],
    logBack: 0,
    logTrouble: null,
    snapshot: null,
    tree: treeOf([]),
    atMs: 0,
    goneSinceMs: null,
    quit: false,
  };
}

/** Takes an event in. Keys are in keys.ts. */
export function reduce(model: Model, event: Event): Model {
  switch (event.type) {
    case 'data':
      return taken(model, event.snapshot, event.nowMs);
    case 'gone':
      return model.goneSinceMs === null ? { ...model, goneSinceMs: event.nowMs } : model;
    case 'resize':
      return rearranged({ ...model, size: event.size });
    case 'traced':
      return traced(model, event.address, event.hops, event.nowMs);
    case 'logged':
      return logged(model, event.lines);
    case 'logTrouble':
      return { ...model, logTrouble: event.reason };
  }
}

/** All lists anew, after their rows, the space or one of their settings changed. */
export function rearranged(model: Model): Model {
  const { snapshot, lists } = model;
  if (snapshot === null) return model;
  const names = namesOf(snapshot.peers);
  const space = (taken: number) => rowLines(model.size, taken);
  const next = {
    peers: arranged(
      lists.peers,
      snapshot.peers,
      peerKind(model.size.columns),
      space(noticeLines(model.size, noticesOf(snapshot).length)),
    ),
    sessions: arranged(lists.sessions, snapshot.sessions, sessionKind(names), space(0)),
    routes: arranged(lists.routes, routesSeen(snapshot.routes), routeKind(names), space(pathLines(model.size))),
    map: arranged(lists.map, mapRows(model.tree), { ...routeKind(names), sortings: [] }, space(0)),
  };
  return { ...model, lists: next };
}

/** Shows a screen; the cursor goes to the node that was chosen last, if it is there. */
export function shown(model: Model, screen: Screen): Model {
  if (screen === model.screen) return model;
  const back = [...model.back, model.screen].slice(-MAX_BACK);
  return rearranged(focused({ ...model, screen, back, typing: false }));
}

/** Which list a screen shows. */
export function listOf(screen: Screen): ListName | null {
  return screen === 'peers' || screen === 'sessions' || screen === 'routes' || screen === 'map' ? screen : null;
}

/** Address of the row under the cursor of a list. */
export function chosenAddress(model: Model, name: ListName): string | null {
  const id = model.lists[name].cursor;
  if (name !== 'peers') return id;
  return model.snapshot?.peers.find((peer) => peer.id === id)?.address ?? null;
}

/** What the daemon warns of, whom it turned away, and what its firewall kept out. */
export function noticesOf(snapshot: Snapshot): readonly string[] {
  const turnedAway = snapshot.status.refused.map(
    (one) => `turned away: ${one.endpoint}, ${one.reason}${one.count > 1 ? `, ${one.count} times` : ''}`,
  );
  const keptOut = snapshot.status.keptOut.map((one) => `kept out: ${keptOutText(one)}`);
  return [...snapshot.status.warnings, ...turnedAway, ...keptOut];
}

/** Routes without the way to ourselves. */
export function routesSeen(routes: readonly Route[]): readonly Route[] {
  return routes.filter((route) => route.hops > 0);
}

/** Nodes of the map in the order of the tree. */
export function mapRows(tree: Tree): readonly Route[] {
  return flattened(tree).map((branch) => branch.route);
}

function taken(model: Model, snapshot: Snapshot, nowMs: number): Model {
  const tree = snapshot.routes === model.snapshot?.routes ? model.tree : treeOf(snapshot.routes);
  const isFirst = model.snapshot === null;
  const next = rearranged({ ...model, snapshot, tree, atMs: nowMs, goneSinceMs: null });
  return isFirst ? next : closeIfVanished(next);
}

/** The peer that was looked at is gone: back to the list. */
function closeIfVanished(model: Model): Model {
  if (model.screen !== 'peer' || model.snapshot?.peers.some((peer) => peer.id === model.opened)) return model;
  return { ...model, screen: 'peers', back: [], opened: null };
}

function traced(model: Model, address: string, hops: readonly TraceHop[] | null, nowMs: number): Model {
  if (model.trace?.address !== address) return model;
  // One answer that was lost does not take the last good one away.
  const kept = hops ?? model.trace.hops;
  return { ...model, trace: { address, hops: kept, state: hops === null ? 'failed' : 'measured', atMs: nowMs } };
}

function logged(model: Model, lines: readonly LogLine[]): Model {
  const log = [...model.log, ...lines].slice(-LOG_LINES);
  const logBack = model.logBack === 0 ? 0 : Math.min(model.logBack + lines.length, log.length - 1);
  return { ...model, log, logBack, logTrouble: null };
}

function focused(model: Model): Model {
  const name = listOf(model.screen);
  if (name === null || model.focus === null) return model;
  const peer = model.snapshot?.peers.find((one) => one.address === model.focus);
  const id = name === 'peers' ? (peer?.id ?? null) : model.focus;
  const isThere = id !== null && (name === 'peers' || hasRow(model, name, id));
  return isThere ? { ...model, lists: { ...model.lists, [name]: pointedAt(model.lists[name], id) } } : model;
}

function hasRow(model: Model, name: 'sessions' | 'routes' | 'map', id: string): boolean {
  const rows = name === 'sessions' ? model.snapshot?.sessions : model.snapshot?.routes;
  return rows?.some((row) => row.id === id) ?? false;
}

/** What each key does: pure, from one model to the next. */

import { PEER_SORTINGS, routeKind, sessionKind } from './kinds.ts';
import { bodyLines } from './layout.ts';
import { FILTER_LETTERS } from './limits.ts';
import { type List, moved, nextSorting } from './list.ts';
import { chosenAddress, type ListName, listOf, type Model, rearranged, type Screen, shown } from './model.ts';

/** A letter, or the name of a key. */
export type Key = string;

const SCREENS: Readonly<Record<string, Screen>> = {
  '1': 'peers',
  '2': 'sessions',
  '3': 'routes',
  '4': 'map',
  '5': 'log',
  '?': 'help',
};

const STEPS: Readonly<Record<string, (page: number) => number>> = {
  up: () => -1,
  k: () => -1,
  down: () => 1,
  j: () => 1,
  pageup: (page) => -page,
  pagedown: (page) => page,
  ' ': (page) => page,
  home: () => Number.NEGATIVE_INFINITY,
  g: () => Number.NEGATIVE_INFINITY,
  end: () => Number.POSITIVE_INFINITY,
  G: () => Number.POSITIVE_INFINITY,
};

/** The model after a key. */
export function pressed(model: Model, key: Key, nowMs: number): Model {
  if (key === 'ctrl-c') return { ...model, quit: true };
  if (model.typing) return typed(model, key);
  if (key === 'q') return { ...model, quit: true };
  const screen = SCREENS[key];
  if (screen !== undefined) return shown(model, screen);
  if (key === 'escape' || key === 'backspace' || key === 'left') return stepBack(model);
  if (model.screen === 'peer') return inPeer(model, key);
  if (model.screen === 'log') return inLog(model, key);
  const name = listOf(model.screen);
  return name === null ? model : inList(model, name, key, nowMs);
}

function inList(model: Model, name: ListName, key: Key, nowMs: number): Model {
  const list = model.lists[name];
  const step = STEPS[key];
  if (step !== undefined) {
    const next = changed(model, name, moved(list, step(bodyLines(model.size) - 1)));
    return { ...next, focus: chosenAddress(next, name) };
  }
  switch (key) {
    case 's':
      return name === 'map' ? model : changed(model, name, nextSorting(list, sortingsOf(name)));
    case 'S':
      return name === 'map' ? model : changed(model, name, { ...list, reversed: !list.reversed });
    case '/':
      return { ...model, typing: true };
    case 't':
      return name === 'map' ? { ...model, treeOnly: !model.treeOnly } : model;
    case 'enter':
    case 'right':
      return opened(model, name, nowMs);
    default:
      return model;
  }
}

/** Enter leads on: from a peer to its history, from a session or a node of the map to its route, there it measures. */
function opened(model: Model, name: ListName, nowMs: number): Model {
  const address = chosenAddress(model, name);
  if (address === null) return model;
  const chosen = { ...model, focus: address };
  if (name === 'peers') return shown({ ...chosen, opened: model.lists.peers.cursor }, 'peer');
  if (name !== 'routes') return shown(chosen, 'routes');
  const hops = model.trace?.address === address ? model.trace.hops : null;
  return { ...chosen, trace: { address, hops, state: 'asked', atMs: nowMs } };
}

function inPeer(model: Model, key: Key): Model {
  const step = STEPS[key]?.(1) ?? (key === 'tab' || key === 'right' ? 1 : 0);
  if (step === 0) return model;
  const next = changed(model, 'peers', moved(model.lists.peers, step));
  return { ...next, opened: next.lists.peers.cursor, focus: chosenAddress(next, 'peers') };
}

function inLog(model: Model, key: Key): Model {
  const step = STEPS[key]?.(bodyLines(model.size) - 1) ?? 0;
  const most = Math.max(0, model.log.length - bodyLines(model.size));
  return { ...model, logBack: Math.max(0, Math.min(most, model.logBack - step)) };
}

/** Esc takes one thing back: the filter, then the screen. */
function stepBack(model: Model): Model {
  const name = listOf(model.screen);
  if (name !== null && model.lists[name].filter !== '') {
    return changed(model, name, { ...model.lists[name], filter: '' });
  }
  const before = model.back.at(-1);
  if (before === undefined) return model;
  return { ...shown(model, before), back: model.back.slice(0, -1) };
}

function typed(model: Model, key: Key): Model {
  const name = listOf(model.screen);
  if (name === null || key === 'enter') return { ...model, typing: false };
  const list = model.lists[name];
  if (key === 'escape') return changed({ ...model, typing: false }, name, { ...list, filter: '' });
  if (key === 'backspace') return changed(model, name, { ...list, filter: [...list.filter].slice(0, -1).join('') });
  if (key === 'up' || key === 'down') return changed(model, name, moved(list, key === 'up' ? -1 : 1));
  const isLetter = [...key].length === 1 && list.filter.length < FILTER_LETTERS;
  return isLetter ? changed(model, name, { ...list, filter: list.filter + key }) : model;
}

function changed(model: Model, name: ListName, list: List): Model {
  return rearranged({ ...model, lists: { ...model.lists, [name]: list } });
}

function sortingsOf(name: ListName): number {
  if (name === 'peers') return PEER_SORTINGS.length;
  const kind = name === 'sessions' ? sessionKind(new Map()) : routeKind(new Map());
  return kind.sortings.length;
}

/** The bottom of every screen: a rule, or what is wrong with the daemon, and the keys. */

import { formatTime } from '../../text/index.ts';
import { justified, type Line, line, lineWidth, piece, rule } from '../line.ts';
import { listOf, type Model, type Screen } from '../model.ts';

const SCREENS: readonly (readonly [key: string, screen: Screen])[] = [
  ['1', 'peers'],
  ['2', 'sessions'],
  ['3', 'routes'],
  ['4', 'map'],
  ['5', 'log'],
];

const KEYS: Readonly<Record<Screen, string>> = {
  peers: 'enter open  / filter  s sort  ? help',
  sessions: 'enter path  / filter  s sort  ? help',
  routes: 'enter trace  / filter  s sort  ? help',
  map: 'enter path  / filter  t tree  ? help',
  peer: 'esc back  ↑↓ other peers  ? help',
  log: '↑↓ scroll  end follow  ? help',
  help: 'esc back  q quit',
};

/** The two lines. */
export function foot(model: Model): readonly Line[] {
  return [model.goneSinceMs === null ? rule(model.size.columns) : trouble(model.goneSinceMs), keys(model)];
}

function trouble(sinceMs: number): Line {
  return line(` daemon does not answer since ${formatTime(sinceMs)}, trying again`, 'strong');
}

function keys(model: Model): Line {
  const { columns } = model.size;
  const name = listOf(model.screen);
  const filter = name === null ? '' : model.lists[name].filter;
  if (model.typing) {
    return justified([piece(' / '), piece(`${filter}▏`, 'strong')], [piece('enter keep  esc clear')], columns);
  }
  const current = model.screen === 'peer' ? 'peers' : model.screen;
  const screens = SCREENS.flatMap(([key, screen]) => [
    piece(` ${key} `),
    piece(screen, screen === current ? 'strong' : 'plain'),
  ]);
  const right = filter === '' ? [piece(KEYS[model.screen])] : [piece(`/ ${filter}`, 'strong'), piece('  esc clear')];
  // Where there is no room for both, the keys of this screen matter more: any list leads to help.
  if (lineWidth(screens) + lineWidth(right) + 2 > columns) return [piece(' '), ...right];
  return justified(screens, right, columns);
}

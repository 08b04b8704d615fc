/** The mesh as we know it: ourselves in the middle where there is room, else a tree. The chosen path is marked. */

import { fit, formatMs, width } from '../../text/index.ts';
import { type Names, namesOf } from '../kinds.ts';
import { rowLines } from '../layout.ts';
import { clipped, type Line, line, piece } from '../line.ts';
import type { Model } from '../model.ts';
import { type Branch, flattened, pathTo } from '../tree.ts';
import { nodeText } from './common.ts';
import { wideMap } from './wide-map.ts';

/** Room for guides and a whole address, where there is so much; hops and round trip stand to the right of it. */
const NODE_COLUMNS = 46;
const VALUE_COLUMNS = 20;

/** Everything between head and foot. */
export function mapScreen(model: Model): readonly Line[] {
  const { size, tree } = model;
  const names = namesOf(model.snapshot?.peers ?? []);
  const space = rowLines(size, 0);
  const total = tree.of.size;
  if (total === 0) return [line('  No node is known: no peer is connected yet.', 'dim')];
  const list = model.lists.map;
  const chosen = list.cursor;
  const path = new Set(chosen === null ? [] : pathTo(tree, chosen).map((route) => route.id));
  const caption = line(` ${total} node${total === 1 ? '' : 's'} by hops; * is the way to the chosen one`, 'dim');
  const wide =
    model.treeOnly || list.filter !== '' ? null : wideMap(tree, { names, path, chosen }, size.columns, space);
  if (wide !== null) return [caption, ...wide];
  return [caption, ...treeLines(model, names, path, space).map((one) => clipped(one, size.columns))];
}

function treeLines(model: Model, names: Names, path: ReadonlySet<string>, space: number): readonly Line[] {
  const list = model.lists.map;
  const shown = new Set(list.order.slice(list.top, list.top + space));
  if (shown.size === 0) return [line(`  No node matches "${list.filter}"; esc clears the filter.`, 'dim')];
  return flattened(model.tree)
    .filter((branch) => shown.has(branch.route.id))
    .map((branch) => treeLine(branch, model, names, path));
}

function treeLine(branch: Branch, model: Model, names: Names, path: ReadonlySet<string>): Line {
  const { route } = branch;
  const isChosen = route.id === model.lists.map.cursor;
  const isOnPath = path.has(route.id);
  const room = Math.max(12, Math.min(NODE_COLUMNS, model.size.columns - VALUE_COLUMNS));
  const before = `${isChosen ? '>' : ' '}${isOnPath ? '*' : ' '}${guides(branch, model.tree.roots)}`;
  const name = nodeText(route.address, names, room - width(before));
  return [
    piece(fit(before + name, room), isOnPath ? 'strong' : 'plain'),
    piece(fit(`${route.hops} hop${route.hops === 1 ? '' : 's'}`, 8, 'right'), 'dim'),
    piece(fit(formatMs(route.rttMs), 11, 'right')),
  ];
}

/** The lines that join a node to the one it hangs on. */
function guides(branch: Branch, roots: readonly Branch[]): string {
  const siblings = branch.parent?.children ?? roots;
  let text = siblings.at(-1) === branch ? '└ ' : '├ ';
  for (let above = branch.parent; above !== null; above = above.parent) {
    const beside = above.parent?.children ?? roots;
    text = (beside.at(-1) === above ? '  ' : '│ ') + text;
  }
  return text;
}

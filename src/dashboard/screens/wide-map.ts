/**
 * The map with ourselves in the middle; what hangs on each peer grows outward from there:
 *
 *               ┌ * bob ─────── fc81:…:03aa
 *   cafe ── you ┤
 *               └   mast ─────┬ fc40:…:19c2
 *                             └ fc41:…:7a0e
 */

import { fit, shortAddress } from '../../text/index.ts';
import type { Names } from '../kinds.ts';
import { type Line, lineWidth, type Piece, piece } from '../line.ts';
import { type Branch, depthOf, type Tree } from '../tree.ts';

/** A level: connector, mark, name. */
const NAME_COLUMNS = 12;
const LEVEL_COLUMNS = NAME_COLUMNS + 5;
const CENTRE = ' you ';

/** What of the map is marked. */
export type Marks = { readonly names: Names; readonly path: ReadonlySet<string>; readonly chosen: string | null };

/** One line of a side, from the middle outward. */
type Row = { readonly pieces: readonly Piece[]; readonly isChild: boolean };

/** Lines of the map; null if it does not fit into `columns` by `space` characters. */
export function wideMap(tree: Tree, marks: Marks, columns: number, space: number): readonly Line[] | null {
  const [right, left] = halves(tree.roots);
  const needed = (depthOf(right) + depthOf(left)) * LEVEL_COLUMNS + CENTRE.length + 2;
  if (needed > columns) return null;
  const sides = [side(left, marks), side(right, marks)] as const;
  const height = Math.max(sides[0].length, sides[1].length, 1);
  if (height > space) return null;
  const middle = Math.floor((height - 1) / 2);
  // Where both halves are equally deep, we stand in the middle of the screen.
  const leftRoom = Math.floor((columns - needed) / 2) + depthOf(left) * LEVEL_COLUMNS;
  return Array.from({ length: height }, (_, row) => {
    const before = outward(sides[0], row, height, middle);
    const after = outward(sides[1], row, height, middle);
    const mirrored = [...before].reverse().map((one) => ({ ...one, text: mirror(one.text) }));
    const indent = Math.max(0, leftRoom - lineWidth(mirrored));
    const centre = row === middle ? piece(CENTRE, 'chosen') : piece(' '.repeat(CENTRE.length));
    return [piece(' '.repeat(indent)), ...mirrored, centre, ...after];
  });
}

/** Peers right and left, so that both halves are about as high. */
function halves(roots: readonly Branch[]): readonly [Branch[], Branch[]] {
  const right: Branch[] = [];
  const left: Branch[] = [];
  let [rightLeaves, leftLeaves] = [0, 0];
  for (const root of roots) {
    const leaves = leavesOf(root);
    if (rightLeaves <= leftLeaves) {
      right.push(root);
      rightLeaves += leaves;
    } else {
      left.push(root);
      leftLeaves += leaves;
    }
  }
  return [right, left];
}

function leavesOf(branch: Branch): number {
  return branch.children.length === 0 ? 1 : branch.children.reduce((sum, child) => sum + leavesOf(child), 0);
}

/** The rows of all branches of one side, without the connectors at the middle. */
function side(branches: readonly Branch[], marks: Marks): readonly Row[] {
  return branches.flatMap((branch) => branchRows(branch, marks));
}

function branchRows(branch: Branch, marks: Marks): readonly Row[] {
  const below = branch.children.map((child) => branchRows(child, marks));
  const rows = below.flat();
  const name = namePiece(branch, marks, rows.length > 0);
  if (rows.length === 0) return [{ pieces: [name], isChild: true }];
  const last = rows.length - (below.at(-1)?.length ?? 0);
  return rows.map((row, index) => ({
    pieces: [
      index === 0 ? name : piece(' '.repeat(LEVEL_COLUMNS - 2)),
      piece(connector(index, last, row.isChild), 'dim'),
      ...row.pieces,
    ],
    isChild: index === 0,
  }));
}

/** Joins the first child on the row of its parent with those below. */
function connector(index: number, last: number, isChild: boolean): string {
  if (!isChild) return index < last ? '│ ' : '  ';
  if (index === 0) return last === 0 ? '─ ' : '┬ ';
  return index === last ? '└ ' : '├ ';
}

function namePiece({ route }: Branch, marks: Marks, hasMore: boolean): Piece {
  const isOnPath = marks.path.has(route.id);
  const name = marks.names.get(route.address) ?? shortAddress(route.address);
  const mark = route.id === marks.chosen ? '>' : isOnPath ? '*' : ' ';
  const text = `${mark} ${fit(name, NAME_COLUMNS).trimEnd()} `;
  return piece(hasMore ? text.padEnd(LEVEL_COLUMNS - 2, '─') : text, isOnPath ? 'strong' : 'plain');
}

/** Row `row` of a side that stands around the middle, with its connector to us. */
function outward(rows: readonly Row[], row: number, height: number, middle: number): readonly Piece[] {
  const first = Math.min(Math.floor((height - rows.length) / 2), middle);
  const index = row - first;
  const one = rows[index];
  const children = rows.flatMap((each, at) => (each.isChild ? [at + first] : []));
  const [top = middle, bottom = middle] = [children[0], children.at(-1)];
  const isBetween = row >= Math.min(top, middle) && row <= Math.max(bottom, middle) && children.length > 0;
  const trunk = isBetween
    ? trunkOf(row, middle, Math.min(top, middle), Math.max(bottom, middle), one?.isChild ?? false)
    : ' ';
  return [piece(`${trunk} `, 'dim'), ...(one?.pieces ?? [])];
}

function trunkOf(row: number, middle: number, top: number, bottom: number, isChild: boolean): string {
  const [up, down] = [row > top, row < bottom];
  if (row === middle) {
    if (isChild) return up && down ? '┼' : up ? '┴' : down ? '┬' : '─';
    return up && down ? '┤' : up ? '┘' : down ? '┐' : ' ';
  }
  if (!isChild) return '│';
  return up && down ? '├' : up ? '└' : '┌';
}

const MIRRORED: Readonly<Record<string, string>> = {
  '├': '┤',
  '┤': '├',
  '┌': '┐',
  '┐': '┌',
  '└': '┘',
  '┘': '└',
  '…': '…',
};

/** Turns connectors round, and moves the mark of a name to its other side; the letters stay. */
function mirror(text: string): string {
  const trunk = MIRRORED[text[0] ?? ''];
  if (/^[│─┬┴┼├┤┌┐└┘ ] $/.test(text)) return ` ${trunk ?? text[0]}`;
  if (text.trim() === '') return text;
  const [, mark = ' ', name = '', rest = ''] = /^(.) (.*?)( ─*| )$/.exec(text) ?? [];
  return `${[...rest].reverse().join('')}${name} ${mark}`;
}

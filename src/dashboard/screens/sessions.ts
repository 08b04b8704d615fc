/** The encrypted conversations with other nodes, near and far. */

import { formatBytes, formatCount, formatDuration, formatMs, sessionState, wrapped } from '../../text/index.ts';
import { type Names, namesOf, sessionKind } from '../kinds.ts';
import { rowLines } from '../layout.ts';
import { type Line, line, piece } from '../line.ts';
import type { Model } from '../model.ts';
import type { Session } from '../snapshot.ts';
import { type Column, fitting, tableRow, titles } from '../table.ts';
import { nodeText } from './common.ts';

const NARROW_NODE = 22;
const WIDE_NODE = 41;
/** From here on whole addresses fit. */
const WIDE = 100;

/** Everything between head and foot. */
export function sessionsScreen(model: Model): readonly Line[] {
  const { snapshot, size } = model;
  if (snapshot === null) return [line('  asking the daemon ...', 'dim')];
  const names = namesOf(snapshot.peers);
  const columns = columnsFor(size.columns, names);
  const list = model.lists.sessions;
  const byId = new Map(snapshot.sessions.map((one) => [one.id, one]));
  const title = sessionKind(names).sortings[list.sorting]?.title ?? null;
  const lines: Line[] = [titles(columns, list, title)];
  for (const id of list.order.slice(list.top, list.top + rowLines(size, 0))) {
    const session = byId.get(id);
    if (session !== undefined) lines.push(tableRow(columns, session, id === list.cursor));
  }
  if (list.order.length === 0) lines.push(...nothing(list.filter, size.columns));
  return lines;
}

function nothing(filter: string, columns: number): readonly Line[] {
  const text =
    filter === ''
      ? 'No sessions: nobody has talked to a node of the mesh lately.'
      : `No session matches "${filter}"; esc clears the filter.`;
  return wrapped(text, columns - 4).map((part) => line(`  ${part}`, 'dim'));
}

function columnsFor(room: number, names: Names): readonly Column<Session>[] {
  const node = room >= WIDE ? WIDE_NODE : NARROW_NODE;
  const all: readonly Column<Session>[] = [
    { title: 'node', width: node, align: 'left', rank: 0, cell: (one) => nodeText(one.address, names, node) },
    { title: 'state', width: 14, align: 'left', rank: 0, cell: (one) => state(one.state) },
    { title: 'hops', width: 5, align: 'right', rank: 1, cell: (one) => formatCount(one.hops) },
    { title: 'rtt', width: 10, align: 'right', rank: 1, cell: (one) => formatMs(one.rttMs) },
    { title: 'in ', width: 10, align: 'right', rank: 3, cell: (one) => formatBytes(one.rxBytes) },
    { title: 'out ', width: 10, align: 'right', rank: 4, cell: (one) => formatBytes(one.txBytes) },
    {
      title: 'age',
      width: 7,
      align: 'right',
      rank: 2,
      cell: (one) => formatDuration(one.ageSeconds).split(' ')[0] ?? '',
    },
    { title: '  label', width: 22, align: 'left', rank: 5, cell: (one) => `  ${one.label ?? '-'}` },
  ];
  return fitting(all, room);
}

function state(word: string) {
  return piece(sessionState(word) ?? '-', word === 'ESTABLISHED' ? 'good' : 'warn');
}

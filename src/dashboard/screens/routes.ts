/** The nodes a way is known to, and the way to the selected one hop by hop; Enter measures it. */

import { formatCount, formatMs, formatPercent, shorten, wrapped } from '../../text/index.ts';
import { type Names, namesOf, routeKind } from '../kinds.ts';
import { pathLines, rowLines } from '../layout.ts';
import { type Line, line, piece, rule } from '../line.ts';
import type { Model } from '../model.ts';
import type { Route } from '../snapshot.ts';
import { type Column, fitting, tableRow, titles } from '../table.ts';
import { nodeText } from './common.ts';
import { pathRows } from './path.ts';

const NARROW_NODE = 20;
const WIDE_NODE = 41;
const WIDE = 110;

/** Everything between head and foot. */
export function routesScreen(model: Model): readonly Line[] {
  const { snapshot, size } = model;
  if (snapshot === null) return [line('  asking the daemon ...', 'dim')];
  const names = namesOf(snapshot.peers);
  const columns = columnsFor(size.columns, names);
  const list = model.lists.routes;
  const space = rowLines(size, pathLines(size));
  const byId = new Map(snapshot.routes.map((one) => [one.id, one]));
  const lines: Line[] = [titles(columns, list, routeKind(names).sortings[list.sorting]?.title ?? null)];
  for (const id of list.order.slice(list.top, list.top + space)) {
    const route = byId.get(id);
    if (route !== undefined) lines.push(tableRow(columns, route, id === list.cursor));
  }
  if (list.order.length === 0) lines.push(...nothing(list.filter, size.columns));
  while (lines.length < space + 1) lines.push([]);
  return [...lines, ...pathPane(model, names)];
}

function pathPane(model: Model, names: Names): readonly Line[] {
  const { columns } = model.size;
  const lines = pathLines(model.size);
  const address = model.lists.routes.cursor;
  if (lines < 3 || address === null) return [];
  const caption = [piece(' path to '), piece(nodeText(address, names, 40), 'strong'), piece(measured(model, address))];
  return [rule(columns), caption, ...pathRows(model, address, names).slice(0, lines - 2)];
}

function measured(model: Model, address: string): string {
  const { trace } = model;
  if (trace?.address !== address) return ', as its label says; enter measures it';
  if (trace.hops === null) return trace.state === 'asked' ? ', being measured ...' : ', no answer; trying again';
  return trace.state === 'failed' ? ', the last measurement had no answer' : ', measured every 5 s';
}

function nothing(filter: string, columns: number): readonly Line[] {
  const text = filter === '' ? 'No routes: no peer is connected yet.' : `No route matches "${filter}"; esc clears it.`;
  return wrapped(text, columns - 4).map((part) => line(`  ${part}`, 'dim'));
}

function columnsFor(room: number, names: Names): readonly Column<Route>[] {
  const node = room >= WIDE ? WIDE_NODE : NARROW_NODE;
  const via = (one: Route) => (one.via === null ? 'direct' : nodeText(one.via, names, 0));
  const all: readonly Column<Route>[] = [
    { title: 'node', width: node, align: 'left', rank: 0, cell: (one) => nodeText(one.address, names, node) },
    { title: 'hops', width: 5, align: 'right', rank: 0, cell: (one) => formatCount(one.hops) },
    { title: 'rtt', width: 10, align: 'right', rank: 1, cell: (one) => formatMs(one.rttMs) },
    { title: 'loss', width: 8, align: 'right', rank: 3, cell: (one) => formatPercent(one.lossPercent) },
    { title: '  via', width: 14, align: 'left', rank: 2, cell: (one) => `  ${shorten(via(one), 11)}` },
    { title: 'label', width: 20, align: 'left', rank: 4, cell: (one) => one.label },
    { title: 'protocol', width: 9, align: 'right', rank: 5, cell: (one) => formatCount(one.protocol) },
  ];
  return fitting(all, room);
}

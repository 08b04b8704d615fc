/** The peers: state, quality as it was and is, round trip, loss, rates; what is wrong explains itself below its row. */

import {
  formatDuration,
  formatMs,
  formatPercent,
  formatRate,
  nobodyText,
  shortAddress,
  shorten,
  wrapped,
} from '../../text/index.ts';
import type { History } from '../history.ts';
import { explanation, PEER_SORTINGS, peerKind } from '../kinds.ts';
import { noticeLines, rowLines } from '../layout.ts';
import { MOST_PEER_BARS, PEER_COLUMN_SECONDS } from '../limits.ts';
import { type Line, line, piece } from '../line.ts';
import { seen } from '../list.ts';
import { type Model, noticesOf } from '../model.ts';
import type { Peer } from '../snapshot.ts';
import { sparkline } from '../sparkline.ts';
import { type Column, fitting, tableRow, titles, total } from '../table.ts';
import { qualityPiece, qualityTone, statePiece } from './common.ts';

/** Bars on 80 columns; more where there is room. */
const BARS = 8;

/** Everything between head and foot. */
export function peersScreen(model: Model, history: History, nowS: number): readonly Line[] {
  const { size, snapshot } = model;
  if (snapshot === null) return [line('  asking the daemon ...', 'dim')];
  const notices = noticesOf(snapshot);
  const noticeRows = noticeLines(size, notices.length);
  const space = rowLines(size, noticeRows);
  const columns = columnsFor(size.columns, history, nowS);
  const list = model.lists.peers;
  const byId = new Map(snapshot.peers.map((peer) => [peer.id, peer]));
  const rows = list.order.map((id) => byId.get(id)).filter((peer) => peer !== undefined);
  const count = seen(rows.map(peerKind(size.columns).height), list.top, space);
  const lines: Line[] = [titles(columns, list, PEER_SORTINGS[list.sorting]?.title ?? null)];
  for (const peer of rows.slice(list.top, list.top + count)) {
    lines.push(tableRow(columns, peer, peer.id === list.cursor));
    lines.push(...explanation(peer, size.columns).map((text) => line(`    ${text}`, 'dim')));
  }
  if (rows.length === 0) lines.push(...nobody(list.filter, snapshot.status.accepts, size.columns));
  while (lines.length < space + 1) lines.push([]);
  return [...lines, ...notices.slice(0, noticeRows).map((text) => notice(text, size.columns))];
}

function nobody(filter: string, accepts: number, columns: number): readonly Line[] {
  const text = filter === '' ? nobodyText(accepts) : `No peer matches "${filter}"; esc clears the filter.`;
  return wrapped(text, columns - 4).map((part) => line(`  ${part}`, 'dim'));
}

function notice(text: string, columns: number): Line {
  return [piece(' ! ', 'warn'), piece(shorten(text, columns - 3))];
}

function columnsFor(room: number, history: History, nowS: number): readonly Column<Peer>[] {
  const bars = { ...quality(history, nowS, BARS), rank: 4 };
  const base: readonly Column<Peer>[] = [
    { title: 'peer', width: 14, align: 'left', rank: 0, cell: (peer) => peer.name ?? shortAddress(peer.address) },
    { title: 'state', width: 14, align: 'left', rank: 0, cell: (peer) => statePiece(peer.state) },
    bars,
    { title: '', width: 4, align: 'right', rank: 0, cell: (peer) => qualityPiece(peer.quality) },
    { title: 'rtt', width: 9, align: 'right', rank: 1, cell: (peer) => formatMs(peer.rttMs) },
    { title: 'loss', width: 8, align: 'right', rank: 2, cell: (peer) => lossPiece(peer) },
    { title: 'in ', width: 10, align: 'right', rank: 5, cell: (peer) => formatRate(peer.rxBps) },
    { title: 'out ', width: 9, align: 'right', rank: 6, cell: (peer) => formatRate(peer.txBps) },
  ];
  const more: readonly Column<Peer>[] = [
    { title: 'p95', width: 10, align: 'right', rank: 7, cell: (peer) => formatMs(peer.rttP95Ms) },
    { title: 'jitter', width: 10, align: 'right', rank: 8, cell: (peer) => formatMs(peer.jitterMs) },
    { title: 'for', width: 10, align: 'right', rank: 9, cell: (peer) => formatDuration(peer.ageSeconds) },
    { title: '  endpoint', width: 26, align: 'left', rank: 10, cell: (peer) => `  ${peer.endpoint ?? '-'}` },
  ];
  const kept = fitting([...base, ...more], room);
  // What is left over makes the history longer.
  const spare = Math.max(0, Math.min(MOST_PEER_BARS - BARS, room - total(kept) - 1));
  return spare < 2 ? kept : kept.map((column) => (column === bars ? quality(history, nowS, BARS + spare) : column));
}

function quality(history: History, nowS: number, count: number): Column<Peer> {
  const span = { nowS, columns: count, secondsEach: PEER_COLUMN_SECONDS };
  return {
    title: 'quality',
    width: count,
    align: 'left',
    rank: 4,
    cell: (peer) => {
      const values = history.of(peer.id)?.columns('quality', span, 'least') ?? [];
      return piece(sparkline(values, 100), qualityTone(peer.quality));
    },
  };
}

function lossPiece(peer: Peer) {
  const loss = peer.lossPercent;
  return piece(formatPercent(loss), loss === null || loss < 1 ? 'plain' : loss < 5 ? 'warn' : 'bad');
}

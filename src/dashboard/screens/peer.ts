/** One peer closely: 15 minutes of round trips as a chart, loss and rates below, and what its quality is made of. */

import {
  formatBytes,
  formatDuration,
  formatMs,
  formatPercent,
  middleAddress,
  shortAddress,
  shorten,
  width,
  wrapped,
} from '../../text/index.ts';
import { AXIS_COLUMNS, chart } from '../chart.ts';
import type { History, Metric, Track } from '../history.ts';
import { frameLines } from '../layout.ts';
import { HISTORY_SECONDS } from '../limits.ts';
import { justified, type Line, line, piece } from '../line.ts';
import type { Model } from '../model.ts';
import { qualityTerms } from '../quality.ts';
import type { Peer } from '../snapshot.ts';
import { scaleOf, sparkline } from '../sparkline.ts';
import { statePiece } from './common.ts';

/** Less than this is no full bar: percent, bytes per second. */
const LEAST_LOSS = 10;
const LEAST_BPS = 1250;
/** The line of sparklines without them. */
const BARS_TEXT = 24;
const FOOT = 2;
const LEAST_CHART = 3;

/** Everything above the foot. */
export function peerScreen(model: Model, history: History, nowS: number): readonly Line[] {
  const { size } = model;
  const peer = model.snapshot?.peers.find((one) => one.id === model.opened);
  if (peer === undefined) return [line(' This peer is gone.', 'dim')];
  const above = [title(peer, size.columns), ...explanation(peer, size.columns), caption(peer, size.columns)];
  const below = [
    bars(history.of(peer.id), nowS, size.columns),
    qualityLine(peer, size.columns),
    [],
    ...facts(peer, size.columns),
  ];
  const rows = frameLines(size) - above.length - below.length - FOOT - 1;
  const plot = plotted(history.of(peer.id), nowS, size.columns, Math.max(LEAST_CHART, rows));
  return [...above, ...plot, ...below];
}

function title(peer: Peer, columns: number): Line {
  const endpoint = [peer.transport, peer.endpoint].filter((one) => one !== null).join(' ');
  const name = peer.name ?? shortAddress(peer.address);
  const room = Math.max(0, columns - 1 - width(name));
  // A few columns too many are no reason to cut anything.
  const tries = [
    ['   ', 'protocol '],
    ['  ', 'protocol '],
    ['  ', 'v'],
  ] as const;
  const texts = tries.map(([gap, word]) => {
    const protocol = peer.protocol === null ? '' : `${word}${peer.protocol}`;
    const parts = [middleAddress(peer.address), endpoint, protocol, peer.label ?? ''];
    return gap + parts.filter((one) => one !== '').join(gap);
  });
  const text = texts.find((one) => width(one) <= room) ?? texts.at(-1) ?? '';
  return [piece(` ${name}`, 'strong'), piece(shorten(text, room))];
}

function explanation(peer: Peer, columns: number): readonly Line[] {
  if (peer.state === 'established') return [];
  const reason = wrapped(peer.reason ?? 'no reason is known', columns - peer.state.length - 5);
  return reason.map((text, index) =>
    index === 0
      ? [piece(' '), statePiece(peer.state), piece(`: ${text}`)]
      : [piece(`${' '.repeat(peer.state.length + 3)}${text}`)],
  );
}

function caption(peer: Peer, columns: number): Line {
  const now = `now ${formatMs(peer.rttMs)}   p95 ${formatMs(peer.rttP95Ms)}`;
  return justified([piece(' round trip, last 15 minutes')], [piece(now)], columns - 2);
}

function plotted(track: Track | undefined, nowS: number, columns: number, rows: number): readonly Line[] {
  const room = Math.max(10, Math.min(HISTORY_SECONDS, columns - AXIS_COLUMNS - 2));
  const span = { nowS, columns: room, secondsEach: HISTORY_SECONDS / room };
  const lines = chart(track?.columns('rttMs', span, 'mean') ?? [], rows);
  const time = line(`${' '.repeat(AXIS_COLUMNS)}${fitTimes(room)}`, 'dim');
  if (lines !== null) return [...lines.map((text) => line(text)), time];
  const middle = Math.floor(rows / 2);
  const empty = Array.from({ length: rows }, (_, index) =>
    line(index === middle ? `${' '.repeat(AXIS_COLUMNS)}nothing was measured in this time` : '', 'dim'),
  );
  return [...empty, time];
}

/** `-15 min ... -10 min ... -5 min ... now` */
function fitTimes(room: number): string {
  const third = Math.floor(room / 3);
  const marks = ['-15 min', '-10 min', '-5 min'].map((mark) => mark.padEnd(third)).join('');
  return `${marks.slice(0, room - 3).padEnd(room - 3)}now`;
}

function bars(track: Track | undefined, nowS: number, columns: number): Line {
  const room = Math.max(6, columns - BARS_TEXT - 8);
  const side = Math.floor(room / 6);
  const values = (metric: Metric, count: number, fold: 'mean' | 'most') => {
    const span = { nowS, columns: count, secondsEach: HISTORY_SECONDS / count };
    return track?.columns(metric, span, fold) ?? Array.from({ length: count }, () => null);
  };
  const loss = values('lossPercent', room - 2 * side, 'most');
  const [received, sent] = [values('rxBps', side, 'mean'), values('txBps', side, 'mean')];
  const full = scaleOf([...received, ...sent], LEAST_BPS);
  return line(
    ` loss  ${sparkline(loss, scaleOf(loss, LEAST_LOSS))}     in ${sparkline(received, full)}     out ${sparkline(sent, full)}`,
  );
}

/** `quality 97 = 100 - 2 (loss) - 1 (jitter 0.8 ms)` */
function qualityLine(peer: Peer, columns: number): Line {
  const manual = ': see the manual, "link quality"';
  if (peer.quality === null || peer.state !== 'established') return [];
  const terms = qualityTerms(peer);
  const sum = terms === null || peer.quality === 100 ? '' : ` = 100${terms.map((term) => ` - ${term}`).join('')}`;
  const text = ` quality ${peer.quality}${sum}`;
  return line(width(text + manual) <= columns ? text + manual : shorten(text, columns));
}

function facts(peer: Peer, columns: number): readonly Line[] {
  const how = peer.direction === 'in' ? 'it dialled us' : peer.direction === 'lan' ? 'found on the LAN' : 'we dial it';
  const texts = [
    `${peer.state} for ${formatDuration(peer.ageSeconds)}, ${how}`,
    `loss ${formatPercent(peer.lossPercent)}   jitter ${formatMs(peer.jitterMs)}   received ${formatBytes(peer.rxBytes)}   sent ${formatBytes(peer.txBytes)}`,
    peer.key ?? '',
  ];
  return texts.filter((text) => text !== '').map((text) => line(shorten(` ${text}`, columns), 'dim'));
}

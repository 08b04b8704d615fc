/** The top of every list screen: who we are, how many peers, how long; traffic in and out. */

import { formatBitRate, formatDuration, middleAddress } from '../../text/index.ts';
import type { History } from '../history.ts';
import { HISTORY_SECONDS, TOTAL_COLUMN_SECONDS } from '../limits.ts';
import { justified, type Line, piece, rule, type Tone } from '../line.ts';
import type { Model } from '../model.ts';
import { scaleOf, sparkline } from '../sparkline.ts';

/** Less traffic than this is no full bar: bytes per second. */
const QUIET_BPS = 1250;
/** The line without its two sparklines. */
const TOTALS_TEXT = 38;
const FULL_ADDRESS_COLUMNS = 78;

/** The three lines. */
export function head(model: Model, history: History, nowS: number): readonly Line[] {
  return [title(model), totals(model, history, nowS), rule(model.size.columns)];
}

function title(model: Model): Line {
  const { columns } = model.size;
  const status = model.snapshot?.status;
  const total = status?.peers.total ?? 0;
  const established = status?.peers.established ?? 0;
  const address = status?.address ?? '';
  const tone: Tone = established === total && total > 0 ? 'good' : established === 0 ? 'bad' : 'warn';
  return justified(
    [piece(' fcmesh', 'strong'), piece(`  ${columns >= FULL_ADDRESS_COLUMNS ? address : middleAddress(address)}`)],
    [
      piece(`${established} of ${total} peer${total === 1 ? '' : 's'}`, tone),
      piece(`  up ${formatDuration(status?.uptimeSeconds ?? null)}`),
    ],
    columns,
  );
}

function totals(model: Model, history: History, nowS: number): Line {
  const room = Math.floor((model.size.columns - TOTALS_TEXT - 10) / 2);
  const columns = Math.max(0, Math.min(HISTORY_SECONDS / TOTAL_COLUMN_SECONDS, room));
  const span = { nowS, columns, secondsEach: TOTAL_COLUMN_SECONDS };
  const [received, sent] = [history.total.columns('rxBps', span, 'mean'), history.total.columns('txBps', span, 'mean')];
  // One scale for both: what is less is lower.
  const full = scaleOf([...received, ...sent], QUIET_BPS);
  const rates = model.snapshot?.peers ?? [];
  const sum = (metric: 'rxBps' | 'txBps') => rates.reduce((all, peer) => all + (peer[metric] ?? 0), 0);
  const text = (metric: 'rxBps' | 'txBps', size: number) => formatBitRate(sum(metric)).padStart(size);
  return [
    piece(
      ` in ${text('rxBps', 12)} ${sparkline(received, full)}     out ${text('txBps', 11)} ${sparkline(sent, full)}`,
    ),
  ];
}

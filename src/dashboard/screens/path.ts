/** A path hop by hop: round trips up to each, what each adds, and a bar; the hop that adds most is marked. */

import { fit, formatMs } from '../../text/index.ts';
import type { Names } from '../kinds.ts';
import { type Line, line, piece } from '../line.ts';
import type { Model } from '../model.ts';
import { pathTo } from '../tree.ts';
import { nodeText } from './common.ts';

/** What is left of a line for the bar, next to the other columns and the remark. */
const OTHER_COLUMNS = 69;
const MOST_BAR_COLUMNS = 40;
const NODE_COLUMNS = 22;

type Hop = { readonly address: string; readonly rttMs: number | null };

/** The hops to a node, measured ones where there was a measurement. */
export function pathRows(model: Model, address: string, names: Names): readonly Line[] {
  const { trace } = model;
  const barColumns = Math.max(4, Math.min(MOST_BAR_COLUMNS, model.size.columns - OTHER_COLUMNS));
  const own = model.snapshot?.status.address;
  const isMeasured = trace?.address === address && trace.hops !== null;
  const known: readonly Hop[] = isMeasured ? (trace.hops ?? []) : pathTo(model.tree, address);
  const hops: readonly Hop[] = known.filter((hop) => hop.address !== own);
  if (hops.length === 0) return [line('  the way is not known; enter looks for it', 'dim')];
  const longest = Math.max(0, ...hops.map((hop) => hop.rttMs ?? 0));
  const added = hops.map((hop, index) => addedMs(hops, hop, index));
  const worst = Math.max(0, ...added.map((one) => one ?? 0));
  return hops.map((hop, index) => {
    const plus = added[index] ?? null;
    const isWorst = hops.length > 1 && plus !== null && plus === worst && plus > longest / 2;
    const bar = hop.rttMs === null || longest === 0 ? '' : '▇'.repeat(Math.ceil((hop.rttMs / longest) * barColumns));
    return [
      piece(`  ${String(index + 1).padStart(2)}  ${fit(nodeText(hop.address, names, NODE_COLUMNS), NODE_COLUMNS)}`),
      piece(fit(formatMs(hop.rttMs), 10, 'right')),
      piece(fit(index === 0 || plus === null ? '' : `+${formatMs(plus)}`, 11, 'right'), isWorst ? 'warn' : 'plain'),
      piece(`  ${bar}`, isWorst ? 'warn' : 'dim'),
      piece(isWorst ? ' most of the way' : '', 'warn'),
    ];
  });
}

/** What a hop adds to the round trip of the one before it. */
function addedMs(hops: readonly Hop[], hop: Hop, index: number): number | null {
  if (hop.rttMs === null) return null;
  if (index === 0) return hop.rttMs;
  const before = hops[index - 1]?.rttMs ?? null;
  return before === null ? null : Math.max(0, hop.rttMs - before);
}

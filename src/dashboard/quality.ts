/** What the quality of a link is made of. Source: docs/manual.md, "Link quality"; the daemon computes the figure. */

import { formatMs } from '../text/index.ts';
import type { Peer } from './snapshot.ts';

/** Points taken off: 4 per 1 % of loss (80 at most), 1 per 10 ms of jitter (10), 1 per 50 ms of round trip (10). */
const RULES = [
  { of: 'lossPercent', perPoint: 0.25, most: 80, text: () => '(loss)' },
  { of: 'jitterMs', perPoint: 10, most: 10, text: (value: number) => `(jitter ${formatMs(value)})` },
  { of: 'rttMs', perPoint: 50, most: 10, text: (value: number) => `(round trip ${formatMs(value)})` },
] as const;

/**
 * The terms that lead from 100 to the figure, `2 (loss)`; their numbers add up to it.
 * @returns null if they do not explain it: the daemon computes in another way
 */
export function qualityTerms(
  peer: Pick<Peer, 'quality' | 'lossPercent' | 'jitterMs' | 'rttMs'>,
): readonly string[] | null {
  if (peer.quality === null) return null;
  const missing = 100 - peer.quality;
  const terms = RULES.map((rule) => {
    const value = peer[rule.of] ?? 0;
    return { rule, value, points: Math.min(rule.most, value / rule.perPoint), shown: 0 };
  });
  const exact = terms.reduce((sum, term) => sum + term.points, 0);
  if (Math.abs(exact - missing) > 1) return null;
  // Whole numbers that add up: each rounded down, what is missing goes to those that lost most.
  for (const term of terms) term.shown = Math.floor(term.points);
  let rest = missing - terms.reduce((sum, term) => sum + term.shown, 0);
  for (const term of [...terms].sort((a, b) => b.points - b.shown - (a.points - a.shown))) {
    if (rest <= 0) break;
    term.shown++;
    rest--;
  }
  if (rest !== 0) return null;
  return terms.filter((term) => term.shown > 0).map((term) => `${term.shown} ${term.rule.text(term.value)}`);
}

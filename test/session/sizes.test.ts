import t from 'tap';
import { SIZE_WINDOW_MS } from '../../src/session/limits.ts';
import { longestSent, newSentSizes } from '../../src/session/sizes.ts';
import { createSessionTable } from '../../src/session/table.ts';

t.test('the longest packet counts for one window at least and two at most', async (t) => {
  const table = createSessionTable();
  const sizes = newSentSizes(0);
  const look = (nowMs: number, sent: number): number => {
    table.longestOut[3] = Math.max(table.longestOut[3] ?? 0, sent);
    return longestSent(sizes, table, 3, nowMs);
  };
  t.equal(look(100, 0), 0, 'nothing was sent');
  t.equal(look(200, 1_004), 1_000, 'without the data header');
  t.equal(look(300, 64), 1_000);
  t.equal(look(SIZE_WINDOW_MS, 64), 1_000);
  t.equal(look(2 * SIZE_WINDOW_MS - 1, 64), 1_000);
  t.equal(look(2 * SIZE_WINDOW_MS, 64), 1_000);
  t.equal(look(2 * SIZE_WINDOW_MS + 1, 64), 60);
});

import t from 'tap';
import { collectGarbage } from '../../src/daemon/tidy.ts';

t.test('what nobody holds any more is given back at once', async (t) => {
  let trees: object[] | null = Array.from({ length: 200_000 }, (_, i) => ({ i, child: { i } }));
  collectGarbage(); // old enough by now that only a whole collection finds them
  const before = process.memoryUsage().heapUsed;
  t.equal(trees.length, 200_000);
  trees = null;
  collectGarbage();
  t.ok(before - process.memoryUsage().heapUsed > 5_000_000);
  t.equal((globalThis as { gc?: unknown }).gc, undefined, 'and no program of ours sees the function');
});

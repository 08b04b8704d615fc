import t from 'tap';
import { createSeededRng } from '../../src/sim/seeded-rng.ts';

t.test('the same seed and stream give the same bytes, others do not', async (t) => {
  const bytes = (seed: number, stream: number) => createSeededRng(seed, stream).bytes(33);
  t.same(bytes(1, 2), bytes(1, 2));
  t.notSame(bytes(1, 2), bytes(1, 3));
  t.notSame(bytes(1, 2), bytes(2, 2));
  t.notSame(bytes(0, 0), new Uint8Array(33));
});

t.test('fractions are uniform, exponential values have their mean', async (t) => {
  const rng = createSeededRng(7);
  const buckets = new Array<number>(10).fill(0);
  let sum = 0;
  for (let i = 0; i < 10_000; i++) {
    const bucket = Math.floor(rng.fraction() * 10);
    buckets[bucket] = (buckets[bucket] ?? 0) + 1;
    sum += rng.exponential(5);
  }
  for (const count of buckets) t.ok(count > 850 && count < 1150, `${count} of about 1000`);
  t.ok(Math.abs(sum / 10_000 - 5) < 0.3);
});

t.test('shuffling keeps every element', async (t) => {
  const list = createSeededRng(3).shuffle(Array.from({ length: 50 }, (_, i) => i));
  t.notSame(list.slice(0, 5), [0, 1, 2, 3, 4]);
  t.same(
    list.sort((a, b) => a - b),
    Array.from({ length: 50 }, (_, i) => i),
  );
});

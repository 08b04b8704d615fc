import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { BoundedMap, BoundedQueue } from '../../src/base/index.ts';

t.test('a map never grows past its limit: the oldest entry goes, and its owner is told', async (t) => {
  const gone: string[] = [];
  const map = new BoundedMap<string, number>(2, (key, value) => gone.push(`${key}${value}`));
  map.set('a', 1);
  map.set('b', 2);
  t.same(gone, [], 'at the limit nobody goes');
  map.set('c', 3);
  t.same(gone, ['a1']);
  t.same([...map], [['b', 2] as const, ['c', 3] as const]);
  t.equal(map.evictions, 1);
  t.equal(map.size, 2);
});

t.test('replacing a value keeps the age, touching renews it', async (t) => {
  const map = new BoundedMap<string, number>(2);
  map.set('a', 1);
  map.set('b', 2);
  map.set('a', 10);
  map.touch('a');
  map.touch('nobody');
  map.set('c', 3);
  t.same([...map.keys()], ['a', 'c']);
  t.same([...map.values()], [10, 3]);
});

t.test('deleted entries are not reported', async (t) => {
  const map = new BoundedMap<string, number>(1, () => t.fail('nobody was evicted'));
  map.set('a', 1);
  t.ok(map.has('a'));
  t.equal(map.get('a'), 1);
  t.ok(map.delete('a'));
  t.notOk(map.delete('a'));
  map.set('b', 1);
  map.clear();
  t.equal(map.size, 0);
  t.equal(map.get('b'), undefined);
});

t.test('a full queue drops what waited longest, and counts it', async (t) => {
  const queue = new BoundedQueue<number>(3);
  t.same(
    [1, 2, 3].map((item) => queue.push(item)),
    [undefined, undefined, undefined],
  );
  t.equal(queue.push(4), 1);
  t.equal(queue.dropped, 1);
  t.same([...queue], [2, 3, 4]);
  t.equal(queue.peek(), 2);
  t.equal(queue.shift(), 2);
  queue.clear();
  t.equal(queue.size, 0);
  t.equal(queue.shift(), undefined);
  t.equal(queue.peek(), undefined);
});

t.test('a queue does what a plain array would', async (t) => {
  const steps = fc.array(fc.option(fc.nat(99)), { maxLength: 60 });
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 5 }), (history, limit) => {
      const queue = new BoundedQueue<number>(limit);
      const plain: number[] = [];
      for (const item of history) {
        if (item === null) assert.equal(queue.shift(), plain.shift());
        else assert.equal(queue.push(item), plain.push(item) > limit ? plain.shift() : undefined);
        assert.deepEqual([...queue], plain);
        assert.equal(queue.size, plain.length);
      }
    }),
  );
  t.pass();
});

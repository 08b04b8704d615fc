import t from 'tap';
import { BoundedMap } from '../../src/base/index.ts';

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

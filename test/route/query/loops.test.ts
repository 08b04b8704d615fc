import t from 'tap';
import { newPath } from '../../../src/route/map/known-path.ts';
import { dropLoops, isLoop } from '../../../src/route/query/loops.ts';
import { makeContext } from '../bench.ts';
import { makeKey, seededRng } from '../mini-world.ts';

const rng = seededRng(33);

/**
 * We (0) - a (behind our interface 0), a - b (its 2), b - c (its 3), and all links back: a's 3 leads to us, b's 2 to a.
 * A digit of a label is a hop: 3 is interface 0, 5 is 2, 7 is 3.
 */
function known() {
  const context = makeContext(rng);
  const { map } = context;
  const [a, b, c] = Array.from({ length: 3 }, () => {
    const { publicKey, address } = makeKey(rng);
    return map.ensure(publicKey, address, 21, true, 0);
  });
  if (a == null || b == null || c == null) throw new Error('no room');
  map.link(map.self, 0, a, 0);
  map.link(a, 2, b, 0);
  map.link(a, 3, map.self, 0);
  map.link(b, 2, a, 0);
  map.link(b, 3, c, 0);
  return { context, map, a, b, c };
}

t.test('straight ways are none', async (t) => {
  const { map, a, b, c } = known();
  t.equal(isLoop(map, a, 0x13n), false);
  t.equal(isLoop(map, b, 0x153n), false);
  t.equal(isLoop(map, c, 0x1753n), false);
});

t.test('a peer reached out to it and back through its neighbour', async (t) => {
  const { map, a } = known();
  t.equal(isLoop(map, a, 0x1553n), true);
});

t.test('a way through ourselves, and one that passes a relay twice', async (t) => {
  const { map, b, c } = known();
  t.equal(isLoop(map, b, 0x15373n), true, 'a, we, a, b');
  t.equal(isLoop(map, c, 0x1755_53n), true, 'a, b, a, b, c');
});

t.test('a way whose end was passed before it ended, though the rest is not known', async (t) => {
  const { map, a, b, c } = known();
  t.equal(isLoop(map, a, 0x1993n), true);
  t.equal(isLoop(map, b, 0x19953n), true);
  t.equal(isLoop(map, c, 0x19953n), false, 'what is behind an unknown relay nobody knows');
});

t.test('a loop that is found out later is forgotten, but for the last way there is', async (t) => {
  const { context, map, a, b } = known();
  for (const label of [0x1553n, 0x155553n]) map.addPath(a, newPath(label, false, 0, 0), () => false);
  dropLoops(context, a);
  t.equal(a.paths.length, 1);
  map.addPath(a, newPath(0x13n, true, 0, 0), () => false);
  dropLoops(context, a);
  t.same(
    a.paths.map(({ label }) => label),
    [0x13n],
  );
  map.addPath(b, newPath(0x153n, false, 0, 0), () => false);
  dropLoops(context, b);
  t.equal(b.paths.length, 1);
  t.equal(context.options.counters.get('route.loop'), 2);
});

import t from 'tap';
import { TOPOLOGIES } from '../../src/sim/index.ts';
import { makeTopology, reachable } from '../../src/sim/topologies.ts';

function neighboursOf({ size, edges }: ReturnType<typeof makeTopology>) {
  const neighbours = Array.from({ length: size }, () => new Set<number>());
  for (const { a, b } of edges) {
    neighbours[a]?.add(b);
    neighbours[b]?.add(a);
  }
  return neighbours;
}

t.test(
  'every topology is connected, without doubles, with positive latencies, and follows from its seed',
  async (t) => {
    for (const name of TOPOLOGIES) {
      for (const size of [2, 21, 100]) {
        if (name === 'ws' && size < 8) continue;
        const graph = makeTopology(name, size, 5);
        t.equal(reachable({ neighbours: neighboursOf(graph) }, 0).size, size, `${name} ${size}`);
        t.equal(
          new Set(graph.edges.map(({ a, b }) => Math.min(a, b) * size + Math.max(a, b))).size,
          graph.edges.length,
        );
        t.ok(graph.edges.every(({ latencyMs }) => latencyMs >= 1 && latencyMs <= 150));
        t.same(makeTopology(name, size, 5).edges, graph.edges);
      }
    }
  },
);

t.test('degrees are those of the names', async (t) => {
  const degree = (name: (typeof TOPOLOGIES)[number]) => (2 * makeTopology(name, 1000, 1).edges.length) / 1000;
  t.ok(Math.abs(degree('geo8') - 8) < 0.8, `geo8 ${degree('geo8')}`);
  t.equal(degree('ws'), 6);
  t.ok(Math.abs(degree('ba2') - 4) < 0.1);
  t.ok(degree('hier') > 4 && degree('hier') < 6.5, `hier ${degree('hier')}`);
});

import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { alternating, inOrder, isOverIp6 } from '../../src/daemon/dial/order.ts';
import { type Endpoint, formatEndpoint } from '../../src/underlay/index.ts';

function at(host: string): Endpoint {
  return { transport: 'udp', host, port: 1 };
}

function shown(all: readonly Endpoint[]): string {
  return all.map((one) => ('host' in one ? one.host : one.device)).join(' ');
}

t.test('the addresses of a name take turns, IPv6 first; what was written keeps its order', async (t) => {
  t.equal(shown(alternating(['1.1.1.1', '2.2.2.2', 'a::1', '3.3.3.3'].map(at))), 'a::1 1.1.1.1 2.2.2.2 3.3.3.3');
  t.equal(shown(alternating(['a::1', 'a::2', '1.1.1.1'].map(at))), 'a::1 1.1.1.1 a::2');
  t.equal(shown(inOrder([[at('9.9.9.9')], [at('a::1'), at('1.1.1.1')], [at('a::9')]], 8)), '9.9.9.9 a::1 1.1.1.1 a::9');
  t.equal(shown(inOrder([[at('1.1.1.1')], [at('a::1'), at('1.1.1.1')]], 8)), '1.1.1.1 a::1', 'each once');
  t.equal(
    shown(inOrder([[at('a::1'), at('a::2'), at('a::3')], [at('a::4')]], 2)),
    'a::1 a::4',
    'each endpoint keeps one',
  );
});

const host = fc.oneof(
  fc.integer({ min: 1, max: 200 }).map((n) => `192.0.2.${n}`),
  fc.integer({ min: 1, max: 200 }).map((n) => `2001:db8::${n}`),
);

t.test('nothing is lost, nothing comes twice, and no family waits for two of the other', async () => {
  fc.assert(
    fc.property(fc.uniqueArray(host, { maxLength: 12 }), (hosts) => {
      const all = hosts.map(at);
      const sorted = alternating(all);
      assert.deepEqual(new Set(sorted), new Set(all));
      for (const six of [true, false])
        assert.deepEqual(
          sorted.filter((one) => isOverIp6(one) === six),
          all.filter((one) => isOverIp6(one) === six),
        );
      const fewer = Math.min(all.filter(isOverIp6).length, all.filter((one) => !isOverIp6(one)).length);
      for (let index = 0; index < 2 * fewer; index++)
        assert.equal(isOverIp6(sorted[index] as Endpoint), index % 2 === 0);
    }),
    { numRuns: 300, seed: 1 },
  );
  fc.assert(
    fc.property(fc.array(fc.array(host, { maxLength: 9 }), { maxLength: 8 }), (lists) => {
      const places = inOrder(
        lists.map((list) => list.map(at)),
        8,
      ).map(formatEndpoint);
      assert.ok(places.length <= 8);
      assert.equal(new Set(places).size, places.length);
      const different = new Set(lists.flat()).size;
      assert.equal(places.length, Math.min(8, different));
    }),
    { numRuns: 300, seed: 2 },
  );
});

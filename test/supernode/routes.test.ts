import t from 'tap';
import { MAX_ROUTE_QUERIES } from '../../src/supernode/limits.ts';
import { Hand, queriesOf, somebody } from './support.ts';

t.test('a wanted route is asked for once, and handed on as it was given', async (t) => {
  const hand = new Hand();
  hand.adopt();
  const { publicKey: key, address } = somebody();
  const asked = hand.asked('gr', hand.tell({ type: 'want', address }));
  t.same([asked.query.source, asked.query.target], [hand.self.address, address]);
  t.same(hand.tell({ type: 'want', address }), [], 'one question for each target');
  const nodes = [{ key, label: 0x1357n, protocol: 21 }];
  t.same(hand.reply(asked, { nodes }), [{ type: 'route', key, address, label: 0x1357n, protocol: 21 }]);
  t.match(hand.tell({ type: 'want', address }), [{ type: 'noRoute' }], 'not again within a second');
  hand.pass(1_000);
  t.equal(queriesOf(hand.tell({ type: 'want', address }), 'gr').length, 1);
});

t.test('no answer, no node in it, and no supernode end with no route', async (t) => {
  const hand = new Hand();
  const { address } = somebody();
  t.same(hand.tell({ type: 'want', address }), [{ type: 'noRoute', address }]);
  hand.adopt();
  t.same(hand.reply(hand.asked('gr', hand.tell({ type: 'want', address }))), [{ type: 'noRoute', address }]);
  hand.pass(1_000);
  hand.tell({ type: 'want', address });
  t.match(
    hand.pass(6_001).find(({ type }) => type === 'noRoute'),
    { address },
  );
  t.equal(hand.counters.get('supernode.noAnswer'), 1);
});

t.test('a route to somebody else, to an old node, to ourselves, or over no label is refused', async (t) => {
  const { publicKey: key, address } = somebody();
  for (const node of [
    { key: somebody().publicKey, label: 0x15n, protocol: 21 },
    { key, label: 0x15n, protocol: 19 },
    { key, label: 1n, protocol: 21 },
    { key, label: 0n, protocol: 21 },
    { key, label: 1n << 60n, protocol: 21 },
  ]) {
    const hand = new Hand();
    hand.adopt();
    const asked = hand.asked('gr', hand.tell({ type: 'want', address }));
    t.same(hand.reply(asked, { nodes: [node] }), [{ type: 'noRoute', address }]);
    t.equal(hand.counters.get('supernode.badRoute'), 1);
  }
});

t.test('a forged reply leaves the question open', async (t) => {
  const hand = new Hand();
  hand.adopt();
  const { publicKey: key, address } = somebody();
  const asked = hand.asked('gr', hand.tell({ type: 'want', address }));
  const nodes = [{ key, label: 0x15n, protocol: 21 }];
  t.same(hand.reply(asked, { nodes }, { key: somebody().publicKey }), []);
  t.match(hand.reply(asked, { nodes }), [{ type: 'route' }]);
});

t.test('the way to the supernode itself is given without asking', async (t) => {
  const hand = new Hand();
  const { publicKey: key, address } = hand.adopt();
  t.same(hand.tell({ type: 'want', address }), [{ type: 'route', key, address, label: 0x153n, protocol: 21 }]);
  const [peer] = hand.peers;
  if (peer === undefined) throw new Error('no peer');
  t.match(hand.tell({ type: 'want', address: peer.address }), [{ type: 'noRoute' }], 'and a peer needs no route');
});

t.test('questions under way are bounded', async (t) => {
  const hand = new Hand();
  hand.adopt();
  for (let i = 0; i < MAX_ROUTE_QUERIES; i++) hand.tell({ type: 'want', address: somebody().address });
  t.match(hand.tell({ type: 'want', address: somebody().address }), [{ type: 'noRoute' }]);
  t.equal(hand.counters.get('supernode.routeLimit'), 1);
  t.equal(queriesOf(hand.effects, 'gr').length, MAX_ROUTE_QUERIES);
});

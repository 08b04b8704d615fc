import t from 'tap';
import { MAX_CANDIDATES } from '../../src/supernode/limits.ts';
import { labelOfInterface } from '../../src/switch/index.ts';
import { Hand, keyOfNobody, peerAt, queriesOf, somebody } from './support.ts';

const isAskName = ({ type }: { readonly type: string }) => type === 'askName';

t.test('without a configured supernode nothing is asked and no time is wanted', async (t) => {
  const hand = new Hand();
  hand.peers = [peerAt(0x13n)];
  t.equal(hand.client.nextDueMs(), Number.POSITIVE_INFINITY);
  const { address } = somebody();
  t.same(hand.tell({ type: 'want', address }), [{ type: 'noRoute', address }]);
});

t.test('one peer after the other is asked every 3 s, then the mesh is searched', async (t) => {
  const hand = new Hand();
  const server = somebody();
  hand.peers = [peerAt(0x13n), peerAt(0x12n), peerAt(0x15n, somebody(), { protocol: 19 })];
  hand.tell({ type: 'configured', keys: [server.publicKey] });
  t.same(hand.pass(0), [{ type: 'askName', peerLabel: 0x13n }]);
  t.same(hand.pass(2_999), []);
  t.same(hand.pass(1), [{ type: 'askName', peerLabel: 0x12n }]);
  t.same(hand.pass(3_000), [{ type: 'find', key: server.publicKey, address: server.address }], 'none below version 20');
  t.same(hand.pass(3_000), [{ type: 'askName', peerLabel: 0x13n }], 'and round again');
});

t.test('a peer that is in the list is asked itself, at once', async (t) => {
  const hand = new Hand();
  const server = somebody();
  hand.peers = [peerAt(0x13n, server)];
  hand.tell({ type: 'configured', keys: [server.publicKey] });
  const asked = hand.asked('pn', hand.pass(0));
  t.match(asked, { label: 0x13n, key: server.publicKey });
  t.equal(asked.query.txid[0], 0x31, 'txids of supernode queries begin with 1');
});

t.test('a named supernode of the list is used once it answers with its time', async (t) => {
  const hand = new Hand();
  const server = hand.adopt();
  t.match(hand.client.status().inUse, { key: server.publicKey, address: server.address, label: 0x153n });
  t.match(
    hand.effects.find(({ type }) => type === 'adopted'),
    { label: 0x153n },
  );
});

t.test('a supernode that is itself the peer is named with the path 1', async (t) => {
  const hand = new Hand();
  const server = somebody();
  hand.peers = [peerAt(0x13n)];
  hand.tell({ type: 'configured', keys: [server.publicKey] });
  hand.tell({ type: 'named', peerLabel: 0x13n, key: server.publicKey, protocol: 21, path: 1n });
  t.equal(hand.asked('pn').label, 0x13n);
});

t.test('a supernode that is on no list, too old, or not to be reached is not even asked', async (t) => {
  const hand = new Hand();
  const server = somebody();
  hand.peers = [peerAt(0x13n)];
  hand.tell({ type: 'configured', keys: [server.publicKey, keyOfNobody(), hand.self.publicKey] });
  t.equal(hand.client.status().configured.length, 1, 'keys of nobody and our own do not count');
  const peerLabel = 0x13n;
  hand.tell({ type: 'named', peerLabel, key: somebody().publicKey, protocol: 21, path: 0x15n });
  hand.tell({ type: 'named', peerLabel, key: server.publicKey, protocol: 19, path: 0x15n });
  hand.tell({ type: 'named', peerLabel, key: server.publicKey, protocol: 21, path: 1n << 58n });
  hand.tell({ type: 'named', peerLabel, key: server.publicKey, protocol: 21, path: 0n });
  t.same(queriesOf(hand.effects, 'pn'), []);
  t.equal(hand.counters.get('supernode.unlisted'), 1);
  t.equal(hand.counters.get('supernode.badWay'), 2);
});

t.test('replies without a time, from another key, over another path or with another txid adopt nobody', async (t) => {
  const hand = new Hand();
  const server = somebody();
  hand.peers = [peerAt(0x13n)];
  hand.tell({ type: 'configured', keys: [server.publicKey] });
  hand.tell({ type: 'named', peerLabel: 0x13n, key: server.publicKey, protocol: 21, path: 0x15n });
  const asked = hand.asked('pn');
  hand.reply(asked, {}, { key: somebody().publicKey });
  hand.reply(asked, {}, { label: 0x13n });
  t.equal(hand.reply(asked, { txid: Uint8Array.of(0x31, 1, 2) }), null, 'left to others');
  t.equal(hand.counters.get('supernode.wrongKey'), 1);
  t.equal(hand.counters.get('supernode.otherPath'), 1);
  t.equal(hand.client.status().inUse, null);
  hand.reply(asked, { receivedMs: null });
  t.equal(hand.counters.get('supernode.noServer'), 1);
  t.equal(hand.client.status().inUse, null);
  t.equal(hand.reply(asked), null, 'each query is answered once');
});

t.test('a way that does not answer is not tried again in the same round', async (t) => {
  const hand = new Hand();
  const server = somebody();
  hand.peers = [peerAt(0x13n), peerAt(0x12n), peerAt(0x15n)];
  const name = () => hand.tell({ type: 'named', peerLabel: 0x13n, key: server.publicKey, protocol: 21, path: 0x15n });
  hand.tell({ type: 'configured', keys: [server.publicKey] });
  t.equal(queriesOf(name(), 'pn').length, 1);
  t.equal(queriesOf(name(), 'pn').length, 0, 'nor asked twice');
  hand.pass(6_001);
  t.equal(queriesOf(name(), 'pn').length, 0);
  hand.pass(6_000);
  t.equal(queriesOf(name(), 'pn').length, 1, 'in the next round it is');
});

t.test('however many ways peers name, only so many are tried at a time', async (t) => {
  const hand = new Hand();
  const server = somebody();
  hand.peers = [peerAt(0x13n)];
  hand.tell({ type: 'configured', keys: [server.publicKey] });
  for (let number = 0; number < 3 * MAX_CANDIDATES; number++) {
    const path = labelOfInterface(2 + number);
    hand.tell({ type: 'named', peerLabel: 0x13n, key: server.publicKey, protocol: 21, path });
  }
  t.equal(queriesOf(hand.effects, 'pn').length, MAX_CANDIDATES);
  hand.reply(hand.asked('pn'), { receivedMs: null });
  for (let number = 0; number < 3 * MAX_CANDIDATES; number++) {
    const path = labelOfInterface(30 + number);
    hand.tell({ type: 'named', peerLabel: 0x13n, key: server.publicKey, protocol: 21, path });
  }
  t.equal(queriesOf(hand.effects, 'pn').length, MAX_CANDIDATES + 1, 'one that was no supernode makes room for one');
});

t.test('it is given up when it leaves the list, or the peer before it is gone, and then sought again', async (t) => {
  const hand = new Hand();
  hand.adopt();
  hand.peers = [peerAt(0x12n)];
  const effects = hand.pass(1_000);
  t.match(
    effects.find(({ type }) => type === 'lost'),
    { reason: 'its peer is gone' },
  );
  t.equal(queriesOf(effects, 'pn').at(-1)?.label, 0x153n, 'the way it had is tried first');
  t.ok(effects.some(isAskName));
  hand.adopt();
  t.match(hand.tell({ type: 'configured', keys: [] }).at(-1), { type: 'lost' });
  t.equal(hand.client.status().inUse, null);
  t.equal(queriesOf(hand.pass(60_000), 'pn').length, 0);
});

t.test('an error on its way is checked, not believed', async (t) => {
  const hand = new Hand();
  hand.adopt();
  t.same(hand.tell({ type: 'switchError', path: 0x99n }), [], 'not its way');
  const asked = hand.asked('pn', hand.tell({ type: 'switchError', path: 0x153n }));
  t.same(hand.tell({ type: 'switchError', path: 0x153n }), [], 'one question is enough');
  hand.reply(asked);
  t.not(hand.client.status().inUse, null, 'a forged error does no harm');
  hand.tell({ type: 'switchError', path: 0x153n });
  hand.pass(6_001);
  t.ok(hand.effects.some((effect) => effect.type === 'lost'));
});

t.test('the best way to it is asked of itself, and used once it has answered over it', async (t) => {
  const hand = new Hand();
  const server = hand.adopt();
  const asked = hand.asked('gr', hand.pass(5_000));
  t.same(asked.query.target, server.address);
  t.same(asked.query.source, hand.self.address);
  hand.reply(asked, { nodes: [{ key: server.publicKey, label: 0x17n, protocol: 21 }] });
  t.equal(hand.client.status().inUse?.label, 0x153n);
  hand.reply(hand.asked('pn'));
  t.equal(hand.client.status().inUse?.label, 0x17n);
});

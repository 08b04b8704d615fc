import t from 'tap';
import { concat } from '../../src/base/index.ts';
import { labelOfInterface } from '../../src/switch/index.ts';
import { MAX_ITEM_BYTES } from '../../src/wire/announcement-item.ts';
import { type AnnouncementItem, announcement } from '../../src/wire/index.ts';
import { AHEAD_MS, type Asked, Hand, hashesOnly, peerAt, queriesOf, type Somebody, somebody } from './support.ts';

/** What an announcement says. */
function read(asked: Asked | undefined) {
  const parsed = announcement.parse(asked?.query.announcement ?? new Uint8Array());
  if (parsed === null) throw new Error('no announcement');
  return parsed;
}

function hashOf(...messages: readonly Asked[]): Uint8Array {
  let hash: Uint8Array = new Uint8Array(64);
  for (const { query } of messages) hash = hashesOnly.sha512(concat(hash, query.announcement ?? new Uint8Array()));
  return hash;
}

function peersIn(items: readonly AnnouncementItem[]) {
  return items.filter((item) => item.type === 'peer');
}

/** A client that uses `server` and has told it its link to one peer. */
function settled(): { hand: Hand; server: Somebody; first: Asked } {
  const hand = new Hand();
  const server = hand.adopt();
  hand.pass(0);
  hand.tell({ type: 'reverse', peerLabel: 0x13n, label: 0x15n });
  const [first] = queriesOf(hand.pass(1_500), 'ann');
  if (first === undefined) throw new Error('nothing announced');
  hand.reply(first, { stateHash: hashOf(first) });
  return { hand, server, first };
}

t.test('peers are asked how they reach us, again until they tell', async (t) => {
  const hand = new Hand();
  hand.peers = [peerAt(0x13n), peerAt(0x12n, somebody(), { protocol: 19 })];
  hand.adopt();
  const asked = (ms: number) => hand.pass(ms).filter(({ type }) => type === 'askReverse').length;
  t.equal(asked(0), 1, 'those of version 20 and above');
  t.equal(asked(3_000), 1);
  hand.tell({ type: 'reverse', peerLabel: 0x13n, label: null });
  hand.tell({ type: 'reverse', peerLabel: 0x13n, label: 0x15n << 32n });
  t.equal(hand.counters.get('supernode.badReverse'), 1);
  t.equal(asked(3_000), 1);
  hand.tell({ type: 'reverse', peerLabel: 0x13n, label: 0x15n });
  t.equal(asked(5_000), 0);
  hand.peers = [peerAt(0x13n)];
  t.equal(asked(5_000), 1, 'another peer has the label now: its way to us is its own');
});

t.test('the first announcement resets, and says version, scheme and link, link states in front', async (t) => {
  const { hand, server, first } = settled();
  const said = read(first);
  t.match(said, { reset: true, supernode: server.address });
  t.ok(Math.abs(said.timestampMs - (hand.nowMs + AHEAD_MS)) < 1_500, "by the supernode's clock");
  t.same(
    said.items.map(({ type }) => type),
    ['peer', 'scheme', 'version'],
  );
  const [peer] = hand.peers;
  t.match(said.items[0], { form: 0, peerNumber: 0x13, label: 0x15, address: peer?.address });
  t.equal(hand.client.status().announcedLinks, 1);
  hand.reply(first, { stateHash: new Uint8Array(64) });
  t.equal(hand.client.status().announcedLinks, 1, 'the same reply again is nothing');
});

t.test('nothing new is said after a minute, with the state of the links', async (t) => {
  const { hand } = settled();
  t.same(queriesOf(hand.pass(55_000), 'ann'), []);
  const said = read(queriesOf(hand.pass(6_000), 'ann')[0]);
  t.equal(said.reset, false);
  t.match(said.items, [{ type: 'linkState', peerNumber: 0x13, firstSlot: 0 }]);
});

t.test('a new link is told after 12 s, one that is gone after 6 s', async (t) => {
  const { hand, first } = settled();
  hand.peers = [...hand.peers, peerAt(0x12n)];
  hand.pass(250);
  hand.tell({ type: 'reverse', peerLabel: 0x12n, label: 0x17n });
  t.same(queriesOf(hand.pass(11_000), 'ann'), []);
  const second = hand.asked('ann', hand.pass(1_500));
  t.match(peersIn(read(second).items), [{ peerNumber: 0x12, label: 0x17 }]);
  hand.reply(second, { stateHash: hashOf(first, second) });
  t.equal(hand.client.status().announcedLinks, 2);
  hand.peers = hand.peers.slice(0, 1);
  t.same(queriesOf(hand.pass(5_500), 'ann'), []);
  const third = hand.asked('ann', hand.pass(1_000));
  t.match(peersIn(read(third).items), [{ peerNumber: 0x12, label: 0 }]);
  // The message about the link is superseded: both sides drop it.
  hand.reply(third, { stateHash: hashOf(first, third) });
  t.equal(hand.client.status().announcedLinks, 1);
  t.equal(hand.counters.get('supernode.stateMismatch'), 0);
});

t.test('another hash than ours makes us say everything again', async (t) => {
  const { hand } = settled();
  hand.reply(hand.asked('ann', hand.pass(61_000)), { stateHash: new Uint8Array(64) });
  t.equal(hand.counters.get('supernode.stateMismatch'), 1);
  const again = read(queriesOf(hand.pass(1_500), 'ann')[0]);
  t.equal(again.reset, true);
  t.equal(peersIn(again.items).length, 1);
});

t.test("a jump of the supernode's clock makes us say everything again, by the new time", async (t) => {
  const { hand, first } = settled();
  const second = hand.asked('ann', hand.pass(61_000));
  const receivedMs = Math.round(hand.nowMs + AHEAD_MS - 3_600_000);
  hand.reply(second, { stateHash: hashOf(first), receivedMs });
  t.equal(hand.counters.get('supernode.clockJump'), 1);
  const again = read(queriesOf(hand.pass(1_500), 'ann')[0]);
  t.equal(again.reset, true);
  t.ok(Math.abs(again.timestampMs - receivedMs) < 2_000);
});

t.test('a supernode that does not answer an announcement is given up', async (t) => {
  const { hand } = settled();
  hand.pass(61_000);
  t.not(hand.client.status().inUse, null);
  hand.pass(6_500);
  t.match(
    hand.effects.find(({ type }) => type === 'lost'),
    { reason: 'an announcement was not answered' },
  );
});

t.test('found again, it is told only what is new; another one is told everything', async (t) => {
  const { hand, server } = settled();
  hand.pass(68_000);
  t.equal(hand.client.status().inUse, null);
  hand.adopt(server);
  t.equal(hand.client.status().announcedLinks, 1);
  t.equal(read(queriesOf(hand.pass(61_000), 'ann')[0]).reset, false);
  hand.adopt();
  t.equal(hand.client.status().announcedLinks, 0);
  t.equal(read(queriesOf(hand.pass(1_500), 'ann')[0]).reset, true);
});

t.test('items are said again 9 to 19 minutes later', async (t) => {
  const { hand, first } = settled();
  const kept = [first];
  let repeatedMs: number | null = null;
  const startMs = hand.nowMs;
  while (repeatedMs === null && hand.nowMs - startMs < 21 * 60_000) {
    const [asked] = queriesOf(hand.pass(1_000), 'ann');
    if (asked === undefined) continue;
    const lasting = read(asked).items.filter(({ type }) => type !== 'linkState');
    if (lasting.length > 0) repeatedMs = hand.nowMs - startMs;
    hand.reply(asked, { stateHash: hashOf(...kept) });
  }
  t.ok(repeatedMs !== null && repeatedMs > 8.5 * 60_000 && repeatedMs < 20 * 60_000, `${repeatedMs} ms`);
});

t.test('many links take several messages of bounded size, half a second apart', async (t) => {
  const hand = new Hand();
  hand.peers = [peerAt(0x13n), ...Array.from({ length: 59 }, (_, i) => peerAt(labelOfInterface(10 + i)))];
  hand.adopt();
  hand.pass(0);
  for (const { label } of hand.peers) hand.tell({ type: 'reverse', peerLabel: label, label: 0x15n });
  const messages: Asked[] = [];
  for (let step = 0; step < 8; step++) {
    const [asked] = queriesOf(hand.pass(1_000), 'ann');
    if (asked === undefined) continue;
    messages.push(asked);
    hand.reply(asked, { stateHash: hashOf(...messages) });
  }
  t.equal(hand.client.status().announcedLinks, 60);
  const largest = Math.max(...messages.map(({ query }) => query.announcement?.length ?? 0));
  t.ok(largest <= 120 + 700 + MAX_ITEM_BYTES, `${largest} bytes`);
  t.equal(messages.filter((message) => read(message).reset).length, 1);
});

t.test('an announcement answered without a hash, or with a huge one, has to be said again', async (t) => {
  for (const stateHash of [null, new Uint8Array(1_000)]) {
    const { hand } = settled();
    hand.reply(hand.asked('ann', hand.pass(61_000)), { stateHash });
    t.equal(hand.client.status().announcedLinks, 0);
    t.equal(read(hand.asked('ann', hand.pass(2_000))).reset, true);
  }
});

t.test('a supernode whose time is none is not used any longer', async (t) => {
  for (const receivedMs of [null, Number.MAX_SAFE_INTEGER]) {
    const { hand } = settled();
    hand.reply(hand.asked('ann', hand.pass(61_000)), { receivedMs });
    t.equal(hand.client.status().inUse, null);
  }
});

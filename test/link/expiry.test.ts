import t from 'tap';
import { isExpired } from '../../src/link/expiry.ts';
import { DOUBTED_PINGS, FORGET_MS, FORGET_UNUSED_MS, UNFINISHED_MS } from '../../src/link/limits.ts';
import type { Peer } from '../../src/link/peer.ts';

const NOW_MS = 1_000_000;

/** A peer that works, in what matters here. */
function one(change: object = {}): Peer {
  const liveness = { phase: 'alive', unanswered: 0 };
  const endpoint = { host: '192.0.2.1', port: 1, socket: 0 };
  const usual = { direction: 'lan', liveness, endpoint, provenMs: 0, createdMs: 0, announced: true, run: null };
  return { ...usual, channel: { user: null }, ...change } as unknown as Peer;
}

function goes(peer: Peer, others: readonly Peer[] = [], silentMs = 0, isUsed = true): boolean {
  return isExpired(peer, { lastInMs: NOW_MS - silentMs, isUsed, sameKey: () => [peer, ...others] }, NOW_MS);
}

const doubted = { liveness: { phase: 'alive', unanswered: DOUBTED_PINGS } };
const byEthernet = { endpoint: { host: '02:00:00:00:00:01@eth0', port: 0, socket: 1 } };

t.test('whom the configuration names never goes', async (t) => {
  t.notOk(goes(one({ direction: 'out', ...doubted }), [one()], 10 * FORGET_MS));
});

t.test('what nobody answers goes after its time', async (t) => {
  const begun = { liveness: { phase: 'dialling', unanswered: 0 }, provenMs: null };
  t.ok(goes(one({ ...begun, createdMs: NOW_MS - UNFINISHED_MS - 1 })));
  t.notOk(goes(one({ ...begun, createdMs: NOW_MS - UNFINISHED_MS })));
  t.ok(goes(one(), [], FORGET_UNUSED_MS + 1, false));
  t.notOk(goes(one(), [], FORGET_UNUSED_MS + 1));
  t.ok(goes(one(), [], FORGET_MS + 1));
});

t.test('the doubted link of a neighbour goes where another answers, and only there', async (t) => {
  t.ok(goes(one(doubted), [one()]));
  t.notOk(goes(one(doubted), [one(doubted)]));
  t.notOk(goes(one(doubted)));
  t.notOk(goes(one(), [one()]));
  t.notOk(goes(one({ direction: 'in', ...doubted }), [one()]), 'whoever came by a login of their own');
  t.ok(goes(one({ direction: 'in', channel: { user: { login: 'Local Peers' } }, ...doubted }), [one()]));
});

t.test('of a link by IP and one by Ethernet the one by IP stays, and one end decides', async (t) => {
  t.ok(goes(one(byEthernet), [one()]));
  t.notOk(goes(one(), [one(byEthernet)]));
  t.notOk(goes(one(byEthernet), [one(byEthernet)]));
  t.notOk(goes(one({ direction: 'in', ...byEthernet }), [one()]), 'who began it ends it');
});

t.test('a way that the same run of a node has left goes soon', async (t) => {
  const run = { direction: 'in', run: 'a' };
  t.ok(goes(one(run), [one(run)], FORGET_UNUSED_MS + 1));
  t.notOk(goes(one(run), [one({ ...run, run: 'b' })], FORGET_UNUSED_MS + 1));
});

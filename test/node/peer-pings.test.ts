import t from 'tap';
import { REORDER_MS } from '../../src/node/limits.ts';
import { PeerPings } from '../../src/node/peer-pings.ts';

const ping = (id: number, sentMs: number, isFair = true) => ({ id, sentMs, isFair });

t.test('what was passed by is lost, once; what has nothing behind it is not', async (t) => {
  const pings = new PeerPings();
  for (const [id, sentMs] of [
    [1, 0],
    [2, 1_000],
    [3, 1_500],
    [4, 2_000],
  ] as const)
    pings.sent(7, ping(id, sentMs));
  pings.sent(8, ping(5, 0));
  t.same(pings.answered(7, 1), []);
  t.same(pings.answered(7, 3), [ping(2, 1_000)]);
  t.same(pings.answered(7, 4), []);
  t.same(pings.answered(7, 4), [], 'unknown by now');
  t.same(pings.answered(8, 5), []);
});

t.test('packets that change places are not lost', async (t) => {
  const pings = new PeerPings();
  pings.sent(7, ping(1, 0));
  pings.sent(7, ping(2, REORDER_MS));
  t.same(pings.answered(7, 2), []);
  t.same(pings.answered(7, 1), []);
});

t.test('an answer to a handshake says nothing of what was sent before, with the old keys', async (t) => {
  const pings = new PeerPings();
  pings.sent(7, ping(1, 0));
  pings.sent(7, ping(2, 1_000));
  pings.sent(7, ping(3, 1_000, false));
  t.same(pings.answered(7, 3), []);
  pings.sent(7, ping(4, 2_000));
  t.same(pings.answered(7, 4), []);
});

t.test('a ping in a handshake that is passed by is not lost on the line', async (t) => {
  const pings = new PeerPings();
  pings.sent(7, ping(1, 0, false));
  pings.sent(7, ping(2, 0));
  pings.sent(7, ping(3, 1_000));
  t.same(pings.answered(7, 3), [ping(2, 0)]);
});

t.test('what waited long enough is forgotten, and so is a peer that is gone', async (t) => {
  const pings = new PeerPings();
  pings.sent(7, ping(1, 0));
  pings.sent(7, ping(2, 1_000));
  pings.expired(7, 1);
  t.same(pings.answered(7, 2), []);
  pings.sent(7, ping(3, 0));
  pings.sent(7, ping(4, 5_000));
  pings.forget(7);
  t.same(pings.answered(7, 4), []);
});

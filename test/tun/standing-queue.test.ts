import t from 'tap';
import { StandingQueue } from '../../src/tun/index.ts';

/** Times at which a queue that stands from 1000 on wants a drop, looked at every ms; each wish is granted. */
function dropsUntil(endMs: number, queue = new StandingQueue()): number[] {
  const times: number[] = [];
  for (let nowMs = 1000; nowMs < endMs; nowMs++) {
    queue.left(nowMs);
    if (!queue.wantsDrop(nowMs)) continue;
    queue.dropped(nowMs);
    times.push(nowMs);
  }
  return times;
}

t.test('a queue that is empty now and then loses nothing', async (t) => {
  const queue = new StandingQueue();
  t.notOk(queue.wantsDrop(0));
  for (let nowMs = 0; nowMs < 10_000; nowMs++) {
    if (nowMs % 99 === 0) queue.empty();
    else queue.left(nowMs);
    if (queue.wantsDrop(nowMs)) t.fail(`dropped at ${nowMs}`);
  }
});

t.test('a burst after a long rest is no standing queue', async (t) => {
  const queue = new StandingQueue();
  queue.left(5);
  queue.empty();
  queue.left(60_000);
  t.notOk(queue.wantsDrop(60_099));
  t.ok(queue.wantsDrop(60_100));
});

t.test('one that stands loses a packet after 100 ms, and more and more of them', async (t) => {
  t.same(dropsUntil(1400), [1100, 1200, 1271, 1329, 1379]);
});

t.test('once it was empty everything begins anew', async (t) => {
  const queue = new StandingQueue();
  dropsUntil(1400, queue);
  queue.empty();
  t.same(dropsUntil(1150, queue), [1100]);
});

import t from 'tap';
import { createSeededRng } from '../../src/sim/seeded-rng.ts';
import { goodLink, type LinkConditions, Underlay } from '../../src/sim/underlay.ts';
import { VirtualClock } from '../../src/sim/virtual-clock.ts';

const bytes = new Uint8Array(2100);

/** Sends `count` numbered datagrams, one each ms; returns numbers and times of those that arrive. */
function send(count: number, change: Partial<LinkConditions>, seed = 1) {
  const clock = new VirtualClock(0);
  const underlay = new Underlay(clock, createSeededRng(seed));
  const got: { number: number; atMs: number }[] = [];
  underlay.attach(0, () => false);
  underlay.attach(1, (datagram) => {
    got.push({ number: (datagram.buffer[0] ?? 0) + 256 * (datagram.buffer[1] ?? 0), atMs: clock.nowMs() });
    underlay.release(datagram);
    return true;
  });
  underlay.connect(0, 1, { ...goodLink(10), ...change });
  for (let number = 0; number < count; number++) {
    bytes[0] = number;
    bytes[1] = number >> 8;
    underlay.send(0, 1, 1, 2, bytes, 0, 100);
    clock.runFor(1);
  }
  clock.runFor(1000);
  return { got, underlay, clock };
}

t.test('a good link delivers everything in order, after its latency', async (t) => {
  const { got } = send(50, {});
  t.same(
    got.map(({ number }) => number),
    Array.from({ length: 50 }, (_, i) => i),
  );
  t.equal(got[0]?.atMs, 10);
});

t.test('a lossy link loses about the share it should, the same ones for the same seed', async (t) => {
  const first = send(1000, { loss: 0.2 });
  t.ok(first.got.length > 750 && first.got.length < 850, `${first.got.length} arrived`);
  t.same(first.got, send(1000, { loss: 0.2 }).got);
  t.notSame(first.got, send(1000, { loss: 0.2 }, 2).got);
});

t.test('jitter delays without overtaking, reordering overtakes', async (t) => {
  const isSorted = (list: { number: number }[]) => list.every((item, i) => item.number >= (list[i - 1]?.number ?? 0));
  const jittered = send(200, { jitterMs: 20 }).got;
  t.equal(jittered.length, 200);
  t.ok(isSorted(jittered));
  const reordered = send(200, { reorder: 0.1 }).got;
  t.equal(reordered.length, 200);
  t.notOk(isSorted(reordered));
});

t.test('a slow link delays, then drops', async (t) => {
  const { got, underlay } = send(1000, { bytesPerSecond: 50_000 });
  t.ok(got.length > 580 && got.length < 640, `${got.length} of about 600`);
  t.ok(underlay.counts.congested > 300);
});

t.test('a broken link, a partition and a missing link let nothing pass', async (t) => {
  t.equal(send(5, { up: false }).got.length, 0);
  const { got, underlay, clock } = send(1, {});
  t.ok(underlay.passable(0, 1));
  underlay.partition((host) => host);
  t.notOk(underlay.passable(0, 1));
  underlay.send(0, 1, 1, 2, bytes, 0, 10);
  clock.runFor(20);
  t.equal(got.length, 1);
  underlay.partition(() => 0);
  underlay.send(0, 1, 1, 2, bytes, 0, 10);
  underlay.send(0, 1, 7, 2, bytes, 0, 10);
  underlay.send(0, 1, 1, 2, bytes, 0, 2100);
  clock.runFor(20);
  t.equal(got.length, 2);
  t.equal(underlay.counts.unlinked, 2);
});

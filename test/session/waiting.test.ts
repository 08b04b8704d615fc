import t from 'tap';
import { createCounters } from '../../src/base/index.ts';
import { asIp6 } from '../../src/crypto/index.ts';
import { WAITING_DESTINATIONS, WAITING_MS, WAITING_PACKETS } from '../../src/session/limits.ts';
import { Waiting } from '../../src/session/waiting.ts';
import { sure } from '../cryptoauth/support.ts';

function address(number: number) {
  const bytes = new Uint8Array(16);
  bytes[0] = 0xfc;
  bytes[14] = number >> 8;
  bytes[15] = number & 0xff;
  return sure(asIp6(bytes));
}

t.test('packets come out in the order they went in, once', async (t) => {
  const waiting = new Waiting(createCounters());
  for (let i = 0; i < 3; i++) waiting.add(address(1), Uint8Array.of(i), i);
  t.ok(waiting.has(address(1)));
  t.same(waiting.destinations(), [address(1)]);
  t.same(
    waiting.take(address(1), 10).map(([first]) => first),
    [0, 1, 2],
  );
  t.same(waiting.take(address(1), 10), []);
  t.equal(waiting.size, 0);
});

t.test('a full destination drops its oldest packet', async (t) => {
  const counters = createCounters();
  const waiting = new Waiting(counters);
  for (let i = 0; i < WAITING_PACKETS + 5; i++) waiting.add(address(1), Uint8Array.of(i), 0);
  const left = waiting.take(address(1), 0);
  t.equal(left.length, WAITING_PACKETS);
  t.equal(left[0]?.[0], 5);
  t.equal(counters.get('session.waiting_overflow'), 5);
});

t.test('one destination too many drops the one that was used longest ago', async (t) => {
  const counters = createCounters();
  const waiting = new Waiting(counters);
  for (let i = 0; i < WAITING_DESTINATIONS; i++) waiting.add(address(i), new Uint8Array(1), i);
  waiting.add(address(0), new Uint8Array(1), 1_000);
  waiting.add(address(WAITING_DESTINATIONS), new Uint8Array(1), 1_000);
  t.equal(waiting.size, WAITING_DESTINATIONS);
  t.notOk(waiting.has(address(1)));
  t.ok(waiting.has(address(0)));
  t.equal(counters.get('session.waiting_overflow'), 1);
});

t.test(
  'ten seconds after its first packet a destination is given up, whatever came since, and all are named',
  async (t) => {
    const counters = createCounters();
    const waiting = new Waiting(counters);
    waiting.add(address(1), Uint8Array.of(1), 0);
    for (let second = 1; second <= 10; second++) waiting.add(address(1), Uint8Array.of(1 + second), 1_000 * second);
    waiting.add(address(2), Uint8Array.of(99), 5_000);
    t.same(waiting.expire(WAITING_MS), []);
    const gone = waiting.expire(WAITING_MS + 1);
    t.same(
      gone.map(({ packet }) => packet[0]),
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
    );
    t.ok(gone.every((one) => one.address === gone[0]?.address));
    t.notOk(waiting.has(address(1)));
    t.same(waiting.expire(WAITING_MS + 1), []);
    t.same(waiting.take(address(2), WAITING_MS + 1), [Uint8Array.of(99)]);
    t.equal(counters.get('session.waiting_expired'), 11);
    t.same(waiting.expire(1e9), []);
  },
);

t.test('a flood to one destination does not keep it waiting', async (t) => {
  const waiting = new Waiting(createCounters());
  for (let i = 0; i < 100 * WAITING_PACKETS; i++) {
    const nowMs = (i * WAITING_MS) / (100 * WAITING_PACKETS);
    waiting.add(address(1), Uint8Array.of(1), nowMs);
    t.equal(waiting.expire(nowMs).length, 0);
  }
  t.equal(waiting.expire(WAITING_MS + 1).length, WAITING_PACKETS);
});

t.test('what is too old is not sent, even if nobody looked in time', async (t) => {
  const waiting = new Waiting(createCounters());
  waiting.add(address(1), Uint8Array.of(1), 0);
  waiting.add(address(1), Uint8Array.of(2), 9_000);
  t.same(waiting.take(address(1), WAITING_MS + 1), [Uint8Array.of(2)]);
});

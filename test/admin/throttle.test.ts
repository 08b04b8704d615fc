import t from 'tap';
import { FAILURE_BURST, FAILURES_PER_SECOND, MAX_HOSTS } from '../../src/admin/limits.ts';
import { Throttle } from '../../src/admin/throttle.ts';

/** How many of so many wrong passwords are told. */
function told(throttle: Throttle, host: string, guesses: number, nowMs: number): number {
  let count = 0;
  for (let guess = 0; guess < guesses; guess++) if (throttle.failed(host, nowMs)) count++;
  return count;
}

t.test('some wrong passwords are told at once, then one a second, however many come', async (t) => {
  const throttle = new Throttle();
  t.equal(told(throttle, 'a', 1_000, 0), FAILURE_BURST);
  t.equal(told(throttle, 'a', 1_000, 999 / FAILURES_PER_SECOND), 0);
  t.equal(told(throttle, 'a', 1_000, 1_000 / FAILURES_PER_SECOND), 1);
  t.equal(told(throttle, 'a', 1_000, 1e9), FAILURE_BURST, 'long rest earns no more than at the start');
});

t.test('what one host guesses is not held against another', async (t) => {
  const throttle = new Throttle();
  told(throttle, 'a', 1_000, 0);
  t.equal(told(throttle, 'b', 1_000, 0), FAILURE_BURST);
});

t.test('so many hosts are remembered, and the oldest is forgotten for a new one', async (t) => {
  const throttle = new Throttle();
  for (let host = 0; host < MAX_HOSTS; host++) told(throttle, `${host}`, FAILURE_BURST, 0);
  t.equal(told(throttle, '0', 1, 0), 0, 'all have their place');
  told(throttle, 'one more', 1, 0);
  t.equal(told(throttle, `${MAX_HOSTS - 1}`, 1, 0), 0);
  t.equal(told(throttle, '0', 1, 0), 1, 'begins anew');
});

import t from 'tap';
import { createErrorLimiter } from '../../src/switch/error-limiter.ts';
import { ERROR_BURST, ERRORS_PER_SECOND, SAME_LABEL_PAUSE_MS } from '../../src/switch/limits.ts';

function labelled(label: number): Uint8Array {
  const packet = new Uint8Array(20);
  new DataView(packet.buffer).setUint32(4, label);
  return packet;
}

t.test('a flood of different bad labels gets a burst of errors and then the rate, per interface', async (t) => {
  const limiter = createErrorLimiter();
  let allowed = 0;
  for (let i = 0; i < 5000; i++) if (limiter.allow(2, labelled(i), 0)) allowed++;
  t.equal(allowed, ERROR_BURST);
  for (let i = 0; i < 5000; i++) if (limiter.allow(2, labelled(i), 1000)) allowed++;
  t.equal(allowed, ERROR_BURST + ERRORS_PER_SECOND);
  t.ok(limiter.allow(3, labelled(1), 1000), 'another interface has its own budget');
});

t.test('a million errors at once cost no more than the burst (S4)', async (t) => {
  const limiter = createErrorLimiter();
  const packet = labelled(0);
  const view = new DataView(packet.buffer);
  let allowed = 0;
  for (let i = 0; i < 1_000_000; i++) {
    view.setUint32(0, i);
    if (limiter.allow(0, packet, i / 1e6)) allowed++;
  }
  t.equal(allowed, ERROR_BURST);
});

t.test('a fast flow over a dead link does not hide the failure from a slow one', async (t) => {
  const limiter = createErrorLimiter();
  let fast = 0;
  for (let i = 0; i < 100_000; i++) if (limiter.allow(4, labelled(0x15), i / 10)) fast++;
  t.equal(fast, 10_000 / SAME_LABEL_PAUSE_MS);
  t.ok(limiter.allow(4, labelled(0x17), 10_000));
});

t.test('a forgotten interface starts afresh', async (t) => {
  const limiter = createErrorLimiter();
  t.ok(limiter.allow(5, labelled(1), 0));
  t.notOk(limiter.allow(5, labelled(1), 1));
  limiter.forget(5);
  t.ok(limiter.allow(5, labelled(1), 2));
});

t.test('fragments and impossible interfaces earn nothing', async (t) => {
  const limiter = createErrorLimiter();
  t.notOk(limiter.allow(5, new Uint8Array(7), 0));
  for (const from of [-1, 257]) t.notOk(limiter.allow(from, labelled(1), 0));
});

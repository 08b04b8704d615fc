import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import {
  BUSY_DEAD_MS,
  BUSY_PING_MS,
  HURRY_MS,
  IDLE_DEAD_MS,
  IDLE_PING_MS,
  MEASURE_PING_MS,
  QUIET_SHARE,
  REPLY_MS,
  RESTING_PING_MS,
  RETRY_FIRST_MS,
  RETRY_MAX_MS,
  RETRY_STEADY_FOR_MS,
  SILENT_PING_MS,
  WATCH_BURST,
  WATCH_FOR_MS,
  WATCH_PING_MS,
  WATCH_PINGS_PER_SECOND,
} from '../../src/link/limits.ts';
import { dialling, heard, hurry, type Liveness, tick, watch } from '../../src/link/liveness.ts';

const never = Number.NEGATIVE_INFINITY;

/** A peer that was heard at `atMs` and not pinged yet. */
function alive(atMs: number): Liveness {
  return heard(dialling(atMs), atMs).next;
}

type Run = { readonly pings: number[]; readonly downs: number[]; readonly last: Liveness };

/** Looks whenever the machine asked to be looked at, and nobody answers. */
function runSilent(
  start: Liveness,
  toMs: number,
  lastInMs: number,
  dataOut = (_nowMs: number) => never,
  fromMs = lastInMs,
): Run {
  const run = { pings: [] as number[], downs: [] as number[], last: start };
  let nowMs = fromMs;
  for (let looks = 0; nowMs <= toMs && looks < 10_000; looks++) {
    const step = tick(run.last, { lastInMs, lastDataOutMs: dataOut(nowMs) }, 1, nowMs);
    run.last = step.next;
    for (const effect of step.effects) (effect === 'ping' ? run.pings : run.downs).push(nowMs);
    assert(step.dueMs > nowMs || step.effects.length > 0, 'looks again later');
    nowMs = Math.max(step.dueMs, nowMs + 1);
  }
  return run;
}

t.test('an idle peer is pinged after two seconds of silence, then every half, and is dead after five', async (t) => {
  const { pings, downs } = runSilent(alive(0), 5_050, 0);
  t.same(downs, [IDLE_DEAD_MS]);
  t.same(pings, [2_000, 2_500, 3_000, 3_500, 4_000, 4_500, IDLE_DEAD_MS]);
});

t.test('however long the silence was, an idle peer is asked twice before it is dead', async (t) => {
  // The machine slept: nobody was asked when the time was up.
  const lateMs = IDLE_DEAD_MS + 1_000;
  const traffic = { lastInMs: 0, lastDataOutMs: never };
  let peer = alive(0);
  const seen: [number, ...string[]][] = [];
  for (let nowMs = lateMs; nowMs <= lateMs + 2 * SILENT_PING_MS; nowMs += SILENT_PING_MS) {
    const step = tick(peer, traffic, 1, nowMs);
    seen.push([nowMs, ...step.effects]);
    peer = step.next;
  }
  t.same(seen, [
    [lateMs, 'ping'],
    [lateMs + SILENT_PING_MS, 'ping'],
    [lateMs + 2 * SILENT_PING_MS, 'down', 'ping'],
  ]);
});

t.test('under traffic a peer is pinged every quarter of a second and is dead after one', async (t) => {
  const { pings, downs } = runSilent(alive(0), 1_050, 0, (nowMs) => nowMs);
  t.same(downs, [BUSY_DEAD_MS]);
  t.same(pings, [BUSY_PING_MS, 2 * BUSY_PING_MS, 3 * BUSY_PING_MS, BUSY_DEAD_MS]);
});

t.test('traffic that begins after long silence asks first, and needs three pings without an answer', async (t) => {
  let peer = alive(0);
  const traffic = { lastInMs: 0, lastDataOutMs: 1_900 };
  const effects: string[] = [];
  for (let nowMs = 1_900; nowMs < 2_400; nowMs += 50) {
    const step = tick(peer, traffic, 1, nowMs);
    effects.push(...step.effects);
    peer = step.next;
  }
  t.same(effects, ['ping', 'ping'], 'silent for more than a second, but not dead');
});

t.test('a single packet of data without an answer does not kill a peer within a second', async (t) => {
  const { downs } = runSilent(alive(0), 6_000, 0, () => 0);
  t.same(downs, [IDLE_DEAD_MS]);
});

t.test('what is heard between two looks counts, though nobody called heard', async (t) => {
  let peer = alive(0);
  for (let nowMs = 0; nowMs < 20_000; nowMs += 250) {
    const step = tick(peer, { lastInMs: nowMs - (nowMs % 3_000), lastDataOutMs: never }, 1, nowMs);
    t.notOk(step.effects.includes('down'));
    peer = step.next;
  }
});

t.test('a dialled peer is tried often at first, and then every half second for two minutes', async (t) => {
  const { pings, downs } = runSilent(dialling(0), RETRY_STEADY_FOR_MS, 0);
  const first = RETRY_FIRST_MS.length;
  t.same(pings.slice(0, 3), [0, 100, 200]);
  t.equal(pings[first], 1_800);
  const waits = pings.slice(first + 1).map((atMs, index) => atMs - (pings[index + first] ?? 0));
  t.same([...new Set(waits)], [500]);
  t.equal(downs.length, 0);
});

t.test('after two minutes the wait doubles up to half a minute', async (t) => {
  const { pings } = runSilent(dialling(0), 600_000, 0);
  const late = pings.filter((atMs) => atMs > RETRY_STEADY_FOR_MS);
  const waits = late.slice(1).map((atMs, index) => atMs - (late[index] ?? 0));
  for (let index = 1; index < waits.length; index++) {
    const [before = 0, wait = 0] = [waits[index - 1], waits[index]];
    t.ok(wait >= before && wait <= Math.max(1_000, before * 2.5), `${before} -> ${wait}`);
  }
  t.equal(Math.max(...waits), RETRY_MAX_MS);
  t.equal(waits.at(-1), RETRY_MAX_MS);
});

t.test('a dead peer is tried as a dialled one is, from its death on', async (t) => {
  const { pings, downs } = runSilent(alive(0), 7_000, 0);
  const [deadMs = 0] = downs;
  const after = pings.filter((atMs) => atMs >= deadMs).map((atMs) => atMs - deadMs);
  t.same(after.slice(0, 3), [0, 100, 200]);
  t.ok((after[RETRY_FIRST_MS.length] ?? 0) === 1_800);
});

t.test('whatever is heard makes it alive again, and the schedule starts afresh', async (t) => {
  const dead = runSilent(alive(0), 60_000, 0).last;
  t.equal(dead.phase, 'dead');
  const back = heard(dead, 61_000);
  t.ok(back.cameUp);
  t.match(back.next, { phase: 'alive', sinceMs: 61_000, unanswered: 0, attempts: 0 });
  t.equal(heard(back.next, 62_000).next, back.next, 'nothing changes while it is alive');
  t.notOk(heard(back.next, 62_000).cameUp);
});

t.test('a peer that was pinged and heard has nothing unanswered', async (t) => {
  const pinged = tick(alive(0), { lastInMs: 0, lastDataOutMs: never }, 1, IDLE_PING_MS).next;
  t.equal(pinged.unanswered, 1);
  t.equal(heard(pinged, IDLE_PING_MS + 5).next.unanswered, 0);
});

t.test('a watched link is pinged every 250 ms while the budget lasts, though it is heard', async (t) => {
  let peer = watch(alive(0), 0);
  const pings: number[] = [];
  for (let nowMs = 0; nowMs < WATCH_FOR_MS; nowMs += 10) {
    const step = tick(peer, { lastInMs: nowMs, lastDataOutMs: never }, 1, nowMs);
    if (step.effects.includes('ping')) pings.push(nowMs);
    peer = step.next;
  }
  const waits = pings.slice(1).map((atMs, index) => [pings[index] ?? 0, atMs - (pings[index] ?? 0)] as const);
  t.ok(waits.every(([atMs, wait]) => atMs > 10_000 || wait === WATCH_PING_MS));
  const scarce = waits.filter(([atMs]) => atMs > 15_000).map(([, wait]) => wait);
  t.ok(scarce.every((wait) => Math.abs(wait - 1_000 / WATCH_PINGS_PER_SECOND) <= 10));
  t.ok(pings.length <= WATCH_BURST + (WATCH_FOR_MS / 1_000) * WATCH_PINGS_PER_SECOND + 1, `${pings.length} pings`);
  const calm = tick(peer, { lastInMs: WATCH_FOR_MS + 1, lastDataOutMs: never }, 1, WATCH_FOR_MS + 1_000).next;
  t.equal(calm.watchedSinceMs, null, 'a minute later no more');
});

t.test('a ping that was not answered is followed by another, whatever else is heard', async (t) => {
  const pinged = tick(alive(0), { lastInMs: 0, lastDataOutMs: never }, 1, IDLE_PING_MS).next;
  const traffic = { lastInMs: IDLE_PING_MS + 100, lastDataOutMs: never, openPingMs: SILENT_PING_MS };
  t.same(tick(pinged, traffic, 1, IDLE_PING_MS + SILENT_PING_MS - 1).effects, []);
  t.same(tick(pinged, traffic, 1, IDLE_PING_MS + SILENT_PING_MS).effects, ['ping']);
});

t.test('the longer a link was quiet the less often it is asked, up to the longest wait', async (t) => {
  const waits = [0, 20_000, 60_000, 120_000, 1e9].map((quietForMs) => {
    const traffic = { lastInMs: 0, lastDataOutMs: never, quietForMs };
    const { dueMs } = tick(alive(0), traffic, 1, 0);
    t.same(tick(alive(0), traffic, 1, dueMs).effects, ['ping']);
    return dueMs;
  });
  t.same(waits, [IDLE_PING_MS, IDLE_PING_MS, 60_000 * QUIET_SHARE, 120_000 * QUIET_SHARE, RESTING_PING_MS]);
});

t.test('an answer to what just came in is no traffic that needs one', async (t) => {
  const traffic = { lastInMs: 0, lastDataOutMs: REPLY_MS - 1, quietForMs: 1e9 };
  for (const nowMs of [BUSY_PING_MS, 2 * BUSY_PING_MS, 1_000]) t.same(tick(alive(0), traffic, 1, nowMs).effects, []);
  const more = { ...traffic, lastDataOutMs: REPLY_MS + 1 };
  t.same(tick(alive(0), more, 1, BUSY_PING_MS).effects, ['ping']);
});

t.test('traffic that is no answer is found out about in time, though not each packet is reported', async (t) => {
  // The far end falls silent in the middle of a conversation.
  let peer = alive(0);
  let nowMs = 50;
  let deadMs = 0;
  while (deadMs === 0 && nowMs < 5_000) {
    const step = tick(peer, { lastInMs: 0, lastDataOutMs: nowMs, quietForMs: 1e9 }, 1, nowMs);
    if (step.effects.includes('down')) deadMs = nowMs;
    peer = step.next;
    nowMs = step.dueMs;
  }
  t.equal(deadMs, BUSY_DEAD_MS);
});

t.test('used now and then, a quiet link is asked for its round trip as seldom as for its life', async (t) => {
  const first = tick(alive(0), { lastInMs: 40_000, lastDataOutMs: 40_000, quietForMs: 1e9 }, 1, 40_000);
  t.same(first.effects, ['ping'], 'the last round trip is old');
  const pinged = first.next;
  const again = { lastInMs: 41_000, lastDataOutMs: 41_000, quietForMs: 1e9 };
  t.same(tick(pinged, again, 1, 40_000 + RESTING_PING_MS - 1).effects, []);
  t.same(tick(pinged, { ...again, quietForMs: 0 }, 1, 40_000 + MEASURE_PING_MS).effects, ['ping']);
});

t.test('a resting peer is pinged seldom, and is found dead soon after a ping without an answer', async (t) => {
  let peer = alive(0);
  const pings: number[] = [];
  let deadMs = 0;
  for (let nowMs = 0; deadMs === 0 && nowMs < 60_000; nowMs += 10) {
    const step = tick(peer, { lastInMs: 0, lastDataOutMs: never, quietForMs: 1e9 }, 1, nowMs);
    if (step.effects.includes('down')) deadMs = nowMs;
    else if (step.effects.includes('ping')) pings.push(nowMs);
    peer = step.next;
  }
  t.equal(pings[0], RESTING_PING_MS);
  t.ok(deadMs > RESTING_PING_MS && deadMs <= RESTING_PING_MS + 1_500, `dead at ${deadMs} ms`);
});

t.test(
  'waits between attempts are spread to half and one and a half, so that two ends do not march in step',
  async (t) => {
    fc.assert(
      fc.property(fc.double({ min: 0.9, max: 1.1, noNaN: true }), fc.nat(40), (jitter, attempts) => {
        let peer = dialling(0);
        let nowMs = 0;
        for (let attempt = 0; attempt <= attempts; attempt++) {
          const step = tick(peer, { lastInMs: 0, lastDataOutMs: never }, jitter, nowMs);
          assert.deepEqual(step.effects, ['ping']);
          const plain = RETRY_FIRST_MS[attempt] ?? 500;
          const wait = step.dueMs - nowMs;
          assert(Math.abs(wait - plain * (1 + 5 * (jitter - 1))) < 1e-6, `${wait} for ${plain}`);
          peer = step.next;
          nowMs = step.dueMs;
        }
      }),
    );
    t.pass();
  },
);

t.test('whatever happens, a silent peer is pinged again within the longest wait', async (t) => {
  const event = fc.record({
    afterMs: fc.nat(40_000),
    type: fc.constantFrom('tick', 'heard', 'data', 'watch'),
    jitter: fc.double({ min: 0.9, max: 1.1, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 40 }), fc.boolean(), (history, begun) => {
      let peer = begun ? alive(0) : dialling(0);
      let nowMs = 0;
      const traffic = { lastInMs: 0, lastDataOutMs: never };
      for (const { afterMs, type, jitter } of history) {
        nowMs += afterMs;
        if (type === 'heard') {
          traffic.lastInMs = nowMs;
          peer = heard(peer, nowMs).next;
        } else if (type === 'data') traffic.lastDataOutMs = nowMs;
        else if (type === 'watch') peer = watch(peer, nowMs);
        const step = tick(peer, traffic, jitter, nowMs);
        assert(step.dueMs <= nowMs + RETRY_MAX_MS * 1.1 + 1, 'looks again in time');
        peer = step.next;
      }
      const later = tick(peer, traffic, 1, nowMs + RETRY_MAX_MS * 1.1 + 1);
      assert(later.effects.includes('ping'));
    }),
  );
  t.pass();
});

t.test('hurried, a quiet peer is asked at once, and given up a second later, however long it was silent', async (t) => {
  for (const silentMs of [100, 1_900, 14_000]) {
    const { pings, downs } = runSilent(hurry(alive(0), silentMs), silentMs + 1_050, 0, undefined, silentMs);
    t.same(
      pings.map((atMs) => atMs - silentMs),
      [0, BUSY_PING_MS, 2 * BUSY_PING_MS, 3 * BUSY_PING_MS, BUSY_DEAD_MS],
    );
    t.same(downs, [silentMs + BUSY_DEAD_MS]);
  }
});

t.test('a hurried peer that answers is as idle as before', async (t) => {
  let peer = hurry(alive(0), 1_000);
  const pings: number[] = [];
  for (let nowMs = 1_000; nowMs < 1_000 + HURRY_MS + 2_000; nowMs += 10) {
    const step = tick(peer, { lastInMs: nowMs < 1_030 ? 0 : 1_030, lastDataOutMs: never }, 1, nowMs);
    peer = step.next;
    if (step.effects.length > 0) pings.push(nowMs);
  }
  t.same(pings.slice(0, 2), [1_000, 1_030 + IDLE_PING_MS]);
});

t.test('hurried, a peer that is given up is tried as at the start', async (t) => {
  const dead = runSilent(alive(0), 600_000, 0).last;
  t.equal(dead.phase, 'dead');
  const { pings } = runSilent(hurry(dead, 601_000), 602_000, 601_000);
  t.same(
    pings.slice(0, 3).map((atMs) => atMs - 601_000),
    [0, 100, 200],
  );
});

t.test(
  'the end of a stream that only came in is looked into at once, and its silence is as grave as that of traffic',
  async (t) => {
    let peer = alive(0);
    const pings: number[] = [];
    let downMs: number | null = null;
    for (let nowMs = 0; nowMs < 3_000 && downMs === null; nowMs += 10) {
      const step = tick(peer, { lastInMs: 0, lastDataOutMs: never, isStream: true }, 1, nowMs);
      peer = step.next;
      if (step.effects.includes('ping')) pings.push(nowMs);
      if (step.effects.includes('down')) downMs = nowMs;
    }
    t.same(pings.slice(0, 3), [BUSY_PING_MS, 2 * BUSY_PING_MS, 3 * BUSY_PING_MS]);
    t.equal(downMs, BUSY_DEAD_MS);
    const flows = tick(alive(0), { lastInMs: 100, lastDataOutMs: never, isStream: true }, 1, 110);
    t.equal(flows.dueMs, 100 + BUSY_PING_MS, 'while it flows one looks four times a second');
  },
);

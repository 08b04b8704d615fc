import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { pressed } from '../../src/dashboard/keys.ts';
import { LOG_LINES } from '../../src/dashboard/limits.ts';
import { type Model, reduce } from '../../src/dashboard/model.ts';
import { CAFE, FRIEND, MAST, model, NOW_MS, PEERS, peer, snapshot } from './fixture.ts';

function keys(from: Model, ...names: readonly string[]): Model {
  return names.reduce((now, key) => pressed(now, key, NOW_MS), from);
}

function data(from: Model, peers = PEERS): Model {
  return reduce(from, { type: 'data', snapshot: snapshot({ peers }), nowMs: NOW_MS + 1000 });
}

const many = Array.from({ length: 200 }, (_, index) => peer({ id: `p${index}`, rttMs: index }));

t.test('the cursor stays on its peer when the order changes', async (t) => {
  const before = keys(model(), 'down');
  t.equal(before.lists.peers.cursor, 'village-mast');
  const after = data(before, [...PEERS].reverse());
  t.equal(after.lists.peers.cursor, 'village-mast');
  t.equal(after.lists.peers.index, 2);
});

t.test('when its peer goes, the cursor stays where it is', async (t) => {
  const after = data(
    keys(model(), 'down'),
    PEERS.filter((one) => one.id !== 'village-mast'),
  );
  t.equal(after.lists.peers.cursor, 'friend');
});

t.test('sorting goes through the columns, the worst first, and back to the order of the daemon', async (t) => {
  let now = model();
  const seen: string[] = [];
  for (let press = 0; press < 8; press++) {
    now = keys(now, 's');
    seen.push(now.lists.peers.order[0] ?? '');
  }
  t.same(seen, ['bob', 'cafe', 'cafe', 'village-mast', 'village-mast', 'bob', 'bob', 'bob']);
  t.equal(keys(model(), 's', 's', 's', 's', 'S').lists.peers.order[0], 'friend', 'S turns it round');
});

t.test('equal rows keep their order, and unknown values stand last either way', async (t) => {
  const equals = ['a', 'b', 'c'].map((id) => peer({ id }));
  const sorted = keys(data(model(), equals), 's', 's', 's', 's');
  t.same(data(sorted, [...equals].reverse()).lists.peers.order, ['a', 'b', 'c']);
  t.equal(keys(model(), 's', 's', 's', 's').lists.peers.order.at(-1), 'cafe');
  t.equal(keys(model(), 's', 's', 's', 's', 'S').lists.peers.order.at(-1), 'cafe');
});

t.test('the filter is typed, kept, and cleared', async (t) => {
  const typing = keys(model(), '/', 'm', 'a', 's', 'q', 'backspace');
  t.same(typing.lists.peers.order, ['village-mast']);
  t.notOk(typing.quit, 'q is a letter here');
  const kept = keys(typing, 'enter');
  t.notOk(kept.typing);
  t.equal(kept.lists.peers.filter, 'mas');
  t.equal(keys(kept, 'escape').lists.peers.order.length, 4);
  t.equal(keys(typing, 'escape').lists.peers.filter, '');
});

t.test('enter opens, arrows go on to the next peer, esc goes back to it in the list', async (t) => {
  const opened = keys(model(), 'enter', 'down');
  t.equal(opened.screen, 'peer');
  t.equal(opened.opened, 'village-mast');
  const back = keys(opened, 'escape');
  t.equal(back.screen, 'peers');
  t.equal(back.lists.peers.cursor, 'village-mast');
});

t.test('the node that was chosen is chosen on the other screens, too', async (t) => {
  const sessions = keys(model('sessions'), 'down');
  t.equal(keys(sessions, 'enter').lists.routes.cursor, CAFE);
  t.equal(keys(sessions, '4').lists.map.cursor, CAFE);
  t.equal(keys(model(), 'down', '3').lists.routes.cursor, MAST);
});

t.test('enter on a route asks for its path; an answer for another one is ignored', async (t) => {
  const asked = keys(model('routes'), 'down', 'down', 'enter');
  t.same(asked.trace, { address: FRIEND, hops: null, state: 'asked', atMs: NOW_MS });
  const hops = [{ address: FRIEND, rttMs: 5 }];
  t.equal(reduce(asked, { type: 'traced', address: CAFE, hops, nowMs: 1 }).trace?.state, 'asked');
  const measured = reduce(asked, { type: 'traced', address: FRIEND, hops, nowMs: 1 });
  t.equal(measured.trace?.state, 'measured');
  const lost = reduce(measured, { type: 'traced', address: FRIEND, hops: null, nowMs: 2 });
  t.same([lost.trace?.state, lost.trace?.hops], ['failed', hops], 'a lost answer takes nothing away');
});

t.test('a daemon that is gone is told with its first silence, and forgotten when it is back', async (t) => {
  const gone = reduce(reduce(model(), { type: 'gone', nowMs: 5 }), { type: 'gone', nowMs: 9 });
  t.equal(gone.goneSinceMs, 5);
  t.equal(gone.snapshot?.peers.length, 4, 'the last frame stays');
  t.equal(data(gone).goneSinceMs, null);
});

t.test('the opened peer goes: back to the list', async (t) => {
  t.equal(data(keys(model(), 'enter'), PEERS.slice(1)).screen, 'peers');
});

t.test('the log is bounded, and does not move under whom reads it', async (t) => {
  const lines = (count: number, from: number) =>
    Array.from({ length: count }, (_, index) => ({ atMs: from + index, level: 'info', text: `${from + index}` }));
  const full = reduce(model('log'), { type: 'logged', lines: lines(LOG_LINES + 5, 0) });
  t.equal(full.log.length, LOG_LINES);
  const up = keys(full, 'up', 'up');
  t.equal(up.logBack, 2);
  t.equal(reduce(up, { type: 'logged', lines: lines(3, 5000) }).logBack, 5);
  t.equal(keys(up, 'end').logBack, 0);
});

t.test('whatever keys come, the cursor is on a row that is seen', async (t) => {
  const names = ['up', 'down', 'pageup', 'pagedown', 'home', 'end', 's', 'S', '/', '1', 'escape', 'enter', 'x', '7'];
  const sizes = fc.record({ columns: fc.integer({ min: 20, max: 200 }), rows: fc.integer({ min: 4, max: 60 }) });
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.constantFrom(...names), sizes), { maxLength: 40 }), (steps) => {
      let now = data(model(), many);
      for (const step of steps) {
        now = typeof step === 'string' ? keys(now, step) : reduce(now, { type: 'resize', size: step });
        const { order, cursor, index, top } = now.lists.peers;
        assert.equal(cursor, order[index] ?? null);
        assert.ok(order.length === 0 || (top <= index && index < top + Math.max(1, now.size.rows - 6)));
      }
    }),
    { numRuns: 60 },
  );
  t.pass();
});

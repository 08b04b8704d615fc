import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { COMPARE_MS, HOLD_MS, ROUND_MS, STAGGER_MS } from '../../src/daemon/dial/limits.ts';
import { BEGIN, begunAnew, failed, type Given, type Race, type Sight, step } from '../../src/daemon/dial/race.ts';

const UP: Sight = { isUp: true, isDoubtful: false, costMs: 10, mayStay: true };
const SILENT: Sight = { ...UP, isDoubtful: true };

/** A race that is stepped by hand; `seen` is what there is at a moment. */
function raceOf(places: readonly string[], fixed: Partial<Given> = {}) {
  let race: Race = BEGIN;
  const done: string[] = [];
  const at = (nowMs: number, seen: Readonly<Record<string, Sight>> = {}) => {
    const given = { places, sights: new Map(Object.entries(seen)), isReached: false, mayAdd: true, ...fixed };
    const { next, effects, dueMs } = step(race, given, nowMs);
    race = next;
    done.length = 0;
    for (const { type, place } of effects) done.push(`${type === 'dial' ? '+' : '-'}${place}`);
    return { done: done.join(' '), dueMs };
  };
  return { at, ways: () => race.ways.map(({ place }) => place) };
}

t.test('places are dialled one after the other, 250 ms apart, and stay dialled', async (t) => {
  const { at, ways } = raceOf(['a', 'b', 'c']);
  t.same(at(0), { done: '+a', dueMs: STAGGER_MS });
  t.same(at(STAGGER_MS - 1), { done: '', dueMs: STAGGER_MS });
  t.match(at(STAGGER_MS), { done: '+b' });
  t.match(at(2 * STAGGER_MS), { done: '+c' });
  t.same(at(100_000), { done: '', dueMs: Number.POSITIVE_INFINITY });
  t.same(ways(), ['a', 'b', 'c']);
});

t.test('one place is dialled once, whatever becomes of it', async (t) => {
  const { at, ways } = raceOf(['a']);
  t.match(at(0), { done: '+a' });
  for (const [ms, sight] of [UP, SILENT, { ...UP, isUp: false }].entries())
    t.same(at(1_000 * (ms + 1), { a: sight }), { done: '', dueMs: Number.POSITIVE_INFINITY });
  t.same(ways(), ['a']);
});

t.test('the first that is up ends the race; who never was goes when it had its time', async (t) => {
  const { at, ways } = raceOf(['a', 'b', 'c']);
  at(0);
  at(STAGGER_MS);
  t.same(at(300, { b: UP }), { done: '', dueMs: 300 + COMPARE_MS });
  t.match(at(300 + COMPARE_MS, { b: UP }), { done: '-a', dueMs: Number.POSITIVE_INFINITY });
  t.same(ways(), ['b']);
});

t.test('of two that come up together the better is kept', async (t) => {
  for (const [costMs, lost] of [
    [11, '-b'],
    [9, '-a'],
  ] as const) {
    const { at } = raceOf(['a', 'b', 'c']);
    at(0);
    at(STAGGER_MS);
    at(300, { a: UP });
    t.match(at(400, { a: UP, b: { ...UP, costMs } }), { done: '' });
    t.match(at(300 + COMPARE_MS, { a: UP, b: { ...UP, costMs } }), { done: lost });
  }
});

t.test('the link in use falls silent: the others are tried beside it, and both stay while traffic moves', async (t) => {
  const { at, ways } = raceOf(['a', 'b']);
  at(0);
  at(100, { a: UP });
  at(5_000, { a: UP });
  t.match(at(60_000, { a: SILENT }), { done: '+b' });
  t.match(at(60_020, { a: SILENT, b: UP }), { done: '' });
  t.match(at(62_000, { a: SILENT, b: UP }), { done: '', dueMs: 60_020 + HOLD_MS });
  t.same(ways(), ['a', 'b']);
  t.match(at(60_020 + HOLD_MS, { a: SILENT, b: UP }), { done: '-a' });
  t.same(ways(), ['b']);
});

t.test('a link that is down does not wait for that', async (t) => {
  const { at } = raceOf(['a', 'b']);
  at(0);
  at(100, { a: UP });
  at(60_000, { a: SILENT });
  at(60_020, { a: SILENT, b: UP });
  t.match(at(61_000, { a: { ...UP, isUp: false }, b: UP }), { done: '-a' });
});

t.test('the link in use answers again: the others go, and the better stays where both do', async (t) => {
  const back = raceOf(['a', 'b']);
  back.at(0);
  back.at(100, { a: UP });
  back.at(60_000, { a: SILENT });
  t.match(back.at(60_100, { a: UP }), { done: '-b' });
  const both = raceOf(['a', 'b']);
  both.at(0);
  both.at(100, { a: UP });
  both.at(60_000, { a: SILENT });
  both.at(60_020, { a: SILENT, b: { ...UP, costMs: 50 } });
  both.at(61_000, { a: UP, b: { ...UP, costMs: 50 } });
  t.match(both.at(60_020 + HOLD_MS, { a: UP, b: { ...UP, costMs: 50 } }), { done: '-b' });
});

t.test('to a node that keeps one link for a key the old one goes at once', async (t) => {
  const { at } = raceOf(['a', 'b']);
  at(0);
  at(100, { a: { ...UP, mayStay: false } });
  at(60_000, { a: { ...SILENT, mayStay: false } });
  t.match(at(60_020, { a: SILENT, b: { ...UP, mayStay: false } }), { done: '-a' });
});

t.test('a place that leads elsewhere now is left, unless the link there answers', async (t) => {
  const { at } = raceOf(['new']);
  const old = raceOf(['old']);
  old.at(0);
  t.match(at(0), { done: '+new' });
  const race: Race = { ...BEGIN, ways: [{ place: 'old', dialledMs: 0, upMs: null, wasUp: true }] };
  const given = { places: ['new'], isReached: false, mayAdd: true };
  const left = step(race, { ...given, sights: new Map() }, 1_000);
  t.same(left.effects, [
    { type: 'drop', place: 'old' },
    { type: 'dial', place: 'new' },
  ]);
  t.same(step(race, { ...given, sights: new Map([['old', UP]]) }, 1_000).effects, []);
});

t.test('whoever reached us needs no second way; the first place is dialled all the same', async (t) => {
  const { at } = raceOf(['a', 'b'], { isReached: true });
  t.match(at(0), { done: '+a' });
  t.same(at(1_000), { done: '', dueMs: Number.POSITIVE_INFINITY });
  const ways = ['a', 'b', 'c'].map((place) => ({ place, dialledMs: 0, upMs: null, wasUp: false }));
  const given = { places: ['a', 'b', 'c'], sights: new Map(), isReached: true, mayAdd: true };
  const left = step({ ...BEGIN, ways }, given, 1_000).next.ways.map(({ place }) => place);
  t.same(left, ['a'], 'what was under way ends');
});

t.test('without a number to spare the places take turns, a round each', async (t) => {
  const { at, ways } = raceOf(['a', 'b', 'c'], { mayAdd: false });
  at(0);
  t.same(at(STAGGER_MS), { done: '', dueMs: ROUND_MS });
  t.match(at(ROUND_MS), { done: '-a +b' });
  t.match(at(2 * ROUND_MS), { done: '-b +c' });
  t.match(at(3 * ROUND_MS), { done: '-c +a' });
  t.same(ways(), ['a']);
});

t.test(
  'what cannot be dialled costs the next place no time; another network begins with the first again',
  async (t) => {
    const first = step(BEGIN, { places: ['a', 'b'], sights: new Map(), isReached: false, mayAdd: true }, 0);
    const after = step(
      failed(first.next, 'a'),
      { places: ['b'], sights: new Map(), isReached: false, mayAdd: true },
      1,
    );
    t.same(after.effects, [{ type: 'dial', place: 'b' }]);
    t.same(begunAnew(after.next, true).effects, [], 'what never was up is not lost');
    const anew = begunAnew(after.next, false);
    t.same(anew, { next: BEGIN, effects: [{ type: 'drop', place: 'b' }] });
  },
);

t.test(
  'however links come and go: a place has one link, the last that answers is never dropped, and in the end there is one',
  async () => {
    const places = ['a', 'b', 'c', 'd'];
    const sight = fc.record({
      isUp: fc.boolean(),
      isDoubtful: fc.boolean(),
      costMs: fc.nat(100),
      mayStay: fc.boolean(),
    });
    const moment = fc.record({
      afterMs: fc.nat(6_000),
      sights: fc.tuple(sight, sight, sight, sight),
      mayAdd: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(moment, { minLength: 1, maxLength: 30 }), (moments) => {
        let [race, nowMs, dialledMs] = [BEGIN, 0, Number.NEGATIVE_INFINITY];
        const linked = new Set<string>();
        const take = (given: Given) => {
          const { next, effects } = step(race, given, nowMs);
          const good = [...linked].filter(
            (place) => given.sights.get(place)?.isUp && !given.sights.get(place)?.isDoubtful,
          );
          const had = linked.size;
          for (const { type, place } of effects) {
            if (type === 'drop') assert.ok(linked.delete(place), `${place} was not there`);
            else {
              assert.ok(!linked.has(place), `${place} has a link`);
              assert.ok(had === 0 || nowMs - dialledMs >= STAGGER_MS, 'too soon');
              linked.add(place);
              dialledMs = nowMs;
            }
          }
          assert.ok(good.length === 0 || good.some((place) => linked.has(place)), 'no good one is left');
          assert.deepEqual(new Set(next.ways.map(({ place }) => place)), linked);
          race = next;
        };
        for (const { afterMs, sights, mayAdd } of moments) {
          nowMs += afterMs;
          const seen = new Map(
            places.flatMap((place, index) => (linked.has(place) ? [[place, sights[index] as Sight]] : [])),
          );
          take({ places, sights: seen as Map<string, Sight>, isReached: false, mayAdd });
        }
        // From now on all that are linked answer.
        for (let round = 0; round < 3; round++) {
          take({ places, sights: new Map([...linked].map((place) => [place, UP])), isReached: false, mayAdd: true });
          nowMs += HOLD_MS + COMPARE_MS;
        }
        take({ places, sights: new Map([...linked].map((place) => [place, UP])), isReached: false, mayAdd: true });
        assert.equal(linked.size, 1);
      }),
      { numRuns: 500, seed: 15 },
    );
  },
);

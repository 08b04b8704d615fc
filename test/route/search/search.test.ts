import t from 'tap';
import { addressKey } from '../../../src/crypto/index.ts';
import { SEARCH_PARALLEL } from '../../../src/route/limits.ts';
import { newPath } from '../../../src/route/map/known-path.ts';
import { addRtt } from '../../../src/route/map/round-trips.ts';
import type { Context } from '../../../src/route/query/context.ts';
import { createSearches, type SearchOptions, type SearchResult } from '../../../src/route/search/search.ts';
import { labelOfInterface } from '../../../src/switch/index.ts';
import { answerAll, answerQuery, makeContext, type Somebody } from '../bench.ts';
import { makeKey, seededRng } from '../mini-world.ts';

const rng = seededRng(41);
const target = makeKey(rng);

/** A context that knows `count` nodes, each over an interface of its own. */
function bench(count: number): { readonly context: Context; readonly nodes: readonly Somebody[] } {
  const context = makeContext(rng);
  const nodes = Array.from({ length: count }, () => makeKey(rng));
  for (const [i, { publicKey, address }] of nodes.entries()) {
    const node = context.map.ensure(publicKey, address, 21, true, 0);
    if (node !== null) context.map.addPath(node, newPath(labelOfInterface(i + 2), false, 0, 0), context.isInUse);
  }
  return { context, nodes };
}

function options(ended: SearchResult[], more: Partial<SearchOptions> = {}): SearchOptions {
  const done = (result: SearchResult): void => void ended.push(result);
  return { target: target.address, queries: 24, purpose: 'urgent', wanted: true, done, ...more };
}

t.test('a search that was cut short is gone on with where it ended', async (t) => {
  const { context, nodes } = bench(12);
  const ended: SearchResult[] = [];
  const searches = createSearches(context);
  searches.start(options(ended, { queries: 6 }));
  const first = answerAll(context, nodes);
  t.equal(first.length, 6);
  t.match(ended, [{ found: false, queries: 6 }]);
  searches.start(options(ended, { queries: 6, goOn: ended[0]?.candidates ?? [] }));
  const second = answerAll(context, nodes);
  t.equal(new Set([...first, ...second]).size, first.length + second.length, 'nobody is asked twice');
  t.ok(second.length > 0);
  searches.start(options(ended, { queries: 6 }));
  t.same(answerAll(context, nodes), first, 'without that it begins anew');
});

t.test('the target is asked again, though the search before asked it in vain', async (t) => {
  const { context, nodes } = bench(1);
  const ended: SearchResult[] = [];
  const searches = createSearches(context);
  const [teller] = nodes;
  if (teller === undefined) throw new Error('nobody');
  searches.start(options(ended));
  answerQuery(context, teller, [[target, labelOfInterface(3)]]);
  runFor(context, 60_000);
  t.match(ended, [{ found: false }]);
  context.effects = [];
  const { candidates } = ended[0] ?? { candidates: [] };
  const before = candidates.map((candidate) => ({ ...candidate, asked: candidate.id === addressKey(target.address) }));
  searches.start(options(ended, { goOn: before }));
  answerQuery(context, teller, [[target, labelOfInterface(3)]]);
  t.equal(answerQuery(context, target).name, 'pn');
  t.match(ended.at(-1), { found: true });
});

t.test('however many labels are said to lead to the target, only so many are tried at a time', async (t) => {
  const { context, nodes } = bench(1);
  const [teller] = nodes;
  if (teller === undefined) throw new Error('nobody');
  createSearches(context).start(options([]));
  const labels = Array.from({ length: SEARCH_PARALLEL + 3 }, (_, at) => labelOfInterface(20 + at));
  answerQuery(
    context,
    teller,
    labels.map((label) => [target, label]),
  );
  const asked = context.effects.filter(
    (effect) => effect.type === 'send' && addressKey(effect.address) === addressKey(target.address),
  );
  t.equal(asked.length, SEARCH_PARALLEL);
});

t.test('it ends when all answers are late, not when they are surely lost', async (t) => {
  const { context, nodes } = bench(SEARCH_PARALLEL);
  // Links of 300 ms each way: an answer is late after twice the round trip.
  for (const { address } of nodes) {
    const path = context.map.get(addressKey(address))?.paths[0];
    if (path !== undefined) addRtt(path.trips, 600, 0);
  }
  const ended: SearchResult[] = [];
  createSearches(context).start(options(ended));
  runFor(context, 2_300);
  t.equal(ended.length, 0, 'each is asked twice');
  runFor(context, 200);
  t.match(ended, [{ found: false, queries: SEARCH_PARALLEL }]);
});

t.test('whoever may be farther away than we know gets two seconds', async (t) => {
  const { context, nodes } = bench(1);
  const ended: SearchResult[] = [];
  createSearches(context).start(options(ended));
  runFor(context, 1_900);
  t.equal(ended.length, 0);
  const [teller] = nodes;
  if (teller === undefined) throw new Error('nobody');
  answerQuery(context, teller, [[target, labelOfInterface(3)]]);
  t.equal(answerQuery(context, target).name, 'pn');
  t.match(ended, [{ found: true }]);
});

function runFor(context: Context, durationMs: number): void {
  for (const endMs = context.nowMs + durationMs; context.nowMs < endMs; ) {
    context.nowMs += 10;
    context.timers.runDue(context.nowMs);
  }
}

import t from 'tap';
import { addressKey } from '../../../src/crypto/index.ts';
import { SHORTEN_STEPS } from '../../../src/route/limits.ts';
import { newPath } from '../../../src/route/map/known-path.ts';
import type { Context } from '../../../src/route/query/context.ts';
import { createSearches, type SearchResult } from '../../../src/route/search/search.ts';
import { type LongWay, shorten } from '../../../src/route/search/shorten.ts';
import { composeLabel, log2, splice } from '../../../src/switch/index.ts';
import type { Label } from '../../../src/wire/index.ts';
import { answerQuery, makeContext, type Somebody } from '../bench.ts';
import { makeKey, seededRng } from '../mini-world.ts';

const rng = seededRng(21);
const own = makeKey(rng);
const [relay, teller, target] = [makeKey(rng), makeKey(rng), makeKey(rng)];

/** A label of interfaces below 8, of 4 bits each. */
function label(...interfaces: readonly number[]): Label {
  const composed = composeLabel(interfaces.map((out) => ({ out, back: 4 })));
  if (composed === null) throw new Error('too long');
  return composed;
}

/** Twelve hops to the teller: four more do not fit. */
const FAR = label(5, 2, 3, 2, 3, 2, 3, 2, 3, 2, 3, 2);

/** A context that has heard the relay and the teller over these labels. */
function bench(relayLabel: Label | null = label(0), relayForm = 0): Context {
  const context = makeContext(rng, own);
  const { map } = context;
  const meet = ({ publicKey, address }: Somebody, over: Label, form: number): void => {
    const node = map.ensure(publicKey, address, 21, true, 0);
    if (node !== null) map.addPath(node, newPath(over, false, form, 0), context.isInUse);
  };
  if (relayLabel !== null) meet(relay, relayLabel, relayForm);
  meet(teller, FAR, 0);
  return context;
}

function way(...rest: readonly number[]): LongWay {
  return { at: { key: teller.publicKey, address: teller.address, protocol: 21 }, label: FAR, rest: label(...rest) };
}

/** Runs it; `queries` counts what it asked. */
function run(context: Context, long: LongWay): { queries: number; found: Label | null | undefined } {
  const result: { queries: number; found: Label | null | undefined } = { queries: 0, found: undefined };
  shorten(
    context,
    long,
    () => result.queries++,
    (found) => {
      t.equal(result.found, undefined, 'ends once');
      result.found = found;
    },
  );
  return result;
}

t.test('a way back through a relay that we know is cut short there', async (t) => {
  const context = bench();
  const result = run(context, way(2, 3, 4, 6));
  t.equal(
    answerQuery(context, teller, [
      [makeKey(rng), label(3)],
      [relay, label(2)],
    ]).name,
    'gp',
  );
  t.equal(result.found, label(0, 3, 4, 6));
  t.equal(result.queries, 1);
});

t.test('a link that the map knows is not asked for', async (t) => {
  const context = bench();
  const { map } = context;
  const [from, to] = [map.get(addressKey(teller.address)), map.get(addressKey(relay.address))];
  if (from === undefined || to === undefined) throw new Error('not known');
  map.link(from, 2, to, 0);
  t.strictSame(run(context, way(2, 3, 4, 6)), { queries: 0, found: label(0, 3, 4, 6) });
});

t.test('a way through ourselves begins with us', async (t) => {
  const context = bench();
  const result = run(context, way(2, 3, 4, 6));
  answerQuery(context, teller, [[own, label(2)]]);
  t.equal(result.found, label(3, 4, 6));
});

t.test('the director of the relay is made as wide as its interface toward us', async (t) => {
  // 10 bits where the teller's way needed 4: the relay sees us on an interface above 32.
  const context = bench(label(0), 2);
  const result = run(context, way(2, 3, 4, 6));
  answerQuery(context, teller, [[relay, label(2)]]);
  const wide = composeLabel([
    { out: 0, back: 10 },
    { out: 3, back: 4 },
    { out: 4, back: 4 },
    { out: 6, back: 4 },
  ]);
  t.equal(result.found, wide);
  t.equal(log2(result.found ?? 0n), 22);
});

t.test('strangers are passed one by one, as long as the way there fits', async (t) => {
  const context = bench();
  const stranger = makeKey(rng);
  const result = run(context, way(2, 3, 4, 6));
  answerQuery(context, teller, [[stranger, label(2)]]);
  answerQuery(context, stranger, [[relay, label(3)]]);
  t.equal(result.found, label(0, 4, 6));
  t.equal(result.queries, 2);
});

t.test('it ends without a label when nobody on the way is known', async (t) => {
  const context = bench(null);
  const result = run(context, way(2, 3, 4, 6));
  answerQuery(context, teller, [[makeKey(rng), label(2)]]);
  for (const next of [3, 4]) answerQuery(context, lastAsked(context), [[makeKey(rng), label(next)]]);
  t.equal(result.found, null);
  t.equal(result.queries, 3);
});

t.test('it ends when the interface is not listed, or the node is silent', async (t) => {
  const context = bench();
  const unlisted = run(context, way(2, 3, 4, 6));
  answerQuery(context, teller, [
    [relay, label(3)],
    [relay, label(2, 2)],
  ]);
  t.equal(unlisted.found, null);
  const silent = run(context, way(2, 3, 4, 6));
  for (context.nowMs = 0; context.nowMs < 30_000; context.nowMs += 100) context.timers.runDue(context.nowMs);
  t.equal(silent.found, null);
});

t.test('a liar cannot lead us on for ever', async (t) => {
  const context = bench();
  const loop: Label = label(2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2);
  const result = run(context, { ...way(2), rest: loop });
  // He lists himself: every step comes back to him.
  while (result.found === undefined) answerQuery(context, teller, [[teller, label(2)]]);
  t.equal(result.found, null);
  t.ok(result.queries <= SHORTEN_STEPS, `${result.queries} queries`);
});

t.test('a search asks the target over the shortened label', async (t) => {
  const context = bench();
  const ended: SearchResult[] = [];
  const done = (result: SearchResult): void => void ended.push(result);
  const { map } = context;
  // The relay knows nobody; it is asked as well.
  createSearches(context).start({ target: target.address, queries: 9, purpose: 'urgent', wanted: true, done });
  const order = context.effects.map((effect) => (effect.type === 'send' ? addressKey(effect.address) : ''));
  for (const id of order.reverse()) {
    if (id === addressKey(teller.address)) answerQuery(context, teller, [[target, label(2, 3, 4, 6)]]);
    else answerQuery(context, relay);
    if (id === addressKey(teller.address)) t.equal(answerQuery(context, teller, [[relay, label(2)]]).name, 'gp');
    if (id === addressKey(teller.address)) t.equal(answerQuery(context, target).name, 'pn');
  }
  t.match(ended, [{ found: true, queries: 4, answer: { label: splice(label(3, 4, 6), label(0)) } }]);
  t.equal(map.get(addressKey(target.address))?.paths[0]?.label, label(0, 3, 4, 6));
  t.equal(context.options.counters.get('route.shortened'), 1);
});

function lastAsked(context: Context): Somebody {
  const sent = context.effects.at(-1);
  if (sent?.type !== 'send') throw new Error('nothing was asked');
  return { publicKey: sent.key, address: sent.address };
}

/** What is tried before a contact is given up: its path, other ways, for the closest a search. */
import t from 'tap';
import { addressKey } from '../../../src/crypto/index.ts';
import { MAX_HARD_MS, STALE_QUERIES, UPKEEP_BURST_BYTES } from '../../../src/route/limits.ts';
import { newPath } from '../../../src/route/map/known-path.ts';
import type { MapNode } from '../../../src/route/map/map.ts';
import type { SearchOptions } from '../../../src/route/search/search.ts';
import { checkStale } from '../../../src/route/search/stale-contact.ts';
import type { Label } from '../../../src/wire/index.ts';
import { answerQuery, makeContext } from '../bench.ts';
import { makeKey, seededRng } from '../mini-world.ts';

const BEST = 0x153n;
const OTHER = 0x155n;

function bench(...labels: readonly Label[]) {
  const context = makeContext();
  const somebody = makeKey(seededRng(2));
  const node = context.map.ensure(somebody.publicKey, somebody.address, 21, true, 0);
  if (node === null) throw new Error('no room');
  for (const [index, label] of labels.entries()) {
    const path = newPath(label, false, 0, 0);
    path.trips.ms = 10 * (index + 1);
    node.paths.push(path);
  }
  const searched: SearchOptions[] = [];
  const outcomes: boolean[] = [];
  const start = (search: SearchOptions): boolean => searched.push(search) > 0;
  const begin = (thorough: boolean): void =>
    checkStale(context, { start }, node, thorough, (keep) => outcomes.push(keep));
  /** Everybody is silent until all tries are over. @returns the labels asked, each once */
  const silence = (): Label[] => {
    const asked = new Set<Label>();
    const endMs = context.nowMs + 4 * MAX_HARD_MS;
    for (; context.nowMs < endMs; context.nowMs += 100) {
      context.timers.runDue(context.nowMs);
      for (const effect of context.effects.splice(0)) if (effect.type === 'send') asked.add(effect.label);
    }
    return [...asked];
  };
  return { context, node, somebody, searched, outcomes, begin, silence };
}

const suspects = (node: MapNode): Label[] => node.paths.filter(({ suspect }) => suspect).map(({ label }) => label);

t.test('a node that answers over its path is kept, and nothing else is tried', async (t) => {
  const { context, node, somebody, outcomes, searched, begin } = bench(BEST, OTHER);
  begin(true);
  answerQuery(context, somebody);
  t.same(outcomes, [true]);
  t.same([suspects(node), searched, context.effects], [[], [], []]);
});

t.test('when its path is silent it is asked over the others', async (t) => {
  const { context, node, somebody, outcomes, searched, begin } = bench(BEST, OTHER);
  begin(true);
  while (suspects(node).length === 0) {
    context.nowMs += 100;
    context.effects.length = 0;
    context.timers.runDue(context.nowMs);
  }
  t.same(suspects(node), [BEST]);
  t.same(
    context.effects.map((effect) => effect.type === 'send' && effect.label),
    [OTHER],
  );
  answerQuery(context, somebody);
  t.same(outcomes, [true]);
  t.same(searched, []);
});

t.test('one of the closest is searched when all ways are silent, with few queries', async (t) => {
  const { node, outcomes, searched, begin, silence } = bench(BEST, OTHER);
  begin(true);
  t.same(silence(), [BEST, OTHER]);
  t.same(outcomes, [], 'not given up yet');
  const [search] = searched;
  t.same(search?.target, node.address);
  t.equal(search?.queries, STALE_QUERIES);
  t.equal(search?.purpose, 'upkeep');
  search?.done({
    found: true,
    answer: null,
    queries: 3,
    elapsedMs: 100,
    tooFar: null,
    isCutShort: false,
    candidates: [],
  });
  t.same(outcomes, [true]);
});

t.test('it is given up when the search finds nothing, any other one without a search', async (t) => {
  const close = bench(BEST);
  close.begin(true);
  close.silence();
  close.searched[0]?.done({
    found: false,
    answer: null,
    queries: 8,
    elapsedMs: 100,
    tooFar: null,
    isCutShort: false,
    candidates: [],
  });
  t.same(close.outcomes, [false]);
  const far = bench(BEST, OTHER);
  far.begin(false);
  far.silence();
  t.same(far.outcomes, [false]);
  t.same(far.searched, []);
});

t.test('without a way the search comes at once', async (t) => {
  const { node, outcomes, searched, begin } = bench();
  begin(false);
  t.same(outcomes, [false]);
  begin(true);
  t.same(
    searched.map(({ target }) => addressKey(target)),
    [node.id],
  );
});

t.test('nobody is given up because there was nothing left to ask with', async (t) => {
  const { context, node, outcomes, begin } = bench(BEST);
  while (context.budget.mayAsk('upkeep', 0, UPKEEP_BURST_BYTES / 100));
  while (context.budget.mayAsk('upkeep', 0, 0));
  begin(false);
  t.same(outcomes, [true]);
  t.same(suspects(node), []);
});

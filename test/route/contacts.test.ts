import t from 'tap';
import { createCounters } from '../../src/base/index.ts';
import { Agenda } from '../../src/route/agenda.ts';
import { Budget } from '../../src/route/budget.ts';
import { createContacts } from '../../src/route/contacts.ts';
import type { Context } from '../../src/route/context.ts';
import type { Crawl } from '../../src/route/crawl.ts';
import { addRtt, newPath } from '../../src/route/known-path.ts';
import { BUCKET_CONTACTS, CLOSEST_CONTACTS, JOIN_DELAY_MS, MAX_CONTACTS } from '../../src/route/limits.ts';
import { type MapNode, NodeMap } from '../../src/route/map.ts';
import { Pending } from '../../src/route/pending.ts';
import { createSearches, type SearchOptions } from '../../src/route/search.ts';
import { hashesOnly, makeKey, seededRng } from './mini-world.ts';

const rng = seededRng(31);
const own = makeKey(rng);
const people = Array.from({ length: 400 }, () => makeKey(rng));

const crawl: Crawl = {
  go: () => undefined,
  expand: () => false,
  recheck: () => undefined,
  again: () => undefined,
  isComplete: () => false,
};

function bench() {
  const map = new NodeMap(own.publicKey, own.address);
  const options = { identity: own, crypto: hashesOnly, rng, counters: createCounters(), protocol: 21 };
  const context: Context = {
    options,
    map,
    agenda: new Agenda(),
    pending: new Pending(),
    budget: new Budget(0),
    nowMs: 0,
    effects: [],
    isInUse: () => false,
    noteAsked: () => undefined,
  };
  const searched: SearchOptions[] = [];
  const searches = createSearches(context);
  const contacts = createContacts(context, crawl, {
    ...searches,
    start: (search) => {
      searched.push(search);
      return true;
    },
  });
  const meet = (index: number, rttMs: number): MapNode => {
    const { publicKey, address } = people[index] ?? own;
    const node = map.ensure(publicKey, address, 21, true, 0);
    if (node === null) throw new Error('no room');
    const path = newPath(0x153n, false, 0, 0);
    addRtt(path, rttMs, 0);
    node.paths.push(path);
    contacts.consider(node);
    return node;
  };
  return { context, contacts, searched, meet };
}

t.test('contacts are bounded, however many nodes answer', async (t) => {
  const { contacts, meet } = bench();
  for (let i = 0; i < 180; i++) meet(i, 10);
  t.ok(contacts.size() <= MAX_CONTACTS);
  t.ok(contacts.size() >= BUCKET_CONTACTS);
});

t.test('a bucket keeps its cheapest nodes', async (t) => {
  const { meet } = bench();
  // The far half of the key space is one bucket: among many nodes most are in it.
  const dear = Array.from({ length: 40 }, (_, index) => meet(index, 500));
  const kept = dear.filter((node) => node.contact).length;
  const cheap = Array.from({ length: 100 }, (_, index) => meet(100 + index, 5));
  t.ok(dear.filter((node) => node.contact).length < kept, 'dear ones gave way');
  t.ok(cheap.filter((node) => node.contact).length >= BUCKET_CONTACTS);
});

t.test('the eight closest are kept whatever they cost', async (t) => {
  const { meet, context } = bench();
  const nodes = Array.from({ length: 120 }, (_, index) => meet(index, 300 + index));
  t.ok(nodes.filter((node) => node.contact).length >= CLOSEST_CONTACTS);
  t.equal(
    [...context.map.nodes()].filter((node) => node.contact).length,
    nodes.filter((node) => node.contact).length,
    'contacts are not evicted from the map',
  );
});

t.test('some time after the first peer the tables are filled by look-ups', async (t) => {
  const { context, contacts, searched, meet } = bench();
  meet(0, 10);
  contacts.begin();
  contacts.begin();
  t.equal(searched.length, 0);
  context.nowMs = 2 * JOIN_DELAY_MS;
  context.agenda.runDue(context.nowMs);
  t.ok(searched.length >= 1);
  t.notOk(searched[0]?.wanted, 'only to fill the tables');
});

import t from 'tap';
import { addressKey, asIp6, compareDistance } from '../../../src/crypto/index.ts';
import {
  AROUND_AGAIN_MS,
  AROUND_PAUSE_MS,
  BUCKET_CONTACTS,
  CLOSEST_CONTACTS,
  CONTACT_PING_MS,
  GAIN_SHARE,
  JOIN_DELAY_MS,
  KEPT_MS,
  MAX_CONTACTS,
  UPKEEP_MS,
} from '../../../src/route/limits.ts';
import { newPath } from '../../../src/route/map/known-path.ts';
import type { MapNode } from '../../../src/route/map/map.ts';
import { addRtt } from '../../../src/route/map/round-trips.ts';
import type { Context } from '../../../src/route/query/context.ts';
import { bucketOf, createContacts } from '../../../src/route/search/contacts.ts';
import { createSearches, type SearchOptions } from '../../../src/route/search/search.ts';
import { makeContext, noCrawl } from '../bench.ts';
import { makeKey, seededRng } from '../mini-world.ts';

const rng = seededRng(31);
const own = makeKey(rng);
const people = Array.from({ length: 400 }, () => makeKey(rng));

function bench(isComplete = false) {
  const context = makeContext(rng, own);
  const { map } = context;
  const crawl = { ...noCrawl, isComplete: () => isComplete };
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
    addRtt(path.trips, rttMs, 0);
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

t.test('a contact of a full bucket is exchanged for a much cheaper one only', async (t) => {
  const far = people.filter(({ address }) => bucketOf(own.address, address) === 0);
  const near = people.filter((one) => !far.includes(one)).slice(0, CLOSEST_CONTACTS);
  const indexOf = (one: (typeof people)[number] | undefined) => people.indexOf(one ?? own);
  for (const rttMs of [50, 70, 78, 79, 81, 82, 90, 100, 200]) {
    const { meet, context } = bench();
    for (const one of near) meet(indexOf(one), 10);
    const old = far.slice(0, BUCKET_CONTACTS).map((one) => meet(indexOf(one), 100));
    const node = meet(indexOf(far[BUCKET_CONTACTS]), rttMs);
    const cost = ({ paths: [path] }: MapNode) => (path === undefined ? 0 : context.map.costOf(path, 0));
    const gain = 1 - cost(node) / Math.max(...old.map(cost));
    t.equal(node.contact, gain > GAIN_SHARE, `${(100 * gain).toFixed(1)} % cheaper`);
    t.equal(old.filter(({ contact }) => contact).length, BUCKET_CONTACTS - (node.contact ? 1 : 0));
  }
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

t.test(
  'a stranger is wanted when it is closer to us than the eighth, whatever the map holds, and others are not',
  async (t) => {
    const { meet, contacts } = bench();
    const nodes = people.slice(0, 180).map((_, index) => meet(index, 10));
    const order = people.map(({ address }) => address).sort((a, b) => compareDistance(own.address, a, b));
    const closest = nodes.map(({ address }) => address).sort((a, b) => compareDistance(own.address, a, b));
    const eighth = closest[CLOSEST_CONTACTS - 1] ?? own.address;
    const met = new Set(nodes.map(({ id }) => id));
    const strangers = order.filter((address) => !met.has(addressKey(address)));
    for (const address of strangers) {
      const isClose = compareDistance(own.address, address, eighth) < 0;
      const isFull = bucketOf(own.address, address) < 3;
      if (isClose) t.ok(contacts.wants(address));
      else if (isFull) t.notOk(contacts.wants(address));
    }
    t.ok(strangers.some((address) => contacts.wants(address)));
  },
);

t.test('no look-ups are made for buckets that are full', async (t) => {
  const { context, contacts, searched, meet } = bench();
  const made: SearchOptions[] = [];
  for (let i = 0; i < 180; i++) meet(i, 10);
  contacts.begin();
  for (context.nowMs = 0; context.nowMs < 60_000; context.nowMs += 1_000) {
    context.timers.runDue(context.nowMs);
    for (const search of searched.splice(0)) {
      made.push(search);
      search.done({
        found: false,
        answer: null,
        queries: 0,
        elapsedMs: 0,
        tooFar: null,
        isCutShort: false,
        candidates: [],
      });
    }
  }
  t.ok(made.length >= 1, 'the neighbourhood in the key space is looked for');
  const far = made.filter(({ target }) => bucketOf(own.address, target) === 0);
  t.equal(far.length, 0, 'half of all nodes are in the first bucket: it is full');
});

t.test('some time after the first peer the tables are filled by look-ups', async (t) => {
  const { context, contacts, searched, meet } = bench();
  meet(0, 10);
  contacts.begin();
  contacts.begin();
  t.equal(searched.length, 0);
  context.nowMs = 2 * JOIN_DELAY_MS;
  context.timers.runDue(context.nowMs);
  t.ok(searched.length >= 1);
  t.notOk(searched[0]?.wanted, 'only to fill the tables');
});

t.test('a bucket is the place of the first difference of two addresses, the second half first', async (t) => {
  const other = (at: number, bit: number) => {
    const bytes = Uint8Array.from(own.address);
    bytes[at] = (bytes[at] ?? 0) ^ bit;
    return asIp6(bytes) ?? own.address;
  };
  t.equal(bucketOf(own.address, other(8, 0x80)), 0);
  t.equal(bucketOf(own.address, other(15, 0x01)), 63);
  t.equal(bucketOf(own.address, other(1, 0x80)), 72);
  t.equal(bucketOf(own.address, own.address), 128);
});

t.test('the contact that was heard longest ago is pinged when its time is up', async (t) => {
  const { context, contacts, meet } = bench();
  const [old, older, fresh] = [meet(0, 10), meet(1, 10), meet(2, 10)];
  old.heardMs = 2;
  older.heardMs = 1;
  fresh.heardMs = 10_000;
  contacts.begin();
  context.nowMs = CONTACT_PING_MS + 100;
  context.timers.runDue(context.nowMs);
  const asked = pings(context);
  t.same(asked, [addressKey(older.address)], 'one at a time');
});

t.test('a contact that cannot be found is forgotten, a node that sessions want stays in the map', async (t) => {
  const { context, contacts, searched, meet } = bench();
  const [gone, wanted] = [meet(0, 10), meet(1, 10)];
  wanted.wanted = true;
  const before = contacts.size();
  // Without a way they are looked for, whenever they were heard.
  for (const node of [gone, wanted]) node.paths.length = 0;
  contacts.begin();
  for (let round = 1; round <= 2; round++) {
    context.nowMs += 2 * UPKEEP_MS;
    context.timers.runDue(context.nowMs);
  }
  const sought = searched.filter(({ wanted }) => wanted);
  t.same(new Set(sought.map(({ target }) => addressKey(target))), new Set([gone.id, wanted.id]));
  t.equal(contacts.size(), before, 'not given up before the search has ended');
  for (const { done } of sought)
    done({ found: false, answer: null, queries: 8, elapsedMs: 100, tooFar: null, isCutShort: false, candidates: [] });
  t.equal(contacts.size(), before - 2);
  t.equal(context.map.get(gone.id), undefined);
  t.equal(context.map.get(wanted.id), wanted);
  t.notOk(wanted.contact);
});

t.test('a node that is no contact is forgotten long after nobody may be told of it any more', async (t) => {
  const { context, contacts, meet } = bench();
  const [old, wanted] = [meet(0, 10), meet(1, 10)];
  contacts.begin();
  for (const node of [old, wanted]) node.contact = false;
  wanted.wanted = true;
  context.nowMs = KEPT_MS - 100;
  context.timers.runDue(context.nowMs);
  t.equal(context.map.get(old.id), old);
  context.nowMs = KEPT_MS + 2 * UPKEEP_MS;
  context.timers.runDue(context.nowMs);
  t.equal(context.map.get(old.id), undefined);
  t.equal(context.map.get(wanted.id), wanted);
  t.same(pings(context), [], 'nobody is asked');
});

t.test('a peer needs no ping: its link tells that it is there', async (t) => {
  const { context, contacts, meet } = bench();
  const peer = meet(0, 10);
  peer.paths.splice(0, 1, newPath(0x13n, true, 0, 0));
  contacts.begin();
  context.nowMs = CONTACT_PING_MS + 100;
  context.timers.runDue(context.nowMs);
  t.same(pings(context), []);
  t.equal(peer.heardMs, context.nowMs);
});

t.test('look-ups go for ourselves first, then for the buckets that have room, from the far end on', async (t) => {
  const { context, contacts, searched, meet } = bench();
  const nodes = Array.from({ length: 60 }, (_, index) => meet(index, 10));
  const contactsIn = (bucket: number) =>
    nodes.filter((node) => node.contact && bucketOf(own.address, node.address) === bucket).length;
  contacts.begin();
  for (let step = 0; step < 5; step++) {
    context.nowMs += 2 * JOIN_DELAY_MS;
    context.timers.runDue(context.nowMs);
    searched
      .at(-1)
      ?.done({ found: false, answer: null, queries: 0, elapsedMs: 0, tooFar: null, isCutShort: false, candidates: [] });
  }
  t.same(searched[0]?.target, own.address);
  const again = searched.findIndex(({ target }, index) => index > 0 && bucketOf(own.address, target) === 128);
  const sought = searched.slice(1, again < 0 ? undefined : again).map(({ target }) => bucketOf(own.address, target));
  t.ok(sought.length >= 1);
  t.same(
    sought,
    [...sought].sort((x, y) => x - y),
  );
  t.ok(sought.slice(0, -1).every((bucket) => contactsIn(bucket) < BUCKET_CONTACTS));
  t.ok(searched.every(({ target }) => target[0] === 0xfc));
});

t.test('nothing is looked up where the map holds everything', async (t) => {
  const { context, contacts, searched, meet } = bench(true);
  meet(0, 10);
  contacts.begin();
  context.nowMs = 2 * JOIN_DELAY_MS;
  context.timers.runDue(context.nowMs);
  t.same(searched, []);
});

/** Addresses of those who were pinged. */
function pings(context: Context): string[] {
  return context.effects.flatMap((effect) => (effect.type === 'send' ? [addressKey(effect.address)] : []));
}

t.test('when one of the closest is gone the others are looked for again, but not at every moment', async (t) => {
  const { context, contacts, searched, meet } = bench();
  for (let i = 0; i < 60; i++) meet(i, 10);
  const around = (): number => searched.filter(({ target }) => target === context.map.self.address).length;
  const passUntil = (endMs: number): void => {
    for (; context.nowMs < endMs; context.nowMs += 1_000) {
      for (const node of context.map.nodes()) if (node.paths.length > 0) node.heardMs = context.nowMs;
      context.timers.runDue(context.nowMs);
      for (const search of searched)
        if (search.wanted)
          search.done({
            found: false,
            answer: null,
            queries: 0,
            elapsedMs: 0,
            tooFar: null,
            isCutShort: false,
            candidates: [],
          });
    }
  };
  const lose = (): void => {
    const [closest] = [...context.map.nodes()]
      .filter((node) => node.contact && node.paths.length > 0)
      .sort((a, b) => compareDistance(own.address, a.address, b.address));
    if (closest === undefined) throw new Error('no contact');
    closest.paths.length = 0;
  };
  contacts.begin();
  passUntil(JOIN_DELAY_MS + AROUND_AGAIN_MS + AROUND_PAUSE_MS);
  const before = around();
  t.equal(before, 2, 'at the start, and when the mesh has settled');
  lose();
  passUntil(context.nowMs + 3 * UPKEEP_MS);
  t.equal(around(), before + 1);
  lose();
  lose();
  passUntil(context.nowMs + AROUND_PAUSE_MS / 2);
  t.equal(around(), before + 1, 'not yet');
  passUntil(context.nowMs + AROUND_PAUSE_MS);
  t.equal(around(), before + 2, 'once for both');
  passUntil(context.nowMs + 600_000);
  t.equal(around(), before + 2, 'never without reason');
});

t.test('when one of the closest is gone a contact of a bucket takes its place as soon as it answers', async (t) => {
  const { context, contacts, searched, meet } = bench();
  const order = [...people.keys()].sort((a, b) =>
    compareDistance(own.address, (people[a] ?? own).address, (people[b] ?? own).address),
  );
  // The ninth is met first, so that it is in its bucket already.
  const ninth = meet(order[CLOSEST_CONTACTS] ?? 0, 10);
  const eight = order.slice(0, CLOSEST_CONTACTS).map((index) => meet(index, 10));
  t.notOk(contacts.isClosest(ninth));
  t.ok(ninth.contact);
  const [first] = eight;
  if (first === undefined) throw new Error('nobody');
  first.paths.length = 0;
  contacts.begin();
  context.nowMs = 2 * UPKEEP_MS;
  context.timers.runDue(context.nowMs);
  const search = searched.find(({ wanted }) => wanted);
  search?.done({
    found: false,
    answer: null,
    queries: 4,
    elapsedMs: 100,
    tooFar: null,
    isCutShort: false,
    candidates: [],
  });
  t.notOk(first.contact);
  contacts.consider(ninth);
  t.ok(contacts.isClosest(ninth));
});

t.test('as long as looking around finds nearer nodes it is done again, after twice the time', async (t) => {
  const { context, contacts, searched, meet } = bench();
  const order = [...people.keys()].sort((a, b) =>
    compareDistance(own.address, (people[b] ?? own).address, (people[a] ?? own).address),
  );
  const looksMs: number[] = [];
  contacts.begin();
  for (; context.nowMs < AROUND_PAUSE_MS; context.nowMs += 1_000) {
    for (const node of context.map.nodes()) node.heardMs = context.nowMs;
    context.timers.runDue(context.nowMs);
    for (const search of searched.splice(0)) {
      if (search.target !== own.address || looksMs.push(context.nowMs) > 4) continue;
      // The farthest first, so that each is nearer than those before.
      meet(order.shift() ?? 0, 10);
      search.done({
        found: false,
        answer: null,
        queries: 16,
        elapsedMs: 100,
        tooFar: null,
        isCutShort: false,
        candidates: [],
      });
    }
  }
  t.equal(looksMs.length, 5, 'the last found nobody');
  const waitsMs = looksMs.slice(1).map((atMs, index) => atMs - (looksMs[index] ?? 0));
  for (const [index, waitMs] of waitsMs.slice(1).entries())
    t.ok(Math.abs(waitMs / (2 ** (index + 1) * AROUND_AGAIN_MS) - 1) < 0.12, `${waitMs} ms`);
});

t.test('when a link of ours is gone the closest that knew us by it hear from us, one after the other', async (t) => {
  const { context, contacts, meet } = bench();
  const nodes = [meet(0, 10), meet(1, 10), meet(2, 10)];
  const gone = 0x177n;
  for (const node of nodes.slice(0, 2)) node.paths.push(newPath(gone, false, 0, 0));
  contacts.begin();
  contacts.linkLost((label) => label === gone);
  for (const node of nodes) for (const path of node.paths) path.suspect = path.label === gone;
  context.nowMs = 10 * UPKEEP_MS;
  for (let round = 0; round < 4; round++) {
    context.nowMs += 2 * UPKEEP_MS;
    context.timers.runDue(context.nowMs);
  }
  t.same(new Set(pings(context)), new Set(nodes.slice(0, 2).map(({ id }) => id)));
  const [first] = context.effects;
  t.ok(first?.type === 'send' && first.label !== gone, 'over another way');
});

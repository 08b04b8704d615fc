/** What a daemon answers is read as it comes: another version may say less, and somebody else may answer nonsense. */
import t from 'tap';
import { type Bencode, type BencodeMap, utf8 } from '../../src/base/index.ts';
import { look, newLines, past } from '../../src/dashboard/ask.ts';
import { readPeers, readRoutes, readSessions, readStatus, readTrace } from '../../src/dashboard/snapshot.ts';
import { peer } from './fixture.ts';

const map = (fields: Readonly<Record<string, Bencode | string | number>> = {}): BencodeMap =>
  new Map(
    Object.entries(fields).map(([key, value]) => [
      key,
      typeof value === 'string' ? utf8(value) : typeof value === 'number' ? BigInt(value) : value,
    ]),
  );

t.test('a daemon that says nothing is shown as unknown, not as zero or as an error', async (t) => {
  const status = readStatus(map());
  t.match(status, { version: '?', address: '?', key: null, engine: null, warnings: [], refused: [], keptOut: [] });
  t.match(readStatus(map({ refused: [map()], keptOut: [map()], warnings: [1n, utf8('w')] })), {
    refused: [{ endpoint: '?', reason: '?', count: 0 }],
    keptOut: [{ address: '?', name: null, rule: '?', isRule: false, count: 0, lastSeconds: 0 }],
    warnings: ['w'],
  });
  const [nobody] = readPeers([map()]);
  t.match(nobody, { id: '?', address: '?', name: null, state: 'incompatible', quality: null, rttMs: null, rxBytes: 0 });
  t.match(readSessions([map()]), [{ id: '?', state: '?', label: null, hops: null, rttMs: null, rxBytes: 0 }]);
  t.match(readRoutes([map()]), [{ id: '?', label: '', hops: 0, rttMs: null, lossPercent: null, via: null }]);
  t.equal(readTrace(map()), null);
  t.same(readTrace(map({ found: 1, hops: [map()] })), [{ address: '?', rttMs: null }]);
});

t.test('what is there is read with its units; what a link that is down measured before is not its state', async (t) => {
  const facts = { key: 'k.k', rttUs: 1500, rttP95Us: 2000, jitterUs: 100, lossPpm: 10_000, quality: 90, rxBps: 7 };
  t.match(readPeers([map({ ...facts, state: 'established', txBps: 8, name: 'hill' })]), [
    {
      id: 'k.k',
      name: 'hill',
      rttMs: 1.5,
      rttP95Ms: 2,
      jitterMs: 0.1,
      lossPercent: 1,
      quality: 90,
      rxBps: 7,
      txBps: 8,
    },
  ]);
  t.match(readPeers([map({ ...facts, state: 'unresponsive' })]), [
    { rttMs: null, rttP95Ms: null, jitterMs: null, lossPercent: null, quality: 0, rxBps: null, txBps: null },
  ]);
  t.match(readPeers([map({ label: '0000.0000.0000.0013' })]), [{ id: '0000.0000.0000.0013' }], 'a label names it');
});

t.test('two links of one key are told apart', async (t) => {
  const twice = [map({ key: 'k.k' }), map({ key: 'k.k' }), map({ key: 'k.k' })];
  t.same(
    readPeers(twice).map(({ id }) => id),
    ['k.k', 'k.k#2', 'k.k#3'],
  );
});

t.test('tables that nobody looks at stay as they were', async (t) => {
  const asked: string[] = [];
  const ask = {
    call: async (name: string) => {
      asked.push(name);
      return map({ sessions: [map()], routes: [map()], more: 1 });
    },
  };
  const first = await look(
    {
      call: async (name) => {
        asked.push(name);
        return map();
      },
    },
    { sessions: false, routes: false },
    null,
  );
  t.same([first.sessions, first.routes], [[], []]);
  t.same(asked, ['Fcmesh_status', 'Fcmesh_peers']);
  const all = await look(ask, { sessions: true, routes: true }, first);
  t.ok(all.sessions.length > 1, 'page after page, while there is more');
  const kept = await look(ask, { sessions: false, routes: false }, all);
  t.same([kept.sessions, kept.routes], [all.sessions, all.routes]);
});

t.test('what a daemon remembers is read from its last page back, by our clock', async (t) => {
  const sample = (unixMs: number, more: Readonly<Record<string, number>> = {}) => map({ unixMs, ...more });
  const pages = [
    [sample(1_000, { rttUs: 500 }), sample(2_000)],
    [sample(3_000, { quality: 0, rttUs: 500 }), map(), sample(4_000, { quality: 80, rttUs: 700, lossPpm: 20_000 })],
  ];
  const call = async (_: string, args?: Readonly<Record<string, string | number | undefined>>) =>
    map({ samples: pages[Number(args?.page ?? 0)] ?? [], total: 4 });
  const read = await past({ call }, peer({ id: 'hill', endpoint: null }), 1_004, 100);
  t.same(
    read.map(({ atS }) => atS),
    [1_001, 1_002, 1_003, 1_004],
    'its clock differs by 1000 s, and an entry without a time is left out',
  );
  t.match(read.at(-1)?.sample, { rttMs: 0.7, lossPercent: 2, quality: 80 });
  t.match(read.at(-2)?.sample, { rttMs: null, quality: null }, 'down: the old round trip is not its round trip now');
  t.same(await past({ call: async () => map() }, peer({ id: 'hill' }), 1, 10), [], 'it remembers nothing');
});

t.test('of the log only what is new is shown', async (t) => {
  const lines = [
    map(),
    map({ unixMs: 5, level: 'info', message: 'a' }),
    map({ unixMs: 6, level: 'warn', message: 'b' }),
  ];
  const ask = { call: async () => map({ lines, total: 3 }) };
  t.match(await newLines(ask, null), [{ atMs: 0, level: '?', text: '?' }, { text: 'a' }, { text: 'b' }]);
  const [, , last] = await newLines(ask, null);
  t.same(await newLines(ask, last ?? null), []);
  t.match(await newLines(ask, { atMs: 5, level: 'info', text: 'a' }), [{ text: 'b' }]);
});

import { setTimeout as wait } from 'node:timers/promises';
import t from 'tap';
import { type Bencode, type BencodeMap, MeshError, utf8 } from '../../src/base/index.ts';
import type { Arguments, Ask } from '../../src/dashboard/ask.ts';
import { Connection } from '../../src/dashboard/connection.ts';
import { History } from '../../src/dashboard/history.ts';
import { type Screen, started } from '../../src/dashboard/model.ts';
import { data, printed } from '../../src/dashboard/once.ts';
import { Store } from '../../src/dashboard/store.ts';
import { BOB, NOW_MS, NOW_S, OWN } from './fixture.ts';

function map(fields: Readonly<Record<string, Bencode | string | number>>): BencodeMap {
  return new Map(
    Object.entries(fields).map(([key, value]) => [
      key,
      typeof value === 'number' ? BigInt(value) : typeof value === 'string' ? utf8(value) : value,
    ]),
  );
}

const BOB_FIELDS = {
  key: 'bob.k',
  address: BOB,
  name: 'bob\u001b[2J',
  endpoint: '192.0.2.7:21000',
  state: 'established',
  rttUs: 12_000,
  lossPpm: 0,
  quality: 97,
  rxBytes: 5,
  txBytes: 6,
  rxBps: 1_225_000,
  txBps: 262_500,
};

/** A daemon that answers from a table; what is not in it is refused as an older daemon does. */
class FakeDaemon implements Ask {
  readonly asked: string[] = [];
  isUp = true;
  readonly answers: Record<string, (args: Arguments) => BencodeMap> = {
    Fcmesh_status: () =>
      map({ version: '0.1.0', address: OWN, uptimeSeconds: 60, peers: map({ total: 1, established: 1 }) }),
    Fcmesh_peers: () => map({ peers: [map(BOB_FIELDS)], total: 1 }),
    Fcmesh_sessions: () => map({ sessions: [], total: 0 }),
    Fcmesh_routes: () => map({ routes: [map({ address: BOB, label: '0000.0000.0000.0013', hops: 1 })], total: 1 }),
    Fcmesh_history: ({ page }) => history(Number(page)),
    Fcmesh_trace: () => map({ found: 1, hops: [map({ address: BOB, rttUs: 5000 })] }),
  };

  readonly call = async (name: string, args: Arguments = {}): Promise<BencodeMap> => {
    this.asked.push(name);
    if (!this.isUp) throw new MeshError('ERR_NO_DAEMON', 'no daemon answers');
    const answer = this.answers[name];
    if (answer === undefined) throw new MeshError('ERR_ANSWER', `No functions matched ${name}`);
    return answer(args);
  };
}

/** 300 samples, 100 a page; the daemon's clock is an hour ahead. */
function history(page: number): BencodeMap {
  const samples = Array.from({ length: 100 }, (_, index) => {
    const atS = NOW_S + 3600 - 299 + page * 100 + index;
    return map({ unixMs: atS * 1000, rttUs: 10_000, quality: 90, rxBps: 1000, txBps: 10 });
  });
  return map({ samples, total: 300, ...(page < 2 ? { more: 1 } : {}) });
}

function connected(daemon: FakeDaemon, screen: Screen = 'peers') {
  const store = new Store(started({ columns: 80, rows: 24 }, screen), new History());
  return { store, connection: new Connection(daemon, store, () => NOW_MS) };
}

t.test('only what the screen shows is asked for', async (t) => {
  const daemon = new FakeDaemon();
  const { store, connection } = connected(daemon);
  await connection.once();
  t.notOk(daemon.asked.includes('Fcmesh_routes'));
  t.notOk(daemon.asked.includes('Fcmesh_sessions'));
  store.press('3', NOW_MS);
  await connection.once();
  t.ok(daemon.asked.includes('Fcmesh_routes'));
  t.notOk(daemon.asked.includes('Fcmesh_sessions'));
  t.equal(store.get().snapshot?.routes.length, 1);
});

t.test('what the daemon remembers fills the bars, whatever its clock says', async (t) => {
  const { store, connection } = connected(new FakeDaemon());
  await connection.once();
  const track = store.history.of('bob.k');
  t.same(track?.columns('quality', { nowS: NOW_S, columns: 3, secondsEach: 50 }, 'least'), [90, 90, 90]);
  t.equal(track?.columns('rttMs', { nowS: NOW_S, columns: 900, secondsEach: 1 }, 'mean')[0], null);
  store.press('enter', NOW_MS);
  await connection.once();
  const all = store.history.of('bob.k')?.columns('rttMs', { nowS: NOW_S, columns: 300, secondsEach: 1 }, 'mean');
  t.ok(
    all?.every((value) => value !== null),
    'all of it for the one that was opened',
  );
});

t.test('an older daemon without history and log works, and is asked once', async (t) => {
  const daemon = new FakeDaemon();
  delete daemon.answers.Fcmesh_history;
  const { store, connection } = connected(daemon, 'log');
  await connection.once();
  await connection.once();
  t.equal(daemon.asked.filter((name) => name === 'Fcmesh_history').length, 1);
  t.equal(daemon.asked.filter((name) => name === 'Fcmesh_log').length, 1);
  t.match(store.get().logTrouble, /does not tell its log/);
});

t.test('lines of the log come once, the newest last', async (t) => {
  const daemon = new FakeDaemon();
  const lines = [1, 2, 3].map((number) => ({ unixMs: number, level: 'info', message: `line ${number}` }));
  daemon.answers.Fcmesh_log = ({ page }) =>
    map({ lines: lines.slice(Number(page) * 2, Number(page) * 2 + 2).map(map), total: lines.length });
  const { store, connection } = connected(daemon, 'log');
  await connection.once();
  lines.push({ unixMs: 4, level: 'warn', message: 'line 4' });
  await connection.once();
  await connection.once();
  t.same(
    store.get().log.map((line) => line.text),
    ['line 1', 'line 2', 'line 3', 'line 4'],
  );
});

t.test('a daemon that goes is told, and its return is noticed', async (t) => {
  const daemon = new FakeDaemon();
  const { store, connection } = connected(daemon);
  const ended = new AbortController();
  const running = connection.run(ended.signal);
  await wait(20);
  t.equal(store.get().goneSinceMs, null);
  daemon.isUp = false;
  store.press('2', NOW_MS);
  await wait(20);
  t.equal(store.get().goneSinceMs, NOW_MS);
  daemon.isUp = true;
  store.press('1', NOW_MS);
  await wait(20);
  t.equal(store.get().goneSinceMs, null);
  ended.abort();
  await running;
});

t.test('enter on a route measures its path', async (t) => {
  const daemon = new FakeDaemon();
  const { store, connection } = connected(daemon, 'routes');
  await connection.once();
  store.press('enter', NOW_MS);
  await connection.once();
  await wait(5);
  t.same(store.get().trace?.hops, [{ address: BOB, rttMs: 5 }]);
});

t.test('one frame for a pipe: plain text, nothing that moves a cursor, nothing to fill a screen', async (t) => {
  const lines = await printed(new FakeDaemon(), 'peers', 80, () => NOW_MS);
  t.equal(lines.length, 5);
  t.equal(lines[4], '> bob?[2J       established   ▇▇▇▇▇▇▇▇  97    12 ms   0.0 %   9.8 M/s  2.1 M/s');
});

t.test('the data of all screens', async (t) => {
  const all = await data(new FakeDaemon());
  t.same([all.peers.length, all.sessions.length, all.routes.length], [1, 0, 1]);
});

import t from 'tap';
import { History, type Sample, Track } from '../../src/dashboard/history.ts';
import { HISTORY_PEERS, HISTORY_SECONDS } from '../../src/dashboard/limits.ts';

function rtt(rttMs: number | null): Sample {
  return { rttMs, lossPercent: null, quality: null, rxBps: 100, txBps: 10 };
}

function seconds(track: Track | undefined, nowS: number, columns: number) {
  return track?.columns('rttMs', { nowS, columns, secondsEach: 1 }, 'mean');
}

t.test('samples are found at their second, a late answer leaves no hole, an absence does', async (t) => {
  const track = new Track();
  track.add(100, rtt(1));
  track.add(102, rtt(2));
  track.add(110, rtt(3));
  t.same(seconds(track, 110, 11), [1, 2, 2, null, null, null, null, null, null, null, 3]);
});

t.test('fifteen minutes are kept, the rest is forgotten', async (t) => {
  const track = new Track();
  for (let atS = 1; atS <= 2 * HISTORY_SECONDS; atS++) track.add(atS, rtt(atS));
  t.same(seconds(track, 2 * HISTORY_SECONDS, HISTORY_SECONDS + 1)?.slice(0, 2), [null, HISTORY_SECONDS + 1]);
});

t.test('columns fold the seconds in them, and old ones stay as they were', async (t) => {
  const track = new Track();
  for (let atS = 100; atS < 120; atS++) track.add(atS, rtt(atS));
  const span = { nowS: 119, columns: 2, secondsEach: 10 };
  t.same(track.columns('rttMs', span, 'mean'), [104.5, 114.5]);
  t.same(track.columns('rttMs', span, 'least'), [100, 110]);
  t.same(track.columns('rttMs', span, 'most'), [109, 119]);
  track.add(120, rtt(5));
  t.same(track.columns('rttMs', { ...span, nowS: 120, columns: 3 }, 'mean'), [104.5, 114.5, 5]);
});

t.test('what the daemon remembers stands before what was seen, and counts in the total', async (t) => {
  const history = new History();
  history.add('bob', 100, rtt(7));
  history.total.add(100, rtt(null));
  const remembered = [98, 99, 100].map((atS) => ({ atS, sample: rtt(atS) }));
  history.prepend('bob', remembered, true);
  history.add('bob', 101, rtt(8));
  t.same(seconds(history.of('bob'), 101, 4), [98, 99, 100, 8]);
  const span = { nowS: 100, columns: 3, secondsEach: 1 };
  t.same(history.total.columns('rxBps', span, 'mean'), [100, 100, 100]);
  history.prepend('bob', remembered, true);
  t.same(history.total.columns('rxBps', span, 'mean'), [100, 100, 100], 'counted once');
});

t.test('the peer that was not seen for longest is forgotten first', async (t) => {
  const history = new History();
  for (let index = 0; index < HISTORY_PEERS; index++) history.add(`peer${index}`, 1, rtt(1));
  history.add('peer0', 2, rtt(1));
  history.add('new', 2, rtt(1));
  t.equal(history.size, HISTORY_PEERS);
  t.ok(history.of('peer0') && history.of('new'));
  t.equal(history.of('peer1'), undefined);
});

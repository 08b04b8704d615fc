import { setTimeout as wait } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { render } from 'ink-testing-library';
import t from 'tap';
import { App } from '../../src/dashboard/app.tsx';
import { pressed } from '../../src/dashboard/keys.ts';
import { plainText } from '../../src/dashboard/line.ts';
import type { Model } from '../../src/dashboard/model.ts';
import { frameOf } from '../../src/dashboard/screens/frame.ts';
import { Store } from '../../src/dashboard/store.ts';
import { themeFor } from '../../src/dashboard/theme.ts';
import { formatTime } from '../../src/text/index.ts';
import { BOB, CAFE, drawn, FRIEND, history, model, NOW_MS, NOW_S, PEERS, ROUTES, route, snapshot } from './fixture.ts';

const NO_COLOUR = themeFor({ NO_COLOR: '1' });

function shown(one: Model, past = history()): readonly string[] {
  return frameOf(one, past).map(plainText);
}

/** A frame without the blank lines that fill the screen. */
function dense(lines: readonly string[]): readonly string[] {
  return lines.filter((line) => line.trim() !== '');
}

function keys(from: Model, ...names: readonly string[]): Model {
  return names.reduce((now, key) => pressed(now, key, NOW_MS), from);
}

/** What a terminal shows after all that was written. */
function screenOf(app: ReturnType<typeof render>): readonly string[] {
  const rows: string[] = [];
  for (const [, row, text = ''] of app.stdout.frames.join('').matchAll(PLACED))
    rows[Number(row) - 1] = stripVTControlCharacters(text).trimEnd();
  return rows;
}
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is how a row is placed
const PLACED = /\u001b\[(\d+);1H((?:(?!\u001b\[\d+;1H).)*)/gs;

const RULE = ` ${'─'.repeat(78)}`;
const PEERS_FRAME = [
  ' fcmesh  fc2b:91d4:0c3e:88f1:5a2e:17b0:44c9:7a0e         3 of 4 peers  up 4d 03h',
  ' in  12.4 Mbit/s ▁▂▃▅▇▆▅▃▂▁▂▃▅▆▅▃     out  3.1 Mbit/s ▁▁▂▂▃▂▁▁▁▁▂▂▃▂▁▁',
  RULE,
  '  peer          state         quality           rtt    loss       in      out',
  '> bob           established   ▇▇▇▇▇▆▇▇  97    12 ms   0.0 %   9.8 M/s  2.1 M/s',
  '  village-mast  established   ▇▆▅▃▂▃▅▆  71    41 ms   3.1 %   2.4 M/s  0.9 M/s',
  '  fc81:…:03aa   established   ▇▇▇▇▇▇▇▇  99   0.6 ms   0.0 %   0.2 M/s  0.1 M/s',
  '  cafe          unresponsive  ▃▂▁        0        -       -         -        -',
  '    no answer for 42 s, next try in 8 s: wrong password, key or port, or a',
  '    firewall',
  RULE,
  ' 1 peers 2 sessions 3 routes 4 map 5 log    enter open  / filter  s sort  ? help',
];

t.test('the peers at 80x24, as a terminal shows them', async (t) => {
  const store = new Store(model(), history());
  const app = render(<App store={store} theme={NO_COLOUR} nowMs={() => NOW_MS} />);
  t.teardown(app.unmount);
  await wait(20);
  const lines = screenOf(app);
  t.equal(lines.length, 23);
  t.same(dense(lines), PEERS_FRAME);
});

t.test('keys reach the screen, and q ends it', async (t) => {
  const store = new Store(model(), history());
  const app = render(<App store={store} theme={NO_COLOUR} nowMs={() => NOW_MS} />);
  t.teardown(app.unmount);
  await wait(20);
  app.stdin.write('\u001b[B');
  await wait(20);
  t.match(screenOf(app).join('\n'), /^.*> village-mast/m);
  app.stdin.write('2');
  await wait(20);
  t.match(screenOf(app).join('\n'), /hops/);
  app.stdin.write('q');
  await wait(20);
  t.ok(store.get().quit);
});

t.test('a daemon that is gone: the last frame and the sentence', async (t) => {
  const store = new Store(model(), history());
  const app = render(<App store={store} theme={NO_COLOUR} nowMs={() => NOW_MS} />);
  t.teardown(app.unmount);
  store.take({ type: 'gone', nowMs: NOW_MS });
  await wait(20);
  t.match(screenOf(app).join('\n'), `daemon does not answer since ${formatTime(NOW_MS)}, trying again`);
  t.match(screenOf(app).join('\n'), 'village-mast');
  store.take({ type: 'data', snapshot: snapshot(), nowMs: NOW_MS + 1000 });
  await wait(20);
  t.notMatch(screenOf(app).join('\n'), 'does not answer');
});

t.test('one peer closely', async (t) => {
  const past = history();
  const samples = Array.from({ length: 900 }, (_, index) => {
    const rttMs = index > 97 && index < 125 ? 20 : index > 374 && index < 425 ? 40 : 10;
    const lossPercent = index === 230 || index === 700 ? 3 : 0;
    return { atS: NOW_S - 899 + index, sample: { rttMs, lossPercent, quality: 97, rxBps: 1e6, txBps: 2e5 } };
  });
  past.prepend('bob', samples, false);
  const peers = PEERS.map((one) => (one.id === 'bob' ? { ...one, lossPercent: 0.5, jitterMs: 8 } : one));
  const lines = shown(keys(model('peers', { peers }, 81, 17), 'enter'), past);
  t.same(lines.slice(0, 2), [
    ' bob   fc40:77aa:…:19c2   udp 192.0.2.7:21000   protocol 21   0000.0000.0000.0013',
    ' round trip, last 15 minutes                              now 12 ms   p95 19 ms',
  ]);
  t.match(lines[2], /^ {2}40 ┤ +╭─+╮$/);
  t.ok(
    lines.some((line) => /^ {2}10 ┼─{5,8}╯ +╰─+╯ +╰─+$/.test(line)),
    lines.join('\n'),
  );
  t.ok(
    lines.some((line) => /^ loss {2}▁+▃▁+▃▁+ {5}in ▇{8} {5}out ▂{8}$/.test(line)),
    lines.join('\n'),
  );
  t.ok(lines.includes(' quality 97 = 100 - 2 (loss) - 1 (jitter 8 ms): see the manual, "link quality"'));
});

t.test('a peer that is down says why, and an unknown chart says so', async (t) => {
  const lines = shown(keys(model(), 'end', 'enter'));
  t.match(lines[1], ' unresponsive: no answer for 42 s, next try in 8 s: wrong password, key or');
  t.ok(lines.some((line) => line.includes('nothing was measured')));
});

t.test('the path of a route, hop by hop, with the hop that is to blame', async (t) => {
  const lines = shown(keys(model('routes'), 'end'));
  const start = lines.findIndex((line) => line.startsWith(' path to cafe'));
  t.same(lines.slice(start + 1, start + 4), [
    '   1  bob                        12 ms             ▇▇',
    '   2  fc81:5a2e:…:03aa           20 ms      +8 ms  ▇▇▇',
    '   3  cafe                       95 ms     +75 ms  ▇▇▇▇▇▇▇▇▇▇▇ most of the way',
  ]);
});

t.test('sessions', async (t) => {
  t.same(dense(shown(model('sessions'))).slice(3, 6), [
    '  node                  state          hops       rtt       in       out     age',
    '> fc81:5a2e:…:03aa      established       2     20 ms   1.24 MB     512 B     5m',
    '  cafe                  established       3     95 ms   1.24 MB     512 B     5m',
  ]);
});

const MESH = [
  ...ROUTES.slice(1, 3),
  route(FRIEND, '0000.0000.0000.0133', 2, 20, BOB),
  route(CAFE, '0000.0000.0000.0153', 2, 95, BOB),
];

t.test('the map has us in the middle, and marks the way to the chosen node', async (t) => {
  const lines = dense(shown(keys(model('map', { routes: MESH }), 'end', 'up')));
  t.same(
    lines.slice(3, -2).map((line) => line.trim()),
    [
      '4 nodes by hops; * is the way to the chosen one',
      'village-mast   ─ you ─ * bob ─────────┬   fc81:…:03aa',
      '└ > cafe',
    ],
  );
});

t.test('the map is a tree where both sides do not fit', async (t) => {
  const lines = dense(shown(keys(model('map', { routes: MESH }, 50), 'down')));
  t.same(
    lines.slice(4, -2).map((line) => line.slice(0, 30).trimEnd()),
    [' *├ bob', '>*│ ├ fc81:5a2e:…:03aa', '  │ └ cafe', '  └ village-mast'],
  );
});

t.test('every screen fits its terminal, whatever the size', async (t) => {
  for (const columns of [40, 60, 80, 100, 140, 240]) {
    for (const rows of [8, 16, 24, 60]) {
      for (const key of ['1', '2', '3', '4', '5', '?', 'enter']) {
        const lines = shown(keys(model('peers', {}, columns, rows), key));
        t.equal(lines.length, rows - 1, `${key} at ${columns}x${rows}`);
        t.ok(
          lines.every((line) => [...line].length <= columns),
          `${key} at ${columns}x${rows}`,
        );
      }
    }
  }
  t.same(shown(model('peers', {}, 30, 5)), ['40x8 needed, this is 30x5']);
});

t.test('a wider terminal gets more columns and longer bars', async (t) => {
  const wide = shown(model('peers', {}, 160));
  for (const title of ['p95', 'jitter', 'for', 'endpoint']) t.match(wide[3], title);
  t.match(shown(model('peers', {}, 50))[3], /^ {2}peer +state +rtt$|^ {2}peer +state +quality/);
});

t.test('warnings and links that were turned away are told below the peers', async (t) => {
  const status = {
    ...snapshot().status,
    warnings: ['metrics.listen has no effect yet'],
    refused: [{ endpoint: '192.0.2.9:1', reason: 'wrong password or key', count: 3 }],
    keptOut: [{ address: 'fc00::9', name: 'bob', rule: 'tcp/22', isRule: true, count: 3, lastSeconds: 5 }],
  };
  const lines = shown(model('peers', { status }));
  t.ok(lines.includes(' ! metrics.listen has no effect yet'));
  t.ok(lines.includes(' ! turned away: 192.0.2.9:1, wrong password or key, 3 times'));
  t.ok(lines.some((line) => line.startsWith(' ! kept out: bob (fc00::9): tcp/22, 3 packets, last 5s ago')));
});

t.test('bars of the test mesh end now', async (t) => {
  const seen: number[] = [];
  drawn('▁▇', 10, 1, (atS) => seen.push(atS));
  t.equal(seen.at(-1), NOW_S);
});

import t from 'tap';
import {
  formatBytes,
  formatDuration,
  formatMs,
  formatPercent,
  formatRate,
  formatText,
  plural,
  printable,
} from '../../src/cli/format.ts';

const cases: readonly [(value: number | null) => string, readonly [number | null, string][]][] = [
  [
    formatBytes,
    [
      [null, '-'],
      [0, '0 B'],
      [999, '999 B'],
      [1000, '1.0 KB'],
      [999_949, '1.0 MB'],
      [1_234_567, '1.2 MB'],
      [123_456_789, '123 MB'],
      [5e12, '5.0 TB'],
    ],
  ],
  [
    formatRate,
    [
      [null, '-'],
      [0, '0 bit/s'],
      [100, '800 bit/s'],
      [125, '1 kbit/s'],
      [125_000, '1 Mbit/s'],
      [1.5e8, '1.2 Gbit/s'],
    ],
  ],
  [
    formatMs,
    [
      [null, '-'],
      [0.123, '0.12 ms'],
      [12.34, '12.3 ms'],
      [123.4, '123 ms'],
      [1234, '1.23 s'],
    ],
  ],
  [
    formatDuration,
    [
      [null, '-'],
      [0, '0s'],
      [59, '59s'],
      [60, '1m'],
      [61, '1m 1s'],
      [3600, '1h'],
      [3661, '1h 1m'],
      [90_061, '1d 1h'],
    ],
  ],
  [
    formatPercent,
    [
      [null, '-'],
      [0, '0 %'],
      [0.54, '0.5 %'],
      [12.4, '12 %'],
      [100, '100 %'],
    ],
  ],
];

for (const [format, rows] of cases) {
  t.test(`${format.name} writes what people read`, async (t) => {
    for (const [value, text] of rows) t.equal(format(value), text);
  });
}

t.test('an unknown value is a dash, and text can not move the cursor', async (t) => {
  t.equal(formatText(null), '-');
  t.equal(formatText(''), '-');
  t.equal(formatText('bob\u001b[2J\n'), 'bob?[2J?');
  t.equal(printable('\u202egnp'), '?gnp');
});

t.test('one peer, two peers', async (t) => {
  t.equal(plural(1, 'peer'), '1 peer');
  t.equal(plural(0, 'peer'), '0 peers');
});

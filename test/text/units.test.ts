import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';

import * as units from '../../src/text/index.ts';

t.test('what is not known is a dash, never 0', async (t) => {
  const { formatMs, formatPercent, formatRate, formatBitRate, formatBytes, formatDuration, formatCount } = units;
  for (const format of [formatMs, formatPercent, formatRate, formatBitRate, formatBytes, formatDuration, formatCount]) {
    t.equal(format(null), units.UNKNOWN);
    t.not(format(0), units.UNKNOWN);
  }
});

t.test('numbers as in the frames of the manual', async (t) => {
  t.same([12, 41, 0.6, 1234, 999.6].map(units.formatMs), ['12 ms', '41 ms', '0.6 ms', '1.23 s', '1 s']);
  t.same([0, 3.1, 0.01, 12.34, 100].map(units.formatPercent), ['0.0 %', '3.1 %', '<0.1 %', '12.3 %', '100 %']);
  t.same([1_225_000, 25_000, 1500, 0].map(units.formatRate), ['9.8 M/s', '0.2 M/s', '12 k/s', '0 k/s']);
  t.same([1_550_000, 62_500].map(units.formatBitRate), ['12.4 Mbit/s', '500 kbit/s']);
  t.same([512, 1_240_000, 999_950].map(units.formatBytes), ['512 B', '1.24 MB', '1 MB']);
  t.same([356_400, 310, 12, 0].map(units.formatDuration), ['4d 03h', '5m 10s', '12s', '0s']);
});

t.test('a number has three significant digits at most, whatever it is', async (t) => {
  const formats = [units.formatMs, units.formatRate, units.formatBytes];
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1e14, noNaN: true }), fc.constantFrom(...formats), (value, format) => {
      const [digits = ''] = format(value).split(' ');
      assert.match(digits, /^\d+(\.\d+)?$/);
      const significant = digits.replace('.', '').replace(/^0+/, '');
      assert.ok(significant.length <= 3 || value > 9e13 || !digits.includes('.'), digits);
    }),
  );
  t.pass();
});

t.test('text cannot move the cursor, and counts have their plural', async (t) => {
  t.same([null, '', 'bob\u001b[2J\n', 7].map(units.formatText), ['-', '-', 'bob?[2J?', '7']);
  t.equal(units.printable('\u202egnp'), '?gnp');
  t.same([units.plural(1, 'peer'), units.plural(0, 'peer')], ['1 peer', '0 peers']);
});

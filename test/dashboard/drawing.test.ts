import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { chart } from '../../src/dashboard/chart.ts';
import { sparkline } from '../../src/dashboard/sparkline.ts';
import * as text from '../../src/text/index.ts';

t.test('a sparkline has one bar a value, and a blank for what is not known', async (t) => {
  t.equal(sparkline([0, 20, 40, 60, 80, 100, null, 1000, -5], 100), '▁▂▃▅▆▇ ▇▁');
});

t.test('a chart is drawn on an axis that doubles', async (t) => {
  const values = [...Array(9).fill(10), 20, ...Array(3).fill(10), 40, 40, 10];
  t.same(chart(values, 3), ['  40 ┤             ╭─╮', '  20 ┤         ╭╮  │ │', '  10 ┼─────────╯╰──╯ ╰']);
});

t.test('a chart leaves gaps, and is nothing without values', async (t) => {
  t.equal(chart([null, null], 5), null);
  t.same(chart([10, 10, null, 10], 2), ['  20 ┤', '  10 ┼── ─']);
});

t.test('a chart never leaves its frame', async (t) => {
  const values = fc.array(fc.option(fc.double({ min: 0, max: 1e6, noNaN: true }), { nil: null }), { maxLength: 80 });
  fc.assert(
    fc.property(values, fc.integer({ min: 2, max: 30 }), (some, rows) => {
      const lines = chart(some, rows) ?? [];
      assert.ok(lines.length <= rows);
      for (const line of lines) assert.ok(line.length <= some.length + 12, line);
    }),
  );
  t.pass();
});

t.test('text is cut and filled to the column, wide letters included', async (t) => {
  t.equal(text.fit('abcdef', 4), 'abc…');
  t.equal(text.fit('ab', 4, 'right'), '  ab');
  t.equal(text.width('日本'), 4);
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 30 }), (some, columns) => {
      assert.equal(text.width(text.fit(text.printable(some), columns)), columns);
    }),
  );
});

t.test('names from elsewhere cannot move the cursor', async (t) => {
  t.equal(text.printable('a\u001b[2Jb\n\u202ec'), 'a?[2Jb??c');
});

t.test('a long sentence is wrapped, nothing of it is lost', async (t) => {
  t.same(text.wrapped('no answer for 42 s: wrong password', 16), ['no answer for 42', 's: wrong', 'password']);
  t.same(text.wrapped('', 10), ['']);
});

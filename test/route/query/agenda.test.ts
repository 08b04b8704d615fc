import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { Agenda } from '../../../src/route/query/agenda.ts';

t.test('appointments run in order of time, equal ones in the order they were made', async (t) => {
  fc.assert(
    fc.property(fc.array(fc.nat(20), { maxLength: 60 }), (times) => {
      const agenda = new Agenda();
      const ran: [number, number][] = [];
      for (const [index, atMs] of times.entries()) agenda.at(atMs, () => ran.push([atMs, index]));
      agenda.runDue(20);
      const sorted = times
        .map((atMs, index): [number, number] => [atMs, index])
        .sort((a, b) => a[0] - b[0] || a[1] - b[1]);
      assert.deepEqual(ran, sorted);
      assert.equal(agenda.nextDueMs(), Number.POSITIVE_INFINITY);
    }),
  );
  t.pass();
});

t.test('nothing runs early, and cancelled ones never', async (t) => {
  const agenda = new Agenda();
  const ran: string[] = [];
  agenda.at(10, () => ran.push('ten'));
  const cancelled = agenda.at(5, () => ran.push('five'));
  cancelled.cancel();
  cancelled.cancel();
  t.equal(agenda.nextDueMs(), 10);
  agenda.runDue(9);
  t.same(ran, []);
  agenda.runDue(10);
  t.same(ran, ['ten']);
});

/** The small types of base/: counters, errors, rng, logger. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import {
  createCounters,
  jittered,
  MeshError,
  type Rng,
  randomBelow,
  randomFraction,
  silent,
} from '../../src/base/index.ts';

const fixed = (byte: number): Rng => ({ bytes: (count) => new Uint8Array(count).fill(byte) });

t.test('counters start at 0, add up, and are listed by name', async (t) => {
  const counters = createCounters();
  t.equal(counters.get('link.replay'), 0);
  counters.add('switch.runt', 3);
  counters.add('link.replay');
  counters.add('link.replay');
  t.equal(counters.get('link.replay'), 2);
  t.same([...counters.all()], [['link.replay', 2] as const, ['switch.runt', 3] as const]);
});

t.test('an error has a code and says what to do', async (t) => {
  const error = new MeshError('ERR_TEST', 'it broke', 'Mend it.');
  t.match(error, { name: 'MeshError', code: 'ERR_TEST', message: 'it broke', remedy: 'Mend it.' });
  t.equal(new MeshError('ERR_TEST', 'x').remedy, null);
});

t.test('random fractions lie in [0, 1), integers below their bound', async (t) => {
  t.equal(randomFraction(fixed(0)), 0);
  t.ok(randomFraction(fixed(255)) < 1);
  t.equal(randomBelow(fixed(255), 6), 5);
  t.equal(randomBelow(fixed(0), 6), 0);
});

t.test('jitter keeps within its share', async (t) => {
  fc.assert(
    fc.property(fc.nat(255), fc.nat(1_000_000), (byte, valueMs) => {
      const changed = jittered(fixed(byte), valueMs);
      assert.ok(changed >= valueMs * 0.9 - 1e-6 && changed <= valueMs * 1.1 + 1e-6);
    }),
  );
  t.equal(jittered(fixed(0), 100, 0.5), 50);
});

t.test('the silent logger says nothing', async (t) => {
  for (const level of ['error', 'warn', 'info', 'debug'] as const)
    t.equal(silent[level]('event', { peer: 'x' }), undefined);
});

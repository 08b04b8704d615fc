import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { asMap, type Bencode, emitBencode, getInt, getMap, getText, parseBencode, utf8 } from '../../src/base/index.ts';
import { FROM, setUp } from './support.ts';

/** Arguments as an enemy would choose them. */
const integer = fc.oneof(
  fc.bigInt({ min: -5n, max: 70_000n }),
  fc.constantFrom(0n, -1n, 1n << 31n, -(1n << 31n), 1n << 63n, -(1n << 63n), (1n << 63n) - 1n),
);
const string = fc.oneof(
  fc.uint8Array({ maxLength: 64 }),
  fc
    .constantFrom(
      '',
      '\0',
      'peer1',
      '0000.0000.0000.0013',
      'fc00:0001::1',
      '::',
      '127.0.0.1:1',
      'x'.repeat(300),
      '../..',
      '%s%n',
    )
    .map(utf8),
);
const value: fc.Arbitrary<Bencode> = fc.oneof(
  integer,
  string,
  fc.array(integer, { maxLength: 3 }),
  fc.constant(new Map<string, Bencode>([['q', utf8('pn')]])),
);

t.test('every function survives every kind of argument, and answers with one dictionary or not at all', async (t) => {
  const { admin, call, clock, stops } = setUp();
  const functions = new Map<string, readonly string[]>();
  for (let page = 0n; ; page++) {
    const map = await call('Admin_availableFunctions', { page });
    const listed = getMap(map, 'availableFunctions') ?? new Map();
    for (const [name, args] of listed) functions.set(name, [...(asMap(args)?.keys() ?? [])]);
    if (getInt(map, 'more') === null) break;
  }
  t.ok(functions.size > 50, `${functions.size} functions`);
  for (const [name, args] of functions) {
    const named = Object.fromEntries(
      [...args, 'page', 'extra', 'lladdr', 'snode', 'rpath'].map((argument) => [argument, value]),
    );
    await fc.assert(
      fc.asyncProperty(fc.record(named, { requiredKeys: [] }), async (chosen) => {
        const request = new Map<string, Bencode>([
          ['q', utf8(name)],
          ['txid', utf8('x')],
          [
            'args',
            new Map(Object.entries(chosen).filter((entry): entry is [string, Bencode] => entry[1] !== undefined)),
          ],
        ]);
        const answer = admin.handle(emitBencode(request), FROM);
        clock.pass(1);
        const reply = await answer;
        const map = reply === null ? null : asMap(parseBencode(reply)?.value);
        assert.ok(map instanceof Map);
        assert.equal(getText(map, 'txid'), 'x');
        assert.notEqual(getText(map, 'error'), 'internal error, see the log of the daemon');
      }),
      { numRuns: 40, seed: 5 },
    );
  }
  t.ok(stops.length > 0, 'and stopping was among them');
});

t.test('a wrong type of each argument is named', async (t) => {
  const { call } = setUp();
  for (let page = 0n; ; page++) {
    const map = await call('Admin_availableFunctions', { page });
    for (const [name, args] of getMap(map, 'availableFunctions') ?? new Map()) {
      for (const [argument, facts] of asMap(args) ?? new Map()) {
        const type = getText(asMap(facts) ?? new Map(), 'type');
        const reply = await call(name, { [argument]: type === 'List' ? 1n : [] });
        t.match(
          getText(reply, 'error') ?? '',
          /^Entry \[.+\] is required and must be of type \[/,
          `${name} ${argument}`,
        );
      }
    }
    if (getInt(map, 'more') === null) break;
  }
});

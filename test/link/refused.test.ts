import t from 'tap';
import { asPublicKey } from '../../src/crypto/index.ts';
import { MAX_REFUSED, REFUSAL_BURST } from '../../src/link/limits.ts';
import { Refusals } from '../../src/link/refused.ts';

const key = asPublicKey(new Uint8Array(32).fill(7));

t.test('the same attempt is counted, not listed again, and moves to the front', async (t) => {
  const refusals = new Refusals(0);
  refusals.note('192.0.2.1:1', key, 'unknown login', 0);
  refusals.note('192.0.2.2:1', null, 'password required', 0);
  refusals.note('192.0.2.1:1', key, 'unknown login', 0);
  t.same(refusals.list(), [
    { endpoint: '192.0.2.1:1', key, reason: 'unknown login', count: 2 },
    { endpoint: '192.0.2.2:1', key: null, reason: 'password required', count: 1 },
  ]);
});

t.test('another key or another reason is another entry', async (t) => {
  const refusals = new Refusals(0);
  refusals.note('192.0.2.1:1', key, 'unknown login', 0);
  refusals.note('192.0.2.1:1', null, 'unknown login', 0);
  refusals.note('192.0.2.1:1', key, 'wrong password or key', 0);
  t.equal(refusals.list().length, 3);
});

t.test('the list is bounded and the oldest entry goes', async (t) => {
  const refusals = new Refusals(0);
  for (let port = 0; port < MAX_REFUSED + 10; port++)
    refusals.note(`192.0.2.1:${port}`, key, 'unknown login', port * 100);
  const list = refusals.list();
  t.equal(list.length, MAX_REFUSED);
  t.equal(list[0]?.endpoint, `192.0.2.1:${MAX_REFUSED + 9}`);
  t.equal(list.at(-1)?.endpoint, '192.0.2.1:10');
});

t.test('of a flood only as many are noted as people can read', async (t) => {
  const refusals = new Refusals(0);
  for (let i = 0; i < 10_000; i++) refusals.note('192.0.2.1:1', key, 'unknown login', 0);
  t.equal(refusals.list()[0]?.count, REFUSAL_BURST);
  t.notOk(refusals.wanted(0));
  t.ok(refusals.wanted(1_000));
});

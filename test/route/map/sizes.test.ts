import t from 'tap';
import { HOLE_RETRY_MS, LONGEST_BYTES, PROVEN_MS, SHORT_BYTES } from '../../../src/route/limits.ts';
import { type KnownPath, newPath } from '../../../src/route/map/known-path.ts';
import { addProbe } from '../../../src/route/map/probes.ts';
import { addRtt } from '../../../src/route/map/round-trips.ts';
import { isLong, isProven, newSizeRecord, noteHole, noteProven, passes } from '../../../src/route/map/sizes.ts';
import { choosePath } from '../../../src/route/path/choose.ts';
import { newTarget } from '../../../src/route/path/target.ts';
import { emitQuery, newTxid, padding } from '../../../src/route/query/messages.ts';
import { SELF_LABEL } from '../../../src/switch/index.ts';
import { makeContext } from '../bench.ts';
import { makeKey, seededRng } from '../mini-world.ts';

t.test('a padded ping is as long as what it stands for, or a byte longer', async (t) => {
  const txid = newTxid(seededRng(1));
  for (let bytes = 200; bytes <= LONGEST_BYTES; bytes++) {
    const ping = emitQuery(22, txid, 'pn', padding(22, bytes), SELF_LABEL);
    if (ping.length !== bytes && ping.length !== bytes + 1) t.fail(`${ping.length} for ${bytes}`);
  }
  t.equal(padding(22, 40), null, 'it is as long already');
  t.notOk(isLong(emitQuery(22, txid, 'pn', null, SELF_LABEL).length), 'and short without');
});

t.test('short packets need no proof, long ones one of their size that is fresh', async (t) => {
  const sizes = newSizeRecord();
  t.ok(isProven(sizes, SHORT_BYTES, 0));
  t.notOk(isProven(sizes, SHORT_BYTES + 1, 0));
  noteProven(sizes, 600, 1_000);
  t.ok(isProven(sizes, 600, 1_000));
  t.notOk(isProven(sizes, 601, 1_000));
  noteProven(sizes, 400, 2_000);
  t.ok(isProven(sizes, 600, 1_000 + PROVEN_MS - 1), 'a shorter one takes nothing back');
  t.notOk(isProven(sizes, 600, 1_000 + PROVEN_MS));
  noteProven(sizes, 400, 1_000 + PROVEN_MS);
  t.ok(isProven(sizes, 400, 1_000 + PROVEN_MS), 'then it counts itself');
});

t.test('a hole holds for its size and above, until a ping of that size is answered', async (t) => {
  const sizes = newSizeRecord();
  noteProven(sizes, 1_000, 0);
  noteHole(sizes, 700, 0);
  t.same([passes(sizes, 699), passes(sizes, 700), passes(sizes, 1_200)], [true, false, false]);
  t.notOk(isProven(sizes, 700, 0));
  noteProven(sizes, 500, 1);
  t.notOk(passes(sizes, 700), 'a shorter one proves nothing about it');
  noteHole(sizes, 900, 2);
  t.notOk(passes(sizes, 700), 'the smallest size that was lost counts');
  noteProven(sizes, 700, 3);
  t.ok(passes(sizes, 1_200));
});

t.test('a hole is looked at again after 5, 15, and then 60 seconds again and again', async (t) => {
  const sizes = newSizeRecord();
  const waits = Array.from({ length: 5 }, (_, at) => {
    noteHole(sizes, 700, at * 1_000);
    return sizes.retryMs - at * 1_000;
  });
  t.same(waits, [...HOLE_RETRY_MS, 60_000, 60_000]);
  noteProven(sizes, 700, 0);
  noteHole(sizes, 700, 0);
  t.equal(sizes.retryMs, HOLE_RETRY_MS[0], 'another hole begins anew');
});

function bench(bytes: number) {
  const rng = seededRng(5);
  const context = makeContext(rng);
  const other = makeKey(rng);
  const node = context.map.ensure(other.publicKey, other.address, 21, true, 0);
  if (node === null) throw new Error('no room');
  const target = newTarget(node.id, node.address, 0);
  target.demand.bytes = bytes;
  const path = (label: bigint, rttMs: number): KnownPath => {
    const made = newPath(label, false, 0, 0);
    for (let i = 0; i < 3; i++) addRtt(made.trips, rttMs, 0);
    node.paths.push(made);
    return made;
  };
  return { target, path, choose: () => choosePath(context, node, target) };
}

t.test('a path with a hole is left by long packets for any that has none, by short ones not', async (t) => {
  const { target, path, choose } = bench(1_000);
  const used = path(0x153n, 5);
  const dear = path(0x155n, 400);
  target.current = used;
  noteHole(used.sizes, 1_000, 0);
  t.equal(choose(), dear);
  target.demand.bytes = 900;
  t.equal(choose(), used, 'shorter ones than were lost');
  target.demand.bytes = 1_000;
  target.current = dear;
  t.equal(choose(), dear, 'and it is not taken again for being cheap');
  noteHole(dear.sizes, 1_000, 0);
  t.equal(choose(), used, 'unless the other is no better');
});

t.test('who has to leave takes a path that carried such packets before one that nobody tried', async (t) => {
  const { target, path, choose } = bench(1_000);
  const used = path(0x153n, 5);
  const hole = path(0x155n, 5);
  const untried = path(0x157n, 6);
  const proven = path(0x159n, 60);
  target.current = used;
  used.suspect = true;
  noteHole(hole.sizes, 1_000, 0);
  noteProven(proven.sizes, 1_000, 0);
  t.equal(choose(), proven);
  proven.suspect = true;
  t.equal(choose(), untried);
  untried.suspect = true;
  t.equal(choose(), hole, 'better than nothing');
  proven.suspect = false;
  target.demand.bytes = 100;
  t.equal(choose(), hole, 'short packets ask for the cost only');
});

t.test('the loss of long packets counts where there are long ones', async (t) => {
  const { target, path, choose } = bench(1_000);
  const used = path(0x153n, 5);
  const other = path(0x155n, 40);
  target.current = used;
  for (let i = 0; i < 8; i++) addProbe(used.sizes, i % 2 === 0);
  t.equal(choose(), other);
  target.demand.bytes = 100;
  t.equal(choose(), used);
});

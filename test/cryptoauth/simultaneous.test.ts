/** H2, H3, H6, H7: two parties over a network that delays, loses, repeats and reorders, on a virtual clock. */

import assert from 'node:assert/strict';
import t from 'tap';
import type { Environment } from '../../src/cryptoauth/machine.ts';
import { type Faults, forgetPongs, randomFaults, TICK_MS, type World, works, world } from './network.ts';
import { A, B, type Party, pair, pick, restarted, seededRng } from './support.ts';

type Rules = Environment['rules'];

/** Rules of A, who has the lower key, and of B. A stock node may lose 10 s by its time-outs (protocol 02 §10), two of
 * them twice. All have passed with 1000 seeds; fewer are run where our code is not on trial. */
const COMBINATIONS: readonly { a: Rules; b: Rules; patienceMs: number; seeds: number }[] = [
  { a: 'hardened', b: 'hardened', patienceMs: 0, seeds: 1000 },
  { a: 'hardened', b: 'stock', patienceMs: 11_000, seeds: 300 },
  { a: 'stock', b: 'hardened', patienceMs: 11_000, seeds: 300 },
  { a: 'stock', b: 'stock', patienceMs: 22_000, seeds: 100 },
];

const SPREAD_MS = 200;
const STARTS_MS = 200;
/** Three round trips of the slowest kind. */
const BOUND_MS = STARTS_MS + 3 * 2 * SPREAD_MS;
/** Everything that was left over is gone after this time: 10 s for replaced sessions, 20 s where stock nodes reset. */
const SETTLED_MS = 32_000;

function seededPair(a: Rules, b: Rules, seed: string): { a: Party; b: Party } {
  return pair({ rules: a, rng: seededRng(`A ${seed}`) }, { rules: b, rng: seededRng(`B ${seed}`) });
}

/** One session each, the same one, and nothing beside it. */
function assertSettled(net: World, name: string): void {
  net.runUntil(net.nowMs() + SETTLED_MS);
  const [left, right] = net.sides.map(({ party }) => party);
  for (const { table, association } of [left, right].filter((party) => party !== undefined)) {
    assert.equal(association.stateNumber, 100, name);
    assert.equal(table.rowsUsed, 1, name);
    assert.equal(association.pending, false, name);
    assert.equal(association.openRow, association.sendRow, name);
  }
  const secrets = net.sides.map(({ party }) => party.association.state.current?.secret.revealHex());
  assert.equal(secrets[0], secrets[1], name);
}

function assertWorksWithin(net: World, ms: number, name: string): void {
  const startMs = net.nowMs();
  net.runUntil(startMs + ms, () => works(net));
  assert(works(net), `${name}: no session after ${ms} ms`);
}

for (const { a: ofA, b: ofB, patienceMs, seeds } of COMBINATIONS) {
  for (const lossPercent of [0, 25]) {
    const lossyMs = lossPercent === 0 ? 0 : 3000;
    t.test(`H2: ${ofA} and ${ofB} start at the same time, ${lossPercent} % loss, ${seeds} seeds`, async (t) => {
      for (let seed = 0; seed < seeds; seed++) {
        const name = `seed ${seed}`;
        const rng = seededRng(`H2 ${seed}`);
        const { a, b } = seededPair(ofA, ofB, name);
        const net = world(a, b, randomFaults(rng, SPREAD_MS, lossPercent, lossyMs || 1e9));
        net.start(0, pick(rng, STARTS_MS));
        net.start(1, pick(rng, STARTS_MS));
        assertWorksWithin(net, BOUND_MS + lossyMs + patienceMs, name);
        if (seed % 25 === 0) assertSettled(net, name);
      }
      t.pass();
    });
  }

  t.test(`H3: ${ofA} and ${ofB}, up to three of the first six packets lost, repeated or late`, async (t) => {
    for (const faults of combinationsOfFaults(6, 3)) {
      const name = JSON.stringify([...faults]);
      const { a, b } = seededPair(ofA, ofB, 'H3');
      const net = world(a, b, (number) => DELAYS[faults.get(number) ?? 'none']);
      net.start(0, 0);
      assertWorksWithin(net, 6 * TICK_MS + patienceMs, name);
    }
    t.pass();
  });

  t.test(`H6, H7: ${ofA} and ${ofB} recover from restarts, resets and renewals at any moment`, async (t) => {
    for (let seed = 0; seed < 60; seed++) {
      const name = `seed ${seed}`;
      const rng = seededRng(`H7 ${seed}`);
      const { a, b } = seededPair(ofA, ofB, name);
      const spreadMs = [50, 300, 1000, 3000][pick(rng, 4)] ?? 50;
      const net = world(a, b, randomFaults(rng, spreadMs, pick(rng, 40), 20_000));
      net.start(0, pick(rng, 2000));
      net.start(1, pick(rng, 2000));
      for (let number = pick(rng, 8); number > 0; number--) {
        const trouble = { side: pick(rng, 2) === 0 ? 0 : 1, kind: pick(rng, 3), seed: `${seed} ${number}` } as const;
        net.at(pick(rng, 20_000), () => makeTrouble(net, trouble));
      }
      net.runUntil(20_000 + spreadMs);
      forgetPongs(net);
      assertWorksWithin(net, 12_000, name);
      if (seed % 10 === 0) assertSettled(net, name);
    }
    t.pass();
  });
}

type Trouble = { readonly side: 0 | 1; readonly kind: number; readonly seed: string };

function makeTrouble(net: World, { side, kind, seed }: Trouble): void {
  const place = net.sides[side];
  const { association, environment } = place.party;
  if (kind === 0) place.party = restarted(place.party, side === 0 ? B : A, {}, seed);
  else if (kind === 1) association.resetHandshake(net.nowMs());
  else if (environment.rules === 'hardened' && association.stateNumber === 100) net.ping(side, 'pending');
}

type Fault = 'none' | 'lost' | 'repeated' | 'late';
const DELAYS: Record<Fault, ReturnType<Faults>> = { none: [10], lost: [], repeated: [10, 35], late: [45] };

/** All ways to have up to `most` faults among the first packets. */
function combinationsOfFaults(packets: number, most: number): ReadonlyMap<number, Fault>[] {
  if (packets === 0) return [new Map()];
  return combinationsOfFaults(packets - 1, most).flatMap((others) => {
    if (others.size === most) return [others];
    const kinds = ['lost', 'repeated', 'late'] as const;
    return [others, ...kinds.map((kind) => new Map<number, Fault>([...others, [packets - 1, kind]]))];
  });
}

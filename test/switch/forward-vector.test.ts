import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import t from 'tap';
import { fromHex, toHex } from '../../src/base/index.ts';
import { createArena } from '../../src/packet/index.ts';
import { type Forwarded, forward, type InterfaceState } from '../../src/switch/forward.ts';
import * as vector from '../../src/switch/forward-vector.ts';
import { createInterfaceTable, DOWN, UP } from '../../src/switch/interfaces.ts';
import { INVALID } from '../../src/switch/labels.ts';
import { switchHeader } from '../../src/wire/index.ts';

type Case = { readonly name: string; readonly inIf: number; readonly in: string };
const vectors: { readonly cases: readonly Case[] } = JSON.parse(
  readFileSync(new URL('../vectors/switch.json', import.meta.url), 'utf8'),
);

const arena = createArena({ tunSlots: 1, receiveSlots: 0, outputSlots: 1, descriptors: 1 });
const table = createInterfaceTable();
const forwarder = vector.createForwarder(arena, table);
const stateOf = (n: number): InterfaceState => (['absent', 'up', 'down'] as const)[table.state[n] ?? 0] ?? 'absent';
const AT = 101;

/** The oracle's verdict as the number that `forwardOne` gives. */
function codeOf(result: Forwarded): number {
  if (result.kind === 'forward') return result.to;
  if (result.kind === 'local') return 1;
  if (result.kind === 'drop')
    return { runt: vector.DROP_RUNT, u_turn: vector.DROP_U_TURN, shift: vector.DROP_SHIFT }[result.reason];
  return { 1: vector.ERROR_MALFORMED, 8: vector.ERROR_UNDELIVERABLE, 10: vector.ERROR_RETURN_PATH }[result.code];
}

/** Runs both and compares the verdict and every byte of the arena around the packet. */
function compareWithOracle(packet: Uint8Array, from: number): number {
  const expected = forward(packet, from, stateOf);
  arena.bytes.fill(0xa5, AT - 8, AT + packet.length + 8);
  arena.bytes.set(packet, AT);
  const got = forwarder.forwardOne(AT, packet.length, from);
  assert.equal(got, codeOf(expected));
  const left = 'packet' in expected ? expected.packet : packet;
  for (let i = -8; i < packet.length + 8; i++) {
    const wanted = i >= 0 && i < packet.length ? left[i] : 0xa5;
    if (arena.bytes[AT + i] !== wanted) assert.fail(`byte ${i} of ${toHex(packet)} from ${from}`);
  }
  return got;
}

t.test('all vectors as the oracle decides them', async (t) => {
  for (const item of vectors.cases) {
    table.state.fill(UP);
    if (item.name.startsWith('2-interface')) table.state.fill(0, 2);
    compareWithOracle(fromHex(item.in) ?? new Uint8Array(), item.inIf);
  }
  t.equal(vectors.cases.length, 25);
});

/** A small fast generator: fast-check shrinks, this one is for numbers. */
function createXorshift(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

t.test('200000 random packets as the oracle decides them, all verdicts met', async (t) => {
  const random = createXorshift(0x5eed1);
  for (let n = 0; n < 257; n++) table.state[n] = n === 1 ? UP : ([UP, UP, UP, DOWN, 0][n % 5] ?? 0);
  const met = new Set<number>();
  const packet = new Uint8Array(16);
  const view = new DataView(packet.buffer);
  for (let i = 0; i < 200_000; i++) {
    const kind = random() % 4;
    view.setUint32(0, kind === 0 ? 0 : random());
    // Every fourth ends here, with zeros of different length above the self director.
    view.setUint32(4, kind === 1 ? ((random() << (random() % 17)) & ~0xf) | 1 : random() >>> (random() % 32));
    view.setUint32(8, random() & (random() % 2 === 0 ? 0xffcf_ffff : 0xffff_ffff));
    view.setUint32(12, random());
    met.add(compareWithOracle(packet, [1, random() % 8, random() % 33, random() % 257][random() % 4] ?? 0));
  }
  for (const code of [
    vector.DROP_SHIFT,
    vector.DROP_U_TURN,
    vector.ERROR_MALFORMED,
    vector.ERROR_UNDELIVERABLE,
    vector.ERROR_RETURN_PATH,
  ]) {
    t.ok(met.has(code));
  }
  t.ok(met.has(0) && met.has(1) && met.has(2) && met.has(256));
});

t.test('any bytes of any length from any interface as the oracle decides them', async (t) => {
  const packets = fc.uint8Array({ maxLength: 40 });
  fc.assert(
    fc.property(
      packets,
      fc.nat(256),
      fc.uint8Array({ minLength: 257, maxLength: 257, max: 2 }),
      (packet, from, state) => {
        table.state.set(state);
        compareWithOracle(packet, from);
      },
    ),
    { numRuns: 2000 },
  );
  t.equal(forwarder.forwardOne(AT, 11, 2), vector.DROP_RUNT);
  t.equal(forwarder.forwardOne(AT, 12, 257), vector.ERROR_MALFORMED);
  t.equal(forwarder.forwardOne(AT, 12, -1), vector.ERROR_MALFORMED);
});

t.test('the first hop of a path is what our own switch makes of its packets', async (t) => {
  table.state.fill(UP);
  fc.assert(
    fc.property(fc.bigInt(1n, INVALID - 1n), (label) => {
      const packet = new Uint8Array(switchHeader.SIZE);
      switchHeader.emit(switchHeader.original(label), packet);
      const expected = forward(packet, 1, stateOf);
      const hop = vector.firstHop(label);
      assert.ok(hop !== null && 'packet' in expected);
      assert.equal(hop.to, codeOf(expected));
      const written = new Uint8Array(switchHeader.SIZE + 4).fill(0xa5);
      switchHeader.write(new DataView(written.buffer), 2, hop.labelHigh, hop.labelLow, hop.shiftBits);
      assert.deepEqual(written.subarray(2, 14), expected.packet);
    }),
  );
  for (const label of [0n, -1n, INVALID, 1n << 64n]) t.equal(vector.firstHop(label), null);
});

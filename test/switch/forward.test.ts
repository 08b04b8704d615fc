import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import t from 'tap';
import { fromHex, toHex } from '../../src/base/index.ts';
import { errorFrame } from '../../src/switch/error-frame.ts';
import { forward, type InterfaceState } from '../../src/switch/forward.ts';
import { reverse64 } from '../../src/switch/labels.ts';
import { TURNED } from '../../src/switch/limits.ts';
import { switchHeader } from '../../src/wire/index.ts';

type Case = {
  readonly name: string;
  readonly inIf: number;
  readonly in: string;
  readonly outIf: number;
  readonly out: string;
};
const vectors: { readonly cases: readonly Case[] } = JSON.parse(
  readFileSync(new URL('../vectors/switch.json', import.meta.url), 'utf8'),
);
const bytesOf = (digits: string): Uint8Array => fromHex(digits) ?? new Uint8Array();
const allUp = (): InterfaceState => 'up';

function packet(label: bigint, changes: Partial<switchHeader.SwitchHeader> = {}): Uint8Array {
  const bytes = new Uint8Array(20);
  switchHeader.emit({ ...switchHeader.original(label), ...changes }, bytes);
  return bytes;
}

/** What leaves the switch, in the vectors' terms. */
function through(received: Uint8Array, from: number, stateOf: (n: number) => InterfaceState): [number, string] {
  const result = forward(received, from, stateOf);
  if (result.kind === 'forward') return [result.to, toHex(result.packet)];
  if (result.kind === 'local') return [1, toHex(result.packet)];
  const error = result.kind === 'error' ? errorFrame(received, result.code) : null;
  return error === null ? [-1, ''] : [from, toHex(error)];
}

/** Ours marks it besides, see the head of forward.ts. */
function isUTurn({ name }: Case): boolean {
  return name.endsWith('(loop allowed)');
}

for (const item of vectors.cases) {
  t.test(`vector: ${item.name}`, async (t) => {
    const stateOf = (n: number): InterfaceState => (!item.name.startsWith('2-interface') || n <= 1 ? 'up' : 'absent');
    const received = bytesOf(item.in);
    const wanted = bytesOf(item.out);
    if (isUTurn(item)) wanted[switchHeader.OFFSET.flags] = TURNED << 1;
    t.same(through(received, item.inIf, stateOf), [item.outIf, toHex(wanted)]);
    t.equal(toHex(received), item.in, 'the received packet is left alone');
  });
}

t.test('the label of a packet along four nodes, and the way back at the end', async (t) => {
  const ways = [
    [1, 0, 0x8000_0000_0000_0133n, 4],
    [2, 0, 0xa800_0000_0000_0013n, 8],
    [2, 0, 0xaa80_0000_0000_0001n, 12],
    [0, 1, 0xcaa8_0000_0000_0000n, 16],
  ] as const;
  let bytes = packet(0x1333n);
  for (const [from, to, label, shiftBits] of ways) {
    const result = forward(bytes, from, allUp);
    if (result.kind !== 'forward' && result.kind !== 'local') return void t.fail(result.kind);
    t.equal(result.kind === 'forward' ? result.to : 1, to);
    bytes = result.packet;
    t.match(switchHeader.parse(bytes), { label, shiftBits, trafficClass: 0xffff, version: 1, congestion: 0 });
  }
  t.equal(reverse64(switchHeader.parse(bytes)?.label ?? 0n), 0x1553n);
});

t.test('an interface that is down is undeliverable for others and open for our own packets', async (t) => {
  const down = (): InterfaceState => 'down';
  t.same(forward(packet(0x15n), 3, down), { kind: 'error', code: 8 });
  t.match(forward(packet(0x15n), 1, down), { kind: 'forward', to: 2 });
  t.match(forward(packet(0x1n), 3, down), { kind: 'local' });
});

t.test('the checks come in the order of stock', async (t) => {
  const full = { shiftBits: 60 };
  t.same(
    forward(packet(0x17n, full), 8, () => 'absent'),
    { kind: 'error', code: 1 },
    'too narrow',
  );
  t.same(
    forward(packet(0x17n, full), 2, () => 'absent'),
    { kind: 'error', code: 1 },
  );
  t.same(
    forward(packet(0x17n, full), 2, () => 'down'),
    { kind: 'error', code: 8 },
  );
  t.same(forward(packet(0x17n, full), 2, allUp), { kind: 'drop', reason: 'shift' });
  t.same(forward(packet(0x11n, full), 8, allUp), { kind: 'error', code: 10 });
  t.same(forward(packet(0x1n, { shiftBits: 57 }), 8, allUp), { kind: 'drop', reason: 'shift' }, '7 bits, not 4');
  t.match(forward(packet(0x1n, { shiftBits: 56 }), 8, allUp), { kind: 'local' });
  t.match(forward(packet(0x17n, { shiftBits: 59 }), 2, allUp), { kind: 'forward', to: 3 });
});

t.test('runts and impossible interfaces are refused', async (t) => {
  for (let length = 0; length < 12; length++) {
    t.same(forward(new Uint8Array(length), 2, allUp), { kind: 'drop', reason: 'runt' });
  }
  t.match(forward(new Uint8Array(12), 2, allUp), { kind: 'forward', to: 0 }, 'a bare header passes');
  for (const from of [-1, 257, 0.5]) t.match(forward(packet(0x13n), from, allUp), { kind: 'error' });
});

t.test(
  'a packet is sent back to where it came from once, and nobody is told when it is dropped the second time',
  async (t) => {
    const turned = forward(packet(0x15_5n, { congestion: 0x05, suppressErrors: true }), 2, allUp);
    if (turned.kind !== 'forward') return void t.fail(turned.kind);
    t.match(
      switchHeader.parse(turned.packet),
      { congestion: 0x45, suppressErrors: true },
      'marked, the rest as it was',
    );
    t.same(forward(turned.packet, 2, allUp), { kind: 'drop', reason: 'u_turn' });
    t.match(forward(turned.packet, 3, allUp), { kind: 'forward', to: 2 }, 'it may go on otherwise');
    const again = packet(0x15n, { congestion: TURNED });
    t.same(
      forward(again, 2, () => 'down'),
      { kind: 'drop', reason: 'u_turn' },
      'its peer was just heard',
    );
    t.same(
      forward(again, 2, () => 'absent'),
      { kind: 'error', code: 1 },
      'an interface that is gone is told',
    );
    t.match(forward(packet(0x1n, { congestion: TURNED }), 1, allUp), { kind: 'local' }, 'to ourselves is no turn');
    fc.assert(
      fc.property(
        fc.bigInt(0n, (1n << 64n) - 1n),
        fc.integer({ min: 2, max: 256 }),
        fc.nat(127),
        (label, from, congestion) => {
          const result = forward(packet(label, { congestion }), from, allUp);
          if (result.kind !== 'forward') return;
          const after = switchHeader.parse(result.packet)?.congestion;
          assert.equal(after, result.to === from ? congestion | TURNED : congestion);
          assert.ok(result.to !== from || (congestion & TURNED) === 0);
        },
      ),
      { numRuns: 5000 },
    );
  },
);

t.test('a label that bounces between two switches crosses their cable there and back, no more', async (t) => {
  // Each sees the other behind its interface 2.
  let bytes = packet(0x0155_5555_5555_5555n);
  let crossed = 0;
  for (let from = 1; crossed < 20; crossed++, from = 2) {
    const result = forward(bytes, from, allUp);
    if (result.kind !== 'forward') break;
    bytes = result.packet;
  }
  t.equal(crossed, 2);
});

t.test('no packet passes more than 15 switches, whatever its label (S1)', async (t) => {
  fc.assert(
    fc.property(fc.bigInt(0n, (1n << 64n) - 1n), fc.infiniteStream(fc.nat(256)), (label, interfaces) => {
      let bytes = packet(label);
      for (let hops = 0; ; hops++) {
        const from: number = interfaces.next().value ?? 0;
        const result = forward(bytes, from, allUp);
        if (result.kind !== 'forward') return;
        assert.ok(hops < 15);
        bytes = result.packet;
      }
    }),
    { numRuns: 2000 },
  );
  for (const label of [0n, (1n << 64n) - 1n, 1n, 0x15n, 0x8000_0000_0000_0000n]) {
    t.doesNotThrow(() => forward(packet(label), 2, allUp));
  }
});

import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { type ErrorHint, parseError } from '../../src/control/error.ts';
import { readPacket } from '../../src/control/packet.ts';
import { composeLabel, errorFrame, forward, reverse64, smallestBits } from '../../src/switch/index.ts';
import { controlError, switchHeader } from '../../src/wire/index.ts';
import { hostile } from '../support/hostile.ts';
import { frameOf } from './frames.ts';

type Link = { readonly out: number; readonly in: number };
const peerNumber = fc.oneof(fc.constantFrom(0, 2, 3, 7), fc.integer({ min: 8, max: 256 }));
// A packet that turns back where it came from goes no further (protocol 05 §4.1).
const isStraight = (links: readonly Link[]): boolean => links.every((link, i) => links[i + 1]?.out !== link.in);
const chains = fc
  .array(fc.record({ out: peerNumber, in: peerNumber }), { minLength: 1, maxLength: 10 })
  .filter(isStraight);
const labelOf = (links: readonly Link[]): bigint | null =>
  composeLabel(links.map((link) => ({ out: link.out, back: smallestBits(link.in) })));

/** Sends a packet along `links`; at switch number `broken` the way out is down. What comes back to the sender. */
function hintOfBreak(label: bigint, links: readonly Link[], broken: number): ErrorHint | null {
  let packet: Uint8Array = new Uint8Array(60);
  switchHeader.emit(switchHeader.original(label), packet);
  let from = 1;
  for (const link of links.slice(0, broken)) {
    const result = forward(packet, from, () => 'up');
    assert.ok(result.kind === 'forward');
    packet = result.packet;
    from = link.in;
  }
  let error = errorFrame(packet, controlError.CODE.undeliverable);
  assert.ok(error !== null);
  for (const link of links.slice(0, broken).reverse()) {
    const result = forward(error, link.out, () => 'up');
    assert.ok(result.kind === 'forward' || result.kind === 'local');
    error = result.packet;
  }
  const read = readPacket(error);
  return read === null ? null : parseError(read.frame, read.returnLabel);
}

t.test('an error of any switch on the way tells the label that was used', async (t) => {
  fc.assert(
    fc.property(chains, fc.nat(), (links, at) => {
      const label = labelOf(links);
      if (label === null) return;
      const broken = at % (links.length + 1);
      const hint = hintOfBreak(label, links, broken);
      assert.ok(hint !== null);
      assert.equal(hint.path, label);
      assert.equal(hint.code, 8);
    }),
    { numRuns: 1000 },
  );
  t.pass();
});

t.test('an AUTHENTICATION error from the end of the path', async (t) => {
  const label = 0x1553n;
  const arrived = { ...switchHeader.original(reverse64(0x1333n)), shiftBits: 16 };
  const packet = new Uint8Array(60).fill(7);
  switchHeader.emit(arrived, packet);
  const frame = controlError.emit({ code: 6, cause: controlError.authenticationCause(packet, 15, 100) });
  const hint = parseError(frameOf(Buffer.from(frame).toString('hex')), label);
  assert.ok(hint !== null);
  t.match(hint.authentication, { errorNumber: 15, stateNumber: 100 });
  t.same(hint.cause, arrived);
});

t.test('errors about packets below 32 bytes and frames that are no errors are ignored, as in stock', async (t) => {
  for (const length of [0, 11, 12, 31]) {
    const frame = controlError.emit({ code: 1, cause: new Uint8Array(length) });
    t.equal(parseError(frameOf(Buffer.from(frame).toString('hex')), 1n), null);
  }
  t.equal(parseError({ type: 3, body: new Uint8Array(60) }, 1n), null);
});

t.test('hostile errors give a hint or null', async (t) => {
  const links: Link[] = [
    { out: 2, in: 3 },
    { out: 40, in: 5 },
  ];
  const label = labelOf(links) ?? 0n;
  const packet = new Uint8Array(60);
  switchHeader.emit(switchHeader.original(label), packet);
  const sample = errorFrame(packet, 1);
  assert.ok(sample !== null);
  hostile(
    (bytes) => {
      const read = readPacket(bytes);
      const hint = read === null ? null : parseError(read.frame, read.returnLabel);
      return hint;
    },
    [sample],
  );
  t.pass();
});

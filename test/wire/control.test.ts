import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { control } from '../../src/wire/index.ts';
import { hostile } from '../support/hostile.ts';
import { hex, vectors } from '../support/vectors.ts';

type Frame = { type: number; frame: string };
type File = {
  frames: Frame[];
  own: Frame[];
  captured: Record<string, { frame: string }[]>;
  v20_auth_error_quirk: { frame: string };
};
const file = vectors<File>('control');
const captured = Object.entries(file.captured).flatMap(([type, frames]) =>
  frames.map(({ frame }) => ({ type: Number(type), frame })),
);
const all = [...file.frames, ...file.own, ...captured];

t.test('the vectors, made and captured, are read and written back unchanged', async (t) => {
  for (const { type, frame } of all) {
    const value = control.parse(hex(frame));
    t.equal(value?.type, type);
    t.same(value?.body, hex(frame).subarray(4));
    t.same(value && control.emit(value), hex(frame));
  }
});

t.test('an error of v20 with swapped checksum is dropped', async (t) => {
  t.equal(control.parse(hex(file.v20_auth_error_quirk.frame)), null);
});

t.test('what was written is read back, whatever its type', async (t) => {
  const frames = fc.record(
    { type: fc.nat(0xffff), body: fc.uint8Array({ minLength: 4, maxLength: 300 }) },
    { noNullPrototype: true },
  );
  fc.assert(fc.property(frames, (frame) => assert.deepEqual(control.parse(control.emit(frame)), frame)));
  t.pass();
});

t.test('a body below 4 bytes is refused though its checksum is right', async (t) => {
  for (let length = 0; length < 4; length++) {
    t.equal(control.parse(control.emit({ type: 3, body: new Uint8Array(length) })), null);
  }
  t.equal(control.parse(new Uint8Array(0)), null);
});

t.test('each single damaged bit is noticed', async (t) => {
  const frame = hex(file.frames[0]?.frame ?? '');
  for (let bit = 0; bit < frame.length * 8; bit++) {
    const damaged = new Uint8Array(frame);
    damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    if (control.parse(damaged) !== null) t.fail(`bit ${bit}`);
  }
  t.pass();
});

t.test('types have names, unknown ones numbers', async (t) => {
  const body = new Uint8Array(8);
  t.equal(control.format({ type: 3, body }), 'ping 8 B');
  t.equal(control.format({ type: 77, body }), 'type 77 8 B');
});

t.test('survives hostile input', async (t) => {
  const samples = [3, 7, 12].map((type) => hex(all.find((frame) => frame.type === type)?.frame ?? ''));
  t.ok(hostile(control.parse, samples).refused > 0);
});

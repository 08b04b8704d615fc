/** The typed bodies of control frames: one suite, since all promise the same. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { internetChecksum, writeU16 } from '../../src/base/index.ts';
import type { PublicKey } from '../../src/crypto/index.ts';
import {
  type ControlFrame,
  control,
  controlGetSnode,
  controlKeyPing,
  controlLlAddr,
  controlPing,
  controlRpath,
} from '../../src/wire/index.ts';
import { hostile } from '../support/hostile.ts';
import { hex, vectors } from '../support/vectors.ts';

type Frame = { type: number; version: number; data?: string; name?: string; frame: string };
type File = { frames: Frame[]; own: Frame[]; captured: Record<string, { frame: string }[]> };
const file = vectors<File>('control');
const frameOf = (text: string): ControlFrame => control.parse(hex(text)) ?? assert.fail('bad vector');
const TWELVE = hex('303132333435363738396162');

/** Reads and writes frames from the checksum on; the frame must be of the exchange. */
type Codec = {
  readonly parse: (bytes: Uint8Array) => unknown;
  readonly again: (bytes: Uint8Array) => Uint8Array | null;
};
function codecOf<T>(file: { parse: (frame: ControlFrame) => T | null; emit: (value: T) => Uint8Array }): Codec {
  const parse = (bytes: Uint8Array): T | null => {
    const frame = control.parse(bytes);
    return frame === null ? null : file.parse(frame);
  };
  const again = (bytes: Uint8Array): Uint8Array | null => {
    const value = parse(bytes);
    return value === null ? null : file.emit(value);
  };
  return { parse, again };
}

const codecs: Record<number, Codec> = {
  3: codecOf(controlPing),
  4: codecOf(controlPing),
  5: codecOf(controlKeyPing),
  6: codecOf(controlKeyPing),
  7: codecOf(controlGetSnode),
  8: codecOf(controlGetSnode),
  9: codecOf(controlRpath),
  10: codecOf(controlRpath),
  11: codecOf(controlLlAddr),
  12: codecOf(controlLlAddr),
};
const all: { type: number; frame: string }[] = [
  ...file.frames,
  ...file.own,
  ...Object.entries(file.captured).flatMap(([type, list]) => list.map(({ frame }) => ({ type: Number(type), frame }))),
];

t.test('all vectors are read by their own file only, and written back unchanged', async (t) => {
  for (const { type, frame } of all) {
    t.same(codecs[type]?.again(hex(frame)), hex(frame), `type ${type}`);
    for (const [other, codec] of Object.entries(codecs)) {
      const sameExchange = type % 2 === 1 ? [type, type + 1] : [type - 1, type];
      if (!sameExchange.includes(Number(other))) t.equal(codec.parse(hex(frame)), null, `type ${type} as ${other}`);
    }
  }
});

t.test('pings and pongs', async (t) => {
  for (const { type, version, data = '', frame } of file.frames.filter(({ type }) => type === 3 || type === 4)) {
    t.same(controlPing.parse(frameOf(frame)), { reply: type === 4, version, data: hex(data) });
  }
});

t.test('key pings and key pongs', async (t) => {
  const key = Uint8Array.from({ length: 32 }, (_, i) => i + 1);
  for (const { type, version, data = '', frame } of file.frames.filter(({ type }) => type === 5 || type === 6)) {
    t.same(controlKeyPing.parse(frameOf(frame)), { reply: type === 6, version, publicKey: key, data: hex(data) });
  }
});

t.test('supernode questions without and answers with a supernode', async (t) => {
  const [query = '', reply = ''] = [7, 8].map((wanted) => file.frames.find(({ type }) => type === wanted)?.frame);
  const none = { reply: false, version: 20, snodeVersion: 0, kbps: 0, snodeKey: null, pathToSnode: 0n, data: TWELVE };
  t.same(controlGetSnode.parse(frameOf(query)), none);
  t.same(controlGetSnode.parse(frameOf(reply)), {
    reply: true,
    version: 22,
    snodeVersion: 21,
    kbps: controlGetSnode.KBPS_IN_REPLIES,
    snodeKey: Uint8Array.from({ length: 32 }, (_, i) => 0x40 + i),
    pathToSnode: 0x13n,
    data: TWELVE,
  });
});

t.test('RPATH', async (t) => {
  const [query = '', reply = ''] = file.own.map(({ frame }) => frame);
  t.same(controlRpath.parse(frameOf(query)), { reply: false, version: 22, label: 0x13n, data: TWELVE });
  t.same(controlRpath.parse(frameOf(reply)), { reply: true, version: 22, label: 0x15n, data: TWELVE });
});

t.test('LLADDR', async (t) => {
  const addresses = file.own.slice(2).map(({ frame }) => controlLlAddr.parse(frameOf(frame))?.address);
  t.same(addresses, [
    { kind: 'none' },
    { kind: 'udp', port: 4000, address: hex('c0000207') },
    { kind: 'udp', port: 4000, address: hex('20010db8000000000000000000000007') },
  ]);
});

const version = fc.nat(0xffff_ffff);
const data = fc.uint8Array({ maxLength: 64 });
const reply = fc.boolean();
const key = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .filter((bytes) => bytes.some((byte) => byte !== 0))
  .map((bytes) => bytes as PublicKey);
const label = fc.bigInt(0n, 2n ** 64n - 1n);
const plain = { noNullPrototype: true } as const;

function readsBack<T>(
  file: { parse: (frame: ControlFrame) => T | null; emit: (value: T) => Uint8Array },
  values: fc.Arbitrary<T>,
): void {
  fc.assert(fc.property(values, (value) => assert.deepEqual(codecOf(file).parse(file.emit(value)), value)));
}

t.test('what was written is read back', async (t) => {
  readsBack(controlPing, fc.record({ reply, version, data: fc.uint8Array({ maxLength: 300 }) }, plain));
  readsBack(controlKeyPing, fc.record({ reply, version, publicKey: key, data }, plain));
  const snodeKey = fc.option(key);
  readsBack(
    controlGetSnode,
    fc.record({ reply, version, snodeVersion: version, kbps: version, snodeKey, pathToSnode: label, data }, plain),
  );
  readsBack(controlRpath, fc.record({ reply, version, label, data }, plain));
  const udp = fc.record(
    {
      kind: fc.constant('udp' as const),
      address: fc.constantFrom(4, 16).chain((size) => fc.uint8Array({ minLength: size, maxLength: size })),
      port: fc.nat(0xffff),
    },
    plain,
  );
  const other = fc.record(
    {
      kind: fc.constant('other' as const),
      type: fc.integer({ min: 3, max: 255 }),
      length: fc.nat(255),
      payload: fc.uint8Array({ minLength: 30, maxLength: 30 }),
    },
    plain,
  );
  const none = fc.record({ kind: fc.constant('none' as const) }, plain);
  readsBack(controlLlAddr, fc.record({ reply, version, address: fc.oneof(udp, other, none), data }, plain));
  t.pass();
});

t.test('a known address type with a wrong length is carried as bytes', async (t) => {
  const frame = frameOf(file.own[3]?.frame ?? '');
  frame.body[controlLlAddr.OFFSET.length] = 9;
  const value = controlLlAddr.parse(frame);
  t.match(value?.address, { kind: 'other', type: 1, length: 9 });
  t.same(value && control.parse(controlLlAddr.emit(value)), frame);
});

t.test('links without a UDP address answer with zeros of type 3', async (t) => {
  const bytes = controlLlAddr.emit({ reply: true, version: 21, address: controlLlAddr.OPAQUE_ADDRESS, data: TWELVE });
  t.same(bytes.subarray(12, 44), Uint8Array.of(3, 32, ...new Uint8Array(30)));
  t.match(codecs[12]?.parse(bytes), { address: { kind: 'other', type: 3, length: 32 } });
});

t.test('the zero key and too much data are no key ping', async (t) => {
  const { body, type } = frameOf(file.frames.find((frame) => frame.type === 5)?.frame ?? '');
  const sized = (length: number): Uint8Array => Uint8Array.of(...body, ...new Uint8Array(200)).subarray(0, length);
  t.ok(controlKeyPing.parse({ type, body: sized(40) }));
  t.ok(controlKeyPing.parse({ type, body: sized(104) }));
  t.equal(controlKeyPing.parse({ type, body: sized(105) }), null);
  t.equal(controlKeyPing.parse({ type, body: sized(39) }), null);
  t.equal(controlKeyPing.parse({ type, body: sized(60).fill(0, 8, 40) }), null);
});

t.test('a reply with the magic of the query is refused', async (t) => {
  for (const { type, frame } of all) {
    const swapped = { ...frameOf(frame), type: type % 2 === 1 ? type + 1 : type - 1 };
    t.equal(codecs[type]?.parse(control.emit(swapped)), null, `type ${type}`);
  }
});

/** Hostile bodies get a right checksum, otherwise all but none would be refused by it. */
function repaired(bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(bytes);
  if (copy.length < 2) return copy;
  writeU16(copy, 0, 0);
  writeU16(copy, 0, internetChecksum(copy));
  return copy;
}

for (const type of [3, 4, 5, 6, 7, 8, 9, 10, 11, 12]) {
  t.test(`type ${type} survives hostile input`, async (t) => {
    const sample = hex(all.find((frame) => frame.type === type)?.frame ?? '');
    const { accepted, refused } = hostile((bytes) => codecs[type]?.parse(repaired(bytes)) ?? null, [sample]);
    t.ok(accepted > 0 && refused > 0);
  });
}

/** Hostile input for parsers: what every `parse` must survive (design rule 2). Assertions throw, for use in any test. */
import assert from 'node:assert/strict';
import fc from 'fast-check';

/** Longest random input; longer ones find nothing more in formats this small. */
const MAX_RANDOM_BYTES = 512;
/** Bytes of foreign memory put around each input, to notice reads past its end. */
const MARGIN_BYTES = 64;
/** At most that many bytes of a sample are damaged one by one. */
const MAX_DAMAGED_BYTES = 512;

/**
 * Feeds `parse` with each sample, its prefixes, each of its bits flipped, extensions, and random bytes.
 * Each time it must not throw, must leave the input as it was, must give the same result for the same bytes wherever
 * they lie in memory, and must not give `undefined`.
 * @param samples inputs that `parse` accepts (a sample that is refused fails the test)
 * @returns how many inputs were accepted and refused
 */
export function hostile(
  parse: (bytes: Uint8Array) => unknown,
  samples: readonly Uint8Array[],
): { readonly accepted: number; readonly refused: number } {
  const tally = { accepted: 0, refused: 0 };
  const feed = (bytes: Uint8Array): void => {
    if (feedOne(parse, bytes) === null) tally.refused++;
    else tally.accepted++;
  };
  for (const sample of samples) {
    assert.notEqual(feedOne(parse, sample), null, `sample refused: ${Buffer.from(sample).toString('hex')}`);
    for (let length = 0; length <= sample.length; length++) feed(sample.subarray(0, length));
    for (let bit = 0; bit < 8 * Math.min(sample.length, MAX_DAMAGED_BYTES); bit++) feed(flipped(sample, bit));
    feed(Uint8Array.of(...sample, 0));
    feed(Uint8Array.of(...sample, ...sample));
  }
  fc.assert(fc.property(fc.uint8Array({ maxLength: MAX_RANDOM_BYTES }), feed), { numRuns: 300 });
  for (const fill of [0x00, 0xff, 0x64, 0x6c]) feed(new Uint8Array(MAX_RANDOM_BYTES).fill(fill));
  return tally;
}

function feedOne(parse: (bytes: Uint8Array) => unknown, bytes: Uint8Array): unknown {
  const alone = new Uint8Array(bytes);
  const value = parse(alone);
  assert.deepEqual(alone, new Uint8Array(bytes), 'the input was changed');
  assert.notEqual(value, undefined);
  for (const margin of [0x00, 0xff]) {
    const memory = new Uint8Array(bytes.length + 2 * MARGIN_BYTES).fill(margin);
    memory.set(bytes, MARGIN_BYTES);
    const inside = parse(memory.subarray(MARGIN_BYTES, MARGIN_BYTES + bytes.length));
    memory.fill(0xaa); // A value that points into the packet would change now.
    assert.deepEqual(inside, value, `depends on memory outside: ${Buffer.from(bytes).toString('hex')}`);
  }
  return value;
}

function flipped(sample: Uint8Array, bit: number): Uint8Array {
  const damaged = new Uint8Array(sample);
  damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return damaged;
}

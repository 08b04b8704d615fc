import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { inspect } from 'node:util';
import t from 'tap';
import { utf8 } from '../../src/base/index.ts';
import { Password, SecretKey, usePassword } from '../../src/crypto/index.ts';

/** How often bytes are in the memory of this process; only their inverse is at hand, so that the search finds not itself. */
function inMemory(inverted: readonly number[]): number {
  const memory = openSync('/proc/self/mem', 'r');
  const piece = Buffer.alloc(1024 * 1024);
  const first = ~(inverted[0] as number) & 0xff;
  let count = 0;
  for (const line of readFileSync('/proc/self/maps', 'latin1').split('\n')) {
    const [range = '', rights = ''] = line.split(' ');
    if (!rights.startsWith('rw') || line.includes('[vvar')) continue;
    const [start = 0, end = 0] = range.split('-').map((word) => Number.parseInt(word, 16));
    for (let place = start; place < end; place += piece.length - 64) {
      const length = readOrNone(memory, piece, Math.min(piece.length, end - place), place);
      for (let at = piece.indexOf(first); at >= 0 && at < length; at = piece.indexOf(first, at + 1)) {
        if (inverted.every((byte, index) => piece[at + index] === (~byte & 0xff))) count++;
      }
      piece.fill(0);
    }
  }
  closeSync(memory);
  return count;
}

/** 0 for a mapping that another thread gave back meanwhile. */
function readOrNone(memory: number, into: Buffer, length: number, place: number): number {
  try {
    return readSync(memory, into, 0, length, place);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EIO') return 0;
    throw error;
  }
}

/** Asks for the address of bytes, as an addon does: V8 moves them out of its heap then, and leaves what was there. */
function asNativeCode(bytes: Uint8Array): number {
  return bytes.buffer.byteLength;
}

const canLook = process.platform === 'linux';

t.test('a password in a box is in no text', async (t) => {
  const box = Password.fromText('correct horse');
  const wrapped = { box };
  for (const text of [
    String(box),
    `${box}`,
    JSON.stringify(wrapped),
    inspect(wrapped, { depth: 9, showHidden: true }),
  ]) {
    t.notMatch(text, 'horse');
    t.match(text, '<secret>');
  }
  t.equal(box.revealText(), 'correct horse');
});

t.test('equal passwords are told from others', async (t) => {
  const box = Password.fromText('ä');
  t.ok(box.equals(Password.fromBytes(Buffer.from('ä'))));
  t.notOk(box.equals(Password.fromText('b')));
  t.notOk(box.equals(Password.fromText('ää')));
});

t.test('what is lent is wiped, also after an error', async (t) => {
  const box = Password.fromText('abc');
  let kept: Uint8Array = new Uint8Array();
  t.equal(
    box.use((bytes) => {
      kept = bytes;
      return bytes.length;
    }),
    3,
  );
  t.same([...kept], [0, 0, 0]);
  t.throws(() =>
    box.use((bytes) => {
      kept = bytes;
      throw new Error('no');
    }),
  );
  t.same([...kept], [0, 0, 0]);
  t.same(
    usePassword('abc', (bytes) => [...bytes]),
    [...utf8('abc')],
  );
});

t.test('no use of it leaves a copy in memory', { skip: canLook ? false : 'needs /proc/self/mem' }, async (t) => {
  // Never as it is, not even in this file: of the text only the inverse is known.
  const inverted = Array.from({ length: 24 }, (_, index) => ~(0x21 + ((index * 37) % 90)) & 0xff);
  const given = new Uint8Array(new ArrayBuffer(24));
  for (const [index, byte] of inverted.entries()) given[index] = ~byte & 0xff;
  t.ok(inMemory(inverted) > 0, 'the search finds it while it is there');
  const box = Password.fromBytes(given);
  given.fill(0);
  for (let round = 0; round < 100; round++) box.use(asNativeCode);
  t.equal(inMemory(inverted), 0);
});

t.test(
  'a key that is wiped leaves no copy in memory',
  { skip: canLook ? false : 'needs /proc/self/mem' },
  async (t) => {
    const inverted = Array.from({ length: 32 }, (_, index) => (index * 71 + 13) & 0xff);
    const given = new Uint8Array(new ArrayBuffer(32));
    for (const [index, byte] of inverted.entries()) given[index] = ~byte & 0xff;
    const key = new SecretKey(given);
    given.fill(0);
    t.ok(inMemory(inverted) > 0);
    asNativeCode(key.bytes);
    key.wipe();
    t.equal(inMemory(inverted), 0);
  },
);

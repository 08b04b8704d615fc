import t from 'tap';
import { sessionWord } from '../../src/wire/index.ts';
import { hostile } from '../support/hostile.ts';
import { hex, vectors } from '../support/vectors.ts';

const { words } = vectors<{ words: { word: string; kind: string }[] }>('session');

t.test('the vectors', async (t) => {
  for (const { word, kind } of words) {
    t.same(sessionWord.parse(hex(word)), { kind, word: Number.parseInt(word, 16) });
  }
});

t.test('handles begin where handshakes end and end where CTRL begins', async (t) => {
  t.equal(sessionWord.classify(sessionWord.MIN_HANDLE - 1), 'handshake');
  t.equal(sessionWord.classify(sessionWord.MIN_HANDLE), 'handle');
  t.equal(sessionWord.classify(sessionWord.MAX_HANDLE), 'handle');
  t.equal(sessionWord.classify(sessionWord.CTRL), 'ctrl');
});

t.test('survives hostile input', async (t) => {
  const { refused } = hostile(
    sessionWord.parse,
    words.map(({ word }) => hex(word)),
  );
  t.ok(refused > 0, 'fewer than 4 bytes are refused');
});

/** Saves two texts in turn until it is killed; for save.test.ts. */
import { readFileSync } from 'node:fs';
import { saveConfigFile } from '../../src/config/index.ts';

const file = process.argv[2] ?? '';
process.send?.('started');
for (;;) {
  const text = readFileSync(file, 'utf8');
  saveConfigFile(file, text, `${(text.startsWith('a') ? 'b' : 'a').repeat(200_000)}\n`);
}

// Looks for texts in all memory of a process that can be read, as bytes and as UTF-16, and prints how often each is there.
//   node search-memory.mjs PID TEXT...       as root; exit 1 if the memory can't be read
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';

const [, , pid, ...texts] = process.argv;
const wanted = texts.map((text) => [text, [Buffer.from(text, 'latin1'), Buffer.from(text, 'utf16le')]]);
const counts = new Map(texts.map((text) => [text, 0]));
const LONGEST = 4096; // what is looked for may lie across two pieces
const PIECE = 16 * 1024 * 1024;
const memory = openSync(`/proc/${pid}/mem`, 'r');
let read = 0;
for (const line of readFileSync(`/proc/${pid}/maps`, 'latin1').split('\n')) {
  const [range = '', rights = ''] = line.split(' ');
  if (!rights.startsWith('r') || line.includes('[vvar') || line.includes('[vsyscall]')) continue;
  const [start = 0, end = 0] = range.split('-').map((word) => Number.parseInt(word, 16));
  let rest = Buffer.alloc(0);
  for (let at = start; at < end; at += PIECE) {
    const piece = Buffer.alloc(Math.min(PIECE, end - at));
    let count;
    try {
      count = readSync(memory, piece, 0, piece.length, at);
    } catch {
      break; // a mapping without memory behind it
    }
    read += count;
    const whole = Buffer.concat([rest, piece.subarray(0, count)]);
    for (const [text, forms] of wanted) {
      for (const form of forms)
        for (let found = whole.indexOf(form); found >= 0; found = whole.indexOf(form, found + 1))
          if (found + form.length > rest.length) counts.set(text, (counts.get(text) ?? 0) + 1);
    }
    rest = whole.subarray(Math.max(0, whole.length - LONGEST));
  }
}
closeSync(memory);
for (const [text, count] of counts) console.log(`${count} ${text.slice(0, 6)}...`);
if (read === 0) process.exit(1);

// Reads TAP from stdin, prints one line per finished test file and every failure with its details, and writes the
// totals to the file named: `passed failed skipped`. Counted are the tests inside the files (named behaviours, not
// single assertions); a file that fails without a failed test (crash, time-out) counts as one failure.
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const POINT = /^( *)(not )?ok\b(?: \d+)?(?: - (.*?))?(?: \{)?$/;
const TEST_INDENT = 4; // files stand at 0, their tests at 4, what is inside these deeper
const total = { passed: 0, failed: 0, skipped: 0 };
let file = { passed: 0, failed: 0, skipped: 0 };
let failures = [];
let details = null;
// `ok 1 - file {` comes before its tests, `ok 1 - file` after them: with braces the result counts at the closing one.
let open = null;

function outcome(not, text) {
  if (/# (skip|todo)\b/i.test(text)) return 'skipped';
  return not ? 'failed' : 'passed';
}

function finishFile(not, text) {
  if (not && file.failed === 0) {
    file.failed++;
    failures.push(`${text}: the file itself failed`);
  } else if (!not && /# skip/i.test(text) && file.passed + file.skipped === 0) file.skipped++;
  for (const key of Object.keys(total)) total[key] += file[key];
  const name = text.replace(/ *#.*$/, '');
  const seconds = Math.round(Number(/# time=([\d.]+)ms/.exec(text)?.[1] ?? 0) / 1000);
  const counts = `${file.passed} passed, ${file.failed} failed, ${file.skipped} skipped`;
  console.log(`${not ? 'not ok' : '    ok'}  ${name}  ${counts}${seconds < 5 ? '' : `  (${seconds} s)`}`);
  for (const failure of failures) console.log(`        ${failure}`);
  file = { passed: 0, failed: 0, skipped: 0 };
  failures = [];
}

for await (const line of createInterface({ input: process.stdin })) {
  if (details !== null) {
    if (/^ *\.\.\.$/.test(line)) details = null;
    else if (details && failures.length < 60) failures.push(line.trim());
    continue;
  }
  if (/^ *---$/.test(line)) {
    details = failures.length > 0;
    continue;
  }
  const match = POINT.exec(line);
  if (match) {
    const [, indent, not, text = ''] = match;
    if (not) failures.push(line.trim().replace(/ \{$/, ''));
    if (indent.length === TEST_INDENT) file[outcome(not, text)]++;
    if (indent.length > 0) continue;
    if (line.endsWith(' {')) open = { not, text };
    // tap adds a `timeout!` of its own for a file that has been counted already.
    else if (text !== 'timeout!' || total.failed === 0) finishFile(not, text);
  } else if (line === '}' && open) {
    finishFile(open.not, open.text);
    open = null;
  }
}
if (open) finishFile(true, `${open.text} (output broke off)`);
writeFileSync(process.argv[2], `${total.passed} ${total.failed} ${total.skipped}\n`);

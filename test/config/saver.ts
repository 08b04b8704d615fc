/** Saves once, and kills itself at its N-th call into the file system, or half-way through it if it writes. For save.test.ts. */
import fs, { readFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { saveConfigFile } from '../../src/config/index.ts';

const [file = '', text = '', callText = '0'] = process.argv.slice(2);
const before = readFileSync(file, 'utf8');
const calls = fs as unknown as Record<string, (...args: unknown[]) => unknown>;
let left = Number(callText);
for (const name of Object.keys(calls).filter((one) => one.endsWith('Sync'))) {
  const call = calls[name];
  if (call === undefined) continue;
  calls[name] = (...args) => {
    if (--left !== 0) return call(...args);
    if (name.startsWith('write')) call(args[0], String(args[1]).slice(0, 1000));
    return process.kill(process.pid, 'SIGKILL');
  };
}
syncBuiltinESMExports();
saveConfigFile(file, before, `${text.repeat(2000)}\n`);
process.exit(0);

/**
 * How much work a function does, without a clock: the engine counts how often each block of JavaScript is executed. The
 * sum is the same on every machine, so "linear" can be tested. What is native (regular expressions, `indexOf`, `sort`) is
 * not counted, what it calls back is. It runs in a process of its own, whose counts nobody else reads.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** One call: a function that a module exports, and the text it gets. */
export type Work = { readonly module: URL; readonly name: string; readonly text: string };

/** Blocks executed by each call. @throws Error if one of them throws */
export function workOf(calls: readonly Work[]): readonly number[] {
  const [register, child] = ['./register.mjs', './work-child.ts'].map((name) => {
    return fileURLToPath(new URL(name, import.meta.url));
  });
  const { NODE_V8_COVERAGE: _, NODE_OPTIONS: __, ...rest } = process.env;
  // tap loads itself into each process a test starts, and its coverage would be counted with the first call.
  const env = { ...rest, _TAPJS_PROCESSINFO_COVERAGE_: '0' };
  const input = JSON.stringify(calls.map((call) => ({ ...call, module: call.module.href })));
  // Code that the engine has optimised does not count its calls.
  const args = ['--no-opt', '--no-sparkplug', '--import', register ?? '', child ?? ''];
  const done = spawnSync(process.execPath, args, { input, env, encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`${done.error ?? done.stderr}`);
  return JSON.parse(done.stdout) as readonly number[];
}

/** The native code built for processors that are not here, and run in an emulator: right results, nothing about speed. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import t from 'tap';

const run = fileURLToPath(new URL('../../native/test/run', import.meta.url));

const architectures = [
  { arch: 'aarch64', expected: [/^neon: \d+ good, \d+ forged, [1-9]\d+ times in lanes$/m, /^poly1305 in 4 lanes: /m] },
  { arch: 'armhf', expected: [] },
] as const;
for (const { arch, expected } of architectures) {
  // Run at once: only the harness knows whether a compiler, a library and an emulator for it are here (2: one is not).
  const { status, stdout, stderr } = spawnSync(run, ['--arch', arch], { encoding: 'utf8' });
  const skip = status === 2 ? stderr.trim() : false;
  t.test(`built for ${arch} and emulated, the C harness finds no difference from libsodium`, { skip }, async (t) => {
    t.equal(status, 0, stderr);
    for (const line of [/^libsodium: \d+ good/m, ...expected, /native: ok\n$/]) t.match(stdout, line);
  });
}

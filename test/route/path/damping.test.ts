import t from 'tap';
import { DAMPED_PATHS } from '../../../src/route/limits.ts';
import { type KnownPath, newPath } from '../../../src/route/map/known-path.ts';
import { Damping } from '../../../src/route/path/damping.ts';

/** How long a path is held at a moment, ms. */
function heldMs(damping: Damping, path: KnownPath, nowMs: number): number {
  path.held.untilMs = Number.NEGATIVE_INFINITY;
  damping.apply([path], nowMs);
  return Math.max(0, path.held.untilMs - nowMs);
}

t.test('one failure holds nothing, two hold for a minute at most, and then nothing is left of it', async (t) => {
  const damping = new Damping();
  const path = newPath(0x13n, true, 0, 0);
  damping.failed(0x13n, 0);
  t.equal(heldMs(damping, path, 0), 0);
  damping.failed(0x13n, 4_000);
  const held = heldMs(damping, path, 4_000);
  t.ok(held > 50_000 && held <= 60_000, `${held} ms`);
  t.equal(path.held.costMs, Number.POSITIVE_INFINITY);
  t.equal(heldMs(damping, newPath(0x15n, true, 0, 0), 4_000), 0, 'other paths are not concerned');
  t.ok(heldMs(damping, path, 4_000 + held - 1) > 0);
  t.equal(heldMs(damping, path, 4_000 + held + 1), 0);
});

t.test('two failures far apart hold nothing', async (t) => {
  const damping = new Damping();
  const path = newPath(0x13n, true, 0, 0);
  damping.failed(0x13n, 0);
  damping.failed(0x13n, 60_000);
  t.equal(heldMs(damping, path, 60_000), 0);
});

t.test('however often a path fails, a minute after the last time it is used again', async (t) => {
  const damping = new Damping();
  const path = newPath(0x13n, true, 0, 0);
  for (let nowMs = 0; nowMs < 600_000; nowMs += 500) damping.failed(0x13n, nowMs);
  t.ok(heldMs(damping, path, 600_000) <= 60_000);
  t.equal(heldMs(damping, path, 660_000), 0);
});

t.test('a way that is found anew under the same label is held as the old one was', async (t) => {
  const damping = new Damping();
  for (const nowMs of [0, 1_000]) damping.failed(0x13n, nowMs);
  t.ok(heldMs(damping, newPath(0x13n, true, 0, 2_000), 2_000) > 50_000);
});

t.test('few are remembered', async (t) => {
  const damping = new Damping();
  for (const nowMs of [0, 1_000])
    for (let label = 0x13n; label < 0x13n + BigInt(DAMPED_PATHS + 1); label++) damping.failed(label, nowMs);
  t.equal(heldMs(damping, newPath(0x13n, true, 0, 0), 1_000), 0);
});

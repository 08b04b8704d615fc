import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { BAD_TAG, GOOD } from '../../src/engine/native-addon.ts';
import { descriptor, type Engine } from '../../src/packet/index.ts';
import { anEngine, get, packetOf, set, skip } from './native-setup.ts';

const { OFFSET, LENGTH, KEY, NONCE, RESULT, FRAME_OVERHEAD } = descriptor;

/** More than a vector of the packet path, so that native batches end inside one. */
const MOST = 160;
const LONGEST = 1500;
const KINDS = ['avx512', 'avx2', 'neon'] as const;
/** So few frames that no lanes are worth it. */
const FEW = process.arch === 'arm64' ? 2 : 4;
const arena = { tunSlots: 1, receiveSlots: 1, outputSlots: MOST, descriptors: MOST };

const run = fileURLToPath(new URL('../../native/test/run', import.meta.url));
const hasCompiler = spawnSync(process.env.CC ?? 'gcc', ['--version']).status === 0;

t.test('the C harness finds no difference from libsodium', { skip: hasCompiler ? false : 'needs gcc' }, async (t) => {
  const seed = String(randomBytes(3).readUIntBE(0, 3));
  const output = execFileSync(run, ['5000', seed], { encoding: 'utf8', env: { ...process.env, LANG: 'C' } });
  t.comment(`seed ${seed}`, output.trim());
  t.match(output, /native: ok\n$/);
});

// Of this processor's own kind only: what is run is built here.
const canEmulate = process.arch === 'x64' && spawnSync('qemu-x86_64', ['--version']).status === 0;

const processors = [
  { model: 'Haswell', lacks: ['avx512'], crypto: 'avx2' },
  { model: 'Westmere', lacks: ['avx2', 'avx512'], crypto: 'libsodium' },
] as const;
for (const { model, crypto } of processors) {
  const reason = skip || (canEmulate ? false : 'needs qemu-user');
  t.test(
    `on a ${model} the addon takes ${crypto}, and meets no instruction that is not there`,
    { skip: reason },
    async (t) => {
      const child = fileURLToPath(new URL('seal-child.ts', import.meta.url));
      const register = fileURLToPath(new URL('../support/register.mjs', import.meta.url));
      const args = ['-cpu', model, process.execPath, '--import', register, child];
      const env = { ...process.env, NODE_OPTIONS: '', NODE_V8_COVERAGE: '' };
      const output = execFileSync('qemu-x86_64', args, { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'ignore'] });
      t.same(JSON.parse(output), { crypto, good: 160 });
    },
  );
}

for (const { model, lacks } of processors) {
  const skip = hasCompiler && canEmulate ? false : 'needs gcc and qemu-user';
  t.test(`on a ${model} the C harness names what it lacks and tests the rest`, { skip }, async (t) => {
    const output = execFileSync(run, ['--cpu', model], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    const lacking = output.match(/^\w+(?=: not on this machine$)/gm);
    t.same(lacking, lacks);
    t.match(output, /^libsodium: \d+ good/m);
    t.match(output, /^offload: \d+ vectors/m);
    t.match(output, /native: ok\n$/);
  });
}

/** Fills the same random vector into both engines. */
function fillBoth(engines: readonly Engine[], count: number, length: () => number): void {
  for (let index = 0; index < count; index++) {
    const key = randomBytes(32);
    const data = randomBytes(length());
    const nonceOffset = randomBytes(1)[0] === 0 ? 0 : 4;
    const counter = randomBytes(4).readInt32BE(0);
    for (const engine of engines) {
      const offset = engine.arena.outputStart + index * 2048;
      engine.setKey(index, key, nonceOffset);
      engine.arena.bytes.set(data, offset + FRAME_OVERHEAD);
      const whole = data.length + FRAME_OVERHEAD;
      set(engine.arena, index, { [OFFSET]: offset, [LENGTH]: whole, [KEY]: index, [NONCE]: counter, [RESULT]: 9 });
    }
  }
}

function sameResults(t: { fail: (message: string) => boolean }, ours: Engine, theirs: Engine, count: number): boolean {
  for (let index = 0; index < count; index++) {
    const same =
      get(ours.arena, index, RESULT) === get(theirs.arena, index, RESULT) &&
      get(ours.arena, index, NONCE) === get(theirs.arena, index, NONCE) &&
      Buffer.compare(packetOf(ours.arena, index), packetOf(theirs.arena, index)) === 0;
    if (!same) return t.fail(`frame ${index} of ${count} with ${get(ours.arena, index, LENGTH)} bytes differs`);
  }
  return true;
}

for (const kind of KINDS) {
  t.test(`${kind} seals and opens vectors of any size as libsodium does`, { skip }, async (t) => {
    const ours = anEngine(t, { arena, crypto: kind });
    const theirs = anEngine(t, { arena, crypto: 'libsodium' });
    if (ours.describe().crypto !== kind) return t.comment(`this processor lacks ${kind}`);
    let packets = 0;
    for (let round = 0; packets < 10_000; round++) {
      const count = 1 + (round % MOST);
      fillBoth([ours, theirs], count, () => (round % 3 === 0 ? round : randomBytes(2).readUInt16BE(0)) % (LONGEST + 1));
      for (const engine of [ours, theirs]) engine.seal(0, count);
      if (!sameResults(t, ours, theirs, count)) return;
      const forged = randomBytes(1).readUInt8(0) % count;
      for (const engine of [ours, theirs]) {
        const at = get(engine.arena, forged, OFFSET) + 4 + (round % 16);
        engine.arena.bytes[at] = (engine.arena.bytes[at] ?? 0) ^ 1;
        engine.open(0, count);
      }
      if (!sameResults(t, ours, theirs, count)) return;
      if (get(ours.arena, forged, RESULT) !== BAD_TAG) return t.fail(`the forged frame of round ${round} was opened`);
      packets += count;
    }
    const { sealed, opened, badTags, inLanes } = ours.describe();
    t.equal(sealed, packets);
    t.equal(Number(opened) + Number(badTags), packets);
    t.ok(Number(inLanes) > packets, `${inLanes} of ${2 * packets} frames went in lanes`);
    t.equal(theirs.describe().inLanes, 0);
  });
}

t.test('small vectors go to libsodium, and so does everything where it is asked for', { skip }, async (t) => {
  const auto = anEngine(t, { arena });
  fillBoth([auto], FEW, () => 1400);
  auto.seal(0, FEW);
  t.equal(auto.describe().inLanes, 0);
  t.equal(get(auto.arena, FEW - 1, RESULT), GOOD);
  t.equal(anEngine(t, { arena, crypto: 'libsodium' }).describe().crypto, 'libsodium');
  t.throws(() => anEngine(t, { arena, crypto: 'rot13' as 'auto' }), { code: 'ERR_ARGUMENT' });
});

t.test('frames longer than any link has are right too', { skip }, async (t) => {
  const large = { tunSlots: 1, receiveSlots: 1, outputSlots: 600, descriptors: 8 };
  const engines = (['auto', 'libsodium'] as const).map((crypto) => anEngine(t, { arena: large, crypto }));
  const [ours, theirs] = engines as [Engine, Engine];
  const lengths = [20, 65_536, 131_072, 21, 4096, 100_000, 36, 99];
  const key = randomBytes(32);
  const data = randomBytes(140_000);
  for (const engine of engines) {
    engine.setKey(0, key, 0);
    let offset = 0;
    for (const [index, length] of lengths.entries()) {
      engine.arena.bytes.set(data.subarray(0, length), offset);
      set(engine.arena, index, { [OFFSET]: offset, [LENGTH]: length, [KEY]: 0, [NONCE]: index });
      offset += length;
    }
    engine.seal(0, lengths.length);
  }
  t.ok(sameResults(t, ours, theirs, lengths.length));
  for (const engine of engines) engine.open(0, lengths.length);
  t.ok(sameResults(t, ours, theirs, lengths.length));
  t.equal(get(ours.arena, 2, RESULT), GOOD);
});

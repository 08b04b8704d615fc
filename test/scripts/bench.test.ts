import { execFileSync, spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import t from 'tap';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const LIB = path.join(ROOT, 'scripts/lib/bench');
const load = (file: string) => import(pathToFileURL(path.join(LIB, file)).href);

t.test('medians go as deep as results do, and pass over what a run does not have', async (t) => {
  const { medians } = await load('tables.mjs');
  const runs = [
    { name: 'a', mbit: 3, pingMs: { p50: 1 }, chain: null },
    { name: 'a', mbit: 1, pingMs: { p50: 4 }, chain: { mbit: 8 } },
    { name: 'a', mbit: 2, pingMs: { p50: 2 }, chain: { mbit: 6 } },
  ];
  t.same(medians(runs), { name: 'a', mbit: 2, pingMs: { p50: 2 }, chain: { mbit: 7 } });
});

t.test('a table aligns numbers to the right', async (t) => {
  const { table } = await load('tables.mjs');
  t.equal(
    table(
      ['', 'ns'],
      [
        ['one', '5'],
        ['three', '1234'],
      ],
    ),
    '         ns\n-----  ----\none       5\nthree  1234',
  );
});

t.test('the growth table shows what each of those that were added costs, and the goals', async (t) => {
  const { linksTable } = await load('scale/tables.mjs');
  const row = (number: number, cpuPercent: number, residentKib: number) => {
    return { number, cpuPercent, residentKib, packetsPerSecondPerLink: 0.5 };
  };
  const lines: string[] = linksTable([row(1, 0.1, 60_000), row(11, 0.3, 60_200), row(101, 2.1, 61_600)]).split('\n');
  const cells = lines.slice(3).map((line) => line.trim().split(/ {2,}/));
  t.same(cells, [
    ['1', '0.10', '-', '0.50', '58.6', '-'],
    ['11', '0.30', '0.0200', '0.50', '58.8', '-'],
    ['101', '2.10', '0.0200', '0.50', '60.2', '16.0'],
    ['goal', '0.02', '0.5', '< 20'],
  ]);
});

t.test('the table of the README names machine and versions, and leaves out what was not measured', async (t) => {
  const { readmeText } = await load('readme.mjs');
  const machine = { processor: 'A processor', cores: 2, load: 0.1, kernel: '6.1', node: 'v22.1.0' };
  const ours = {
    name: 'fcmesh',
    title: 'fcmesh',
    version: '0.1.0',
    crypto: 'avx2',
    tcp1Mbit: 1523,
    packetsPerSecond: 201_234,
  };
  const chain = { tcp1Mbit: 97, middleNsPerByte: 12.3 };
  const slower = { ...ours, name: 'fcmesh-libsodium', title: 'fcmesh, libsodium', crypto: 'libsodium', chain };
  const rows = [ours, slower, { name: 'other', title: 'other', version: '9', loadedMs: { p50: 1.26, p99: 33.4 } }];
  const text: string = readmeText({ machine, engine: { text: 'native: avx2' }, date: '2026-11-27T08', rows, runs: 5 });
  const lines = text.split('\n');
  t.equal(lines[0], '| | fcmesh, avx2 | fcmesh, libsodium | other |');
  t.equal(lines[1], '|---|---|---|---|');
  t.ok(lines.includes('| one TCP stream, Gbit/s | 1.5 | 1.5 | |'));
  t.ok(lines.includes('| packets of 64 bytes a second | 200 000 | 200 000 | |'));
  t.ok(lines.includes('| ping beside a full stream, median / p99 ms | | | 1.3 / 33 |'));
  t.ok(lines.includes('| passed on by a relay, Gbit/s | | 0.097 | |'));
  const below = text.split('\n\n')[1]?.replaceAll('\n', ' ');
  t.equal(
    below,
    'A processor, 2 cores, Linux 6.1, Node v22.1.0, load 0.1 at the start; native: avx2. fcmesh 0.1.0, other 9. Medians of 5 runs in turn, 2026-11-27.',
  );
});

t.test('the README is changed between the two comments, and nowhere else', async (t) => {
  const { replaced } = await load('readme.mjs');
  const [begin, end] = ['<!-- bench -->', '<!-- /bench -->'];
  t.equal(replaced(`a\n${begin}\nold\n${end}\nz\n`, 'new'), `a\n${begin}\nnew\n${end}\nz\n`);
  for (const wrong of ['a', `${begin}`, `${end} ${begin}`, `${begin} ${begin} ${end}`, `${begin} ${end} ${end}`]) {
    t.throws(() => replaced(wrong, 'new'), wrong);
  }
});

t.test('every processor has libsodium, and AVX-512 stands beside AVX2', async (t) => {
  const { lanesOf } = await load('machine.mjs');
  t.same(lanesOf('libsodium'), ['libsodium']);
  t.same(lanesOf('avx2'), ['libsodium', 'avx2']);
  t.same(lanesOf('avx512'), ['libsodium', 'avx2', 'avx512']);
});

t.test('the help names every option, daemon and variable', async (t) => {
  const { OPTIONS, PARTS } = await load('options.mjs');
  const { allPeers } = await load('peers.mjs');
  const { NAMES } = await load('programs.mjs');
  const help = execFileSync('bash', [path.join(ROOT, 'scripts/bench'), '--help'], { encoding: 'utf8' });
  for (const option of Object.keys(OPTIONS)) t.match(help, `--${option}`, option);
  for (const part of PARTS) t.match(help, part);
  for (const variable of Object.keys(NAMES)) t.match(help, variable);
  const peers: { readonly name: string }[] = allPeers('', ['libsodium', 'avx2', 'avx512']);
  for (const { name } of peers) t.match(help, name);
});

t.test('options that do not exist or go together are refused with 2 before anything begins', async (t) => {
  const wrong = [['--nope'], ['--runs', '0'], ['--micro', '--scale'], ['--write'], ['--parts', 'links']];
  for (const args of [...wrong, ['--scale', '--parts', 'all']]) {
    const { status, stderr } = spawnSync(process.execPath, [path.join(LIB, 'main.mjs'), ROOT, ...args], {
      encoding: 'utf8',
    });
    t.equal(status, 2, args.join(' '));
    t.match(stderr, /^bench: .*see \.\/scripts\/bench --help\n$/, args.join(' '));
  }
});

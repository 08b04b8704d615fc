// What scripts/flood measures: kinds of packets, the daemon's cost, and a stream beside. Called by it only:
//   check OPTIONS          are the options good? exit 2 with a sentence otherwise
//   record PORT FILE       keeps the first hello that arrives, as hex
//   run LAB OPTIONS        floods and prints; LAB is JSON that scripts/flood writes
import { execFile, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs, promisify } from 'node:util';

const TARGETS = { cpuCores: 0.35, lateMs: 5, streamShare: 0.8 };
const KINDS = {
  'unknown-login': 'hello, unknown login',
  'wrong-password': 'hello, known login, wrong password',
  'replayed-hello': 'genuine hello, replayed from everywhere',
  garbage: 'random bytes, 120 to 420',
  'forged-data': 'random data packets, from the address of the peer',
  'forged-hello': 'random 144-byte hellos, from the address of the peer',
};
const TICKS_PER_SECOND = 100; // USER_HZ of every Linux that Node runs on
const HELLO_BYTES = 160;
const FC_KEYS = 16; // senders of made-up hellos: valid keys take 256 tries each
const DEAF_PORT = 1; // from the victim's port: the socket that nobody reads

const execute = promisify(execFile);

function options(args) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        rates: { type: 'string', default: '50000' },
        seconds: { type: 'string', default: '5' },
        kinds: { type: 'string', default: Object.keys(KINDS).join(',') },
        targets: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
    });
    const rates = values.rates.split(',').map(Number);
    const seconds = Number(values.seconds);
    const kinds = values.kinds.split(',');
    if (!rates.every((rate) => Number.isInteger(rate) && rate >= 1 && rate <= 200_000))
      throw new Error('--rates are whole numbers from 1 to 200000');
    if (!(Number.isInteger(seconds) && seconds >= 1 && seconds <= 20)) throw new Error('--seconds is 1 to 20');
    const unknown = kinds.find((kind) => !(kind in KINDS));
    if (unknown !== undefined) throw new Error(`no kind ${unknown}: ${Object.keys(KINDS).join(', ')}`);
    return { ...values, rates, seconds, kinds };
  } catch (error) {
    console.error(`flood: ${error.message}`);
    process.exit(2);
  }
}

/** Keeps the first packet that looks like a hello. */
function record(port, file) {
  const socket = createSocket('udp4');
  socket.on('message', (bytes) => {
    if (bytes.length < 120 || bytes.readUInt32BE(0) !== 0) return;
    writeFileSync(file, bytes.toString('hex'));
    socket.close();
  });
  socket.bind(Number(port), '127.0.0.1');
}

/** Templates of a kind, in the language of flood.c, and where they come from (protocol 02 §2: the header of a hello). */
async function packetsOf(kind, lab) {
  const some = (count) => '..'.repeat(count);
  const hello = (lookup, key) =>
    `00000000${`02${lookup}`}${some(4)}${some(24)}${key}${some(HELLO_BYTES - 16 - 24 - 32)}`;
  const known = createHash('sha256').update(lab.login).digest('hex').slice(2, 16);
  const anybody = (lines) => ({ from: 'random', lines });
  if (kind === 'unknown-login') return anybody((await fcKeys(lab)).map((key) => hello(some(7), key)));
  if (kind === 'wrong-password') return anybody((await fcKeys(lab)).map((key) => hello(known, key)));
  if (kind === 'replayed-hello') return anybody([readFileSync(join(lab.folder, 'hello'), 'utf8')]);
  if (kind === 'forged-data') return { from: lab.peer, lines: [`01${some(3)}+60-420`] };
  if (kind === 'forged-hello') return { from: lab.peer, lines: [`00000000${some(140)}`] };
  return anybody(['+120-420']);
}

let madeKeys = null;
async function fcKeys(lab) {
  if (madeKeys !== null) return madeKeys;
  const { generateIdentity, loadNodeBackend } = await import(join(dirname(lab.main), '../crypto/index.js'));
  const crypto = await loadNodeBackend();
  const rng = { bytes: (count) => Uint8Array.from(randomBytes(count)) };
  const one = () => Buffer.from(generateIdentity(crypto, rng).publicKey).toString('hex');
  madeKeys = Array.from({ length: FC_KEYS }, one);
  return madeKeys;
}

const inside = (lab, node, command) => ['netns', 'exec', `${lab.lab}${node}`, ...command];

async function ask(lab, node, ...command) {
  const args = inside(lab, node, [process.execPath, lab.main, ...command, '--json', '--admin', '127.0.0.1:11234']);
  return JSON.parse((await execute('ip', args)).stdout);
}

/** Seconds of processor that the daemon has had, user and system. */
function cpuSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}
const rssMb = (pid) => Number(/^VmRSS:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
const downs = (lab) => readFileSync(join(lab.folder, 'b.log'), 'utf8').split('"event":"peer.down"').length - 1;

/** Begins to send; ends by itself. @returns what the sender said when it is done */
async function flood(lab, { from, lines }, port, rate, seconds) {
  const file = join(lab.folder, 'templates');
  writeFileSync(file, `${lines.join('\n')}\n`);
  const program = join(lab.folder, 'flood');
  const core = ['taskset', '-c', String(cpus().length - 1)];
  const args = ['send', lab.victim, String(port), String(rate), String(seconds), from, file];
  const { stdout } = await execute('ip', inside(lab, 'x', [...core, program, ...args]));
  return JSON.parse(stdout);
}

/** Mbit/s of one TCP stream from the peer; null if it broke. */
async function stream(lab, seconds) {
  const server = spawn('ip', inside(lab, 'b', ['iperf3', '-s', '-1', '-B', lab.mesh]), { stdio: 'ignore' });
  await sleep(300);
  try {
    const how = ['iperf3', '-6', '-c', lab.mesh, '-t', String(seconds), '--connect-timeout', '5000', '--json'];
    const { stdout } = await execute('ip', inside(lab, 'a', how), { timeout: (seconds + 15) * 1000 });
    return JSON.parse(stdout).end.sum_received.bits_per_second / 1e6;
  } catch {
    return null; // it is the finding: a stream that did not get through
  } finally {
    server.kill();
  }
}

/** One kind at one rate: first alone, for what the daemon does, then beside a stream. */
async function measure(lab, packets, port, rate, seconds) {
  const before = downs(lab);
  const alone = flood(lab, packets, port, rate, seconds + 2);
  await sleep(500);
  await ask(lab, 'b', 'status'); // the gauge of timers begins anew
  const [cpu, atMs] = [cpuSeconds(lab.pid), performance.now()];
  await sleep(seconds * 1000 - 500);
  const cpuCores = (cpuSeconds(lab.pid) - cpu) / ((performance.now() - atMs) / 1000);
  const { timerLateMs } = await ask(lab, 'b', 'status');
  const said = await alone;
  const beside = flood(lab, packets, port, rate, seconds + 2);
  await sleep(500);
  const streamMbit = await stream(lab, seconds);
  await beside;
  const peers = await ask(lab, 'b', 'peers');
  const isUp = peers.some((peer) => peer.name === 'a' && peer.state === 'established');
  const perSecond = Math.round(said.sent / said.seconds);
  return { perSecond, cpuCores, timerLateMs, rssMb: rssMb(lab.pid), isUp, downs: downs(lab) - before, streamMbit };
}

function judge(row, control) {
  const cpuAbove = row.cpuCores - control.cpuCores;
  const streamShare = (row.streamMbit ?? 0) / (control.streamMbit || 1);
  const missed = [
    ...(cpuAbove > TARGETS.cpuCores ? ['cpu'] : []),
    ...((row.timerLateMs ?? Number.POSITIVE_INFINITY) > TARGETS.lateMs ? ['timers'] : []),
    ...(row.isUp && row.downs === 0 ? [] : ['link']),
    ...(streamShare < TARGETS.streamShare ? ['stream'] : []),
  ];
  return { ...row, cpuAbove, streamShare, missed };
}

function print(text, row) {
  const cell = (value, digits, wide) => (value === null || value === undefined ? '-' : value.toFixed(digits)).padStart(wide);
  const link = row.isUp ? (row.downs === 0 ? 'up' : `fell ${row.downs}x`) : 'down';
  const share = row.streamShare === undefined ? null : 100 * row.streamShare;
  const cells = [cell(row.perSecond, 0, 9), cell(row.cpuCores, 2, 6), cell(row.timerLateMs, 1, 9)];
  cells.push(cell(row.rssMb, 0, 5), link.padStart(8), cell(row.streamMbit, 0, 8), cell(share, 0, 5));
  console.log(`${text.padEnd(54)}${cells.join(' ')}  ${row.missed?.join(', ') ?? ''}`);
}

async function run(lab, { rates, seconds, kinds, targets, json }) {
  const rows = [];
  const say = json ? () => {} : print;
  const quiet = { perSecond: 0, cpuCores: 0, isUp: true, downs: 0, rssMb: rssMb(lab.pid) };
  const streamMbit = await stream(lab, seconds);
  if (!json) console.log(`${'packets'.padEnd(54)}${'per s   core   late ms   MB     link   Mbit/s    %'.padStart(57)}  missed`);
  say('none', { ...quiet, streamMbit });
  for (const rate of rates) {
    const deaf = lab.port + DEAF_PORT;
    const lasts = String(3 * seconds + 20);
    const sink = spawn('ip', inside(lab, 'b', [join(lab.folder, 'flood'), 'sink', lab.victim, String(deaf), lasts]));
    await sleep(200);
    const control = await measure(lab, await packetsOf('garbage', lab), deaf, rate, seconds);
    sink.kill();
    rows.push({ kind: 'control', rate, ...control });
    say('to a socket that nobody reads', control);
    for (const kind of kinds) {
      const row = judge(await measure(lab, await packetsOf(kind, lab), lab.port, rate, seconds), control);
      rows.push({ kind, rate, ...row });
      say(KINDS[kind], row);
    }
  }
  if (json) console.log(JSON.stringify({ cores: cpus().length, seconds, targets: TARGETS, streamMbit, rows }, null, 1));
  if (targets && rows.some(({ missed }) => missed?.length > 0)) process.exitCode = 1;
}

const [verb, ...rest] = process.argv.slice(2);
if (verb === 'check') options(rest);
else if (verb === 'record') record(rest[0], rest[1]);
else await run(JSON.parse(rest[0]), options(rest.slice(1)));

// End to end: what one daemon does between two nodes and over a chain of three. Every figure is taken from programs that
// users have (iperf3, ping), and the CPU time from /proc.
import { Lab, run, sleep } from './lab.mjs';

const READY_SECONDS = 40;

/**
 * Measures one daemon.
 * @param seconds of each stream; what is counted are the bytes that arrived
 */
export async function measure(peer, { seconds, wanted = ['two', 'chain'] }) {
  const result = { name: peer.name, title: peer.title ?? peer.name, version: peer.version() };
  if (wanted.includes('two')) Object.assign(result, await onRow(2, peer, (lab, to, idleMb) => twoNodes(lab, to, idleMb, peer, seconds)));
  if (wanted.includes('chain') && peer.relays)
    result.chain = await onRow(3, peer, (lab, to) => chain(lab, to, seconds));
  return result;
}

/** Makes a row of nodes, starts the daemon on it, and takes all away afterwards. @param work gets lab, address and idle MB */
export async function onRow(count, peer, work) {
  const lab = new Lab(count);
  try {
    const to = await peer.start(lab);
    await answers(lab, to, peer.name);
    const idleMb = lab.residentMb(); // nothing but a ping has gone through yet
    await tcp(lab, to, 1, 1); // warm: the compiler of JavaScript, caches, windows
    return await work(lab, to, idleMb);
  } finally {
    lab.close();
  }
}

async function twoNodes(lab, to, idleMb, peer, seconds) {
  const idle = ping(lab, to, 0.01, 200);
  const said = peer.status?.(lab, 0); // the gauge of timers begins anew
  const crypto = said?.engineDetails.crypto ?? null;
  if (peer.lane !== undefined && crypto !== peer.lane) throw new Error(`${peer.name}: packets are encrypted by ${crypto}`);
  const tcp1 = await loaded(lab, to, seconds);
  const timerLateMs = peer.status?.(lab, 0)?.timerLateMs ?? null;
  const tcp4 = await tcp(lab, to, 4, seconds);
  const residentMb = lab.residentMb();
  const small = await smallPackets(lab, to, seconds);
  const { mbit, nsPerByte, loadedMs } = tcp1;
  const speeds = { tcp1Mbit: mbit, nsPerByte, tcp4Mbit: tcp4.mbit };
  const pings = { idleMs: idle, loadedMs, timerLateMs };
  const memory = { idleMb, residentMb, residentAfterUdpMb: lab.residentMb() };
  return { crypto, ...speeds, ...pings, ...small, ...memory };
}

async function chain(lab, to, seconds) {
  const idle = ping(lab, to, 0.01, 200);
  const { mbit, nsPerByte, cpu, bytes } = await tcp(lab, to, 1, seconds);
  return { tcp1Mbit: mbit, nsPerByte, middleNsPerByte: (cpu[1] * 1e9) / bytes, idleMs: idle };
}

async function answers(lab, to, name) {
  for (const end = Date.now() + READY_SECONDS * 1000; Date.now() < end; await sleep(100)) {
    try {
      lab.in(0, ['ping', '-c1', '-W1', to]);
      return;
    } catch {
      // Not yet.
    }
  }
  throw new Error(`${name}: the last node does not answer within ${READY_SECONDS} s`);
}

/** Round trips in ms: median and p99 of `count` pings. */
export function ping(lab, to, intervalSeconds, count) {
  return roundTrips(lab.in(0, ['ping', '-i', String(intervalSeconds), '-c', String(count), '-W', '1', to]));
}

function roundTrips(output) {
  const times = [...output.matchAll(/time=([\d.]+)/g)].map((match) => Number(match[1])).sort((a, b) => a - b);
  const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? null;
  return { p50: at(0.5), p99: at(0.99), lost: Number(/([\d.]+)% packet loss/.exec(output)?.[1] ?? 100) };
}

/** One iperf3 run from the first node to the last; its JSON, and the CPU seconds of the daemons meanwhile. */
async function iperf(lab, to, args, meanwhile = () => null) {
  const server = lab.spawn(lab.count - 1, ['iperf3', '-s', '-1']);
  await sleep(300);
  const before = lab.cpuSeconds();
  const client = lab.spawn(0, ['iperf3', '-J', '-c', to, ...args]);
  const other = meanwhile();
  const output = await text(client);
  const cpu = lab.cpuSeconds().map((after, node) => after - before[node]);
  server.kill();
  const report = JSON.parse(output);
  if (report.error !== undefined) throw new Error(`iperf3: ${report.error}`);
  return { end: report.end, cpu, other: await other };
}

export async function tcp(lab, to, streams, seconds, meanwhile) {
  const args = ['-P', String(streams), '-C', 'cubic', '-t', String(seconds)];
  const { end, cpu, other } = await iperf(lab, to, args, meanwhile);
  const { bytes, bits_per_second: bits } = end.sum_received;
  const spent = cpu.reduce((sum, one) => sum + one, 0);
  return { mbit: bits / 1e6, nsPerByte: (spent * 1e9) / bytes, bytes, cpu, other };
}

/** One stream at full rate with pings beside it. */
async function loaded(lab, to, seconds) {
  const count = Math.max(10, Math.floor((seconds - 0.5) / 0.02));
  const result = await tcp(lab, to, 1, seconds, () =>
    text(lab.spawn(0, ['ping', '-i', '0.02', '-c', String(count), '-W', '1', to])),
  );
  return { ...result, loadedMs: roundTrips(result.other) };
}

/** UDP datagrams of 64 bytes as fast as the sender can; counted are those that came out of the tunnel. */
async function smallPackets(lab, to, seconds) {
  const before = arrived(lab);
  const { cpu } = await iperf(lab, to, ['-u', '-b', '0', '-l', '64', '-t', String(seconds)]);
  const packets = Math.max(...arrived(lab).map((count, family) => count - before[family]));
  const spent = cpu.reduce((sum, one) => sum + one, 0);
  return { packetsPerSecond: packets / seconds, nsPerPacket: (spent * 1e9) / packets };
}

/** UDP datagrams that reached the last node's sockets, read or dropped there: IPv4, IPv6. */
function arrived(lab) {
  const text = lab.in(lab.count - 1, ['cat', '/proc/net/snmp', '/proc/net/snmp6']);
  const [names, values] = text.split('\n').filter((line) => line.startsWith('Udp:')).map((line) => line.split(' '));
  const four = (name) => Number(values[names.indexOf(name)]);
  const six = (name) => Number(new RegExp(`${name}\\s+(\\d+)`).exec(text)?.[1] ?? 0);
  return [four('InDatagrams') + four('RcvbufErrors'), six('Udp6InDatagrams') + six('Udp6RcvbufErrors')];
}

function text(child) {
  return new Promise((done, failed) => {
    let output = '';
    child.stdout.on('data', (data) => {
      output += data;
    });
    child.on('error', failed);
    child.on('close', () => done(output));
  });
}

/** One stream for `minutes`, the resident memory of the daemons every ten seconds. */
export async function soak(peer, minutes) {
  return onRow(2, peer, async (lab, to) => {
    const samples = [];
    const timer = setInterval(() => samples.push(Math.round(lab.residentMb() * 10) / 10), 10_000);
    const { mbit } = await tcp(lab, to, 1, minutes * 60).finally(() => clearInterval(timer));
    const half = samples.slice(Math.floor(samples.length / 2));
    return { minutes, mbit, samplesMb: samples, growthMb: Math.max(...half) - Math.max(...samples.slice(0, half.length)) };
  });
}

/** Whether the programs are there and namespaces can be made; otherwise what is missing, as a sentence. */
export function missing() {
  if (process.getuid() !== 0) return 'needs root: sudo ./scripts/bench';
  for (const program of ['ip', 'iperf3', 'ping', 'sysctl']) {
    try {
      run(['sh', '-c', `command -v ${program}`]);
    } catch {
      return `${program} is not installed`;
    }
  }
  return null;
}

// Where the nanoseconds of one TCP stream go: samples of the daemons' stacks (perf), sorted by what the processor was doing;
// for a sender, a receiver and a relay between them. See the head of scripts/profile.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { onRow, tcp } from './measure.mjs';
import { fcmesh } from './peers/fcmesh.mjs';
import { run, sleep } from './lab.mjs';
import { table } from './tables.mjs';

const SAMPLES_PER_SECOND = 4000;

/**
 * What a sample is: the first that fits. `leaf` is where the processor was, `stack` the names of all that were waiting for
 * it, the kernel's included.
 */
const AREAS = [
  ['boxes: Salsa20 and Poly1305', ({ leaf, object }) => /fcmesh\.node/.test(object) && /^(xor_|hash_|poly1305|seal_lanes|open_lanes)/.test(leaf)],
  ['boxes: keys of each packet', ({ leaf, object }) => /fcmesh\.node/.test(object) && /^(derive_|hsalsa)/.test(leaf)],
  ['boxes: few packets, libsodium', ({ object }) => /libsodium/.test(object)],
  ['checksums', ({ leaf }) => /^(checksum_|has_right_checksum)/.test(leaf)],
  ['copies', ({ leaf }) => /copy_(from|to)_|copy_page|memcpy|memmove|memset|_copy_/.test(leaf)],
  ['kernel: TUN device', ({ isKernel, stack }) => isKernel && /\btun_/.test(stack)],
  ['kernel: UDP and below', ({ isKernel, stack }) => isKernel && /\b(udp|udpv6|inet6?_sendmsg|__sys_sendm|__sys_recvm|do_recvmmsg)/.test(stack)],
  ['kernel: the rest', ({ isKernel }) => isKernel],
  ['native: gather, split, join, send', ({ object }) => /fcmesh\.node/.test(object)],
  ['JavaScript, compiled', ({ leaf }) => /^JS:[*+]/.test(leaf)],
  ['JavaScript, not compiled', ({ leaf }) => /^JS:|^Builtins_/.test(leaf)],
  ['Node.js and libraries', () => true],
];

/** The areas of the samples of one process, as shares of 1. */
function sharesOf(script) {
  const counts = new Map(AREAS.map(([name]) => [name, 0]));
  let samples = 0;
  for (const block of script.split('\n\n')) {
    const frames = [...block.matchAll(/^\s+[0-9a-f]+ (.*) \((.*)\)$/gm)].map(([, name, object]) => ({ name, object }));
    if (frames.length === 0) continue;
    const [first] = frames;
    const sample = {
      leaf: first.name.replace(/\+0x[0-9a-f]+$/, ''),
      object: first.object,
      isKernel: /kernel|\.ko/.test(first.object),
      stack: frames.map(({ name }) => name).join(' '),
    };
    const [name] = AREAS.find(([, fits]) => fits(sample));
    counts.set(name, counts.get(name) + 1);
    samples++;
  }
  return { samples, shares: new Map([...counts].map(([name, count]) => [name, count / Math.max(1, samples)])) };
}

/** One stream over a row of nodes; ns a byte of each node and area. */
async function profiled(root, count, seconds) {
  const peer = fcmesh(join(root, 'dist/cli/main.js'), { nodeOptions: ['--perf-basic-prof'] });
  return onRow(count, peer, async (lab, to) => {
    const record = (node) => {
      const to = join(lab.folder, `perf${node}`);
      const args = ['record', '-q', '-e', 'cpu-clock', '-F', String(SAMPLES_PER_SECOND), '-g', '-o', to, '-p', String(lab.daemons[node].pid)];
      const child = spawn('perf', [...args, '--', 'sleep', String(seconds)], { stdio: 'ignore' });
      return new Promise((done, failed) => {
        child.on('error', failed);
        child.on('exit', () => done(to));
      });
    };
    const during = async () => {
      await sleep(1000); // windows have grown by then
      return Promise.all(lab.daemons.map((_, node) => record(node)));
    };
    const { bytes, cpu, mbit, other: files } = await tcp(lab, to, 1, seconds + 2, during);
    const nodes = files.map((file, node) => {
      const script = run(['perf', 'script', '-i', file, '-F', 'ip,sym,dso'], { maxBuffer: 1 << 30 });
      return { nsPerByte: (cpu[node] * 1e9) / bytes, ...sharesOf(script) };
    });
    return { mbit, nodes };
  });
}

const [root, seconds = '5'] = process.argv.slice(2);
const two = await profiled(root, 2, Number(seconds));
const chain = await profiled(root, 3, Number(seconds));
const columns = [
  ['sender', two.nodes[0]],
  ['receiver', two.nodes[1]],
  ['relay', chain.nodes[1]],
];
const cell = (value) => value.toFixed(2);
const rows = AREAS.map(([name]) => [name, ...columns.map(([, node]) => cell(node.shares.get(name) * node.nsPerByte))]);
rows.push(['all', ...columns.map(([, node]) => cell(node.nsPerByte))]);
rows.push(['samples', ...columns.map(([, node]) => String(node.samples))]);
console.log(`CPU time, ns a byte delivered; ${two.mbit.toFixed(0)} Mbit/s between two nodes, ${chain.mbit.toFixed(0)} over a relay\n`);
console.log(table(['', ...columns.map(([name]) => name)], rows));

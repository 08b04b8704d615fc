// Network namespaces in a row for the benchmark: neighbours joined by veth pairs, daemons in them, and what they cost.
// Everything is taken away again by `close`, whatever happened before.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const TICKS_PER_SECOND = 100; // USER_HZ of every Linux that Node runs on

/** Waits. */
export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** Runs a command to its end; its output, or an Error that holds the end of it. */
export function run(command, options = {}) {
  try {
    return execFileSync(command[0], command.slice(1), { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], ...options });
  } catch (error) {
    throw new Error(`${command.join(' ')}: ${`${error.stdout ?? ''}${error.stderr ?? ''}`.slice(-400) || error.message}`);
  }
}

let made = 0;
const open = new Set();

/** Takes away what is left of all laboratories: for whoever ends the benchmark in the middle. */
export function closeAll() {
  for (const lab of [...open]) lab.close();
}

/** A row of nodes; node i's cable to node i+1 has 10.77.i.1 at its left end and 10.77.i.2 at its right one. */
export class Lab {
  constructor(count) {
    this.count = count;
    this.folder = mkdtempSync(join(tmpdir(), 'fcmesh-bench-'));
    this.names = Array.from({ length: count }, (_, node) => `fcb${process.pid}x${made}n${node}`);
    made++;
    this.daemons = [];
    this.others = new Set();
    this.created = [];
    open.add(this);
    try {
      for (const name of this.names) this.#namespace(name);
      for (let left = 0; left + 1 < count; left++) this.#cable(left);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  #namespace(name) {
    run(['ip', 'netns', 'add', name]);
    this.created.push(name);
    run(['ip', '-n', name, 'link', 'set', 'lo', 'up']);
    const settings = ['net.ipv6.conf.all.disable_ipv6=0', 'net.ipv6.conf.default.disable_ipv6=0'];
    settings.push('net.ipv6.conf.default.accept_dad=0', 'net.ipv4.ip_forward=0');
    run(['ip', 'netns', 'exec', name, 'sysctl', '-qw', ...settings]);
  }

  #cable(left) {
    const [a, b] = [this.names[left], this.names[left + 1]];
    run(['ip', 'link', 'add', `r${left}`, 'netns', a, 'type', 'veth', 'peer', 'name', `l${left + 1}`, 'netns', b]);
    run(['ip', '-n', a, 'address', 'add', `10.77.${left}.1/30`, 'dev', `r${left}`]);
    run(['ip', '-n', b, 'address', 'add', `10.77.${left}.2/30`, 'dev', `l${left + 1}`]);
    run(['ip', '-n', a, 'link', 'set', `r${left}`, 'up']);
    run(['ip', '-n', b, 'link', 'set', `l${left + 1}`, 'up']);
  }

  /** The underlay address of `node` on its cable to the `right` or `left`; null where there is none. */
  underlay(node, side) {
    if (side === 'right') return node + 1 < this.count ? `10.77.${node}.1` : null;
    return node > 0 ? `10.77.${node - 1}.2` : null;
  }

  /** A file of this laboratory that only root reads; its path. */
  file(name, text) {
    const path = join(this.folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  }

  /** Runs a command in the namespace of `node`. */
  in(node, command, options) {
    return run(['ip', 'netns', 'exec', this.names[node], ...command], options);
  }

  /** Starts something in the namespace of `node`. */
  spawn(node, command, options = {}) {
    const child = spawn('ip', ['netns', 'exec', this.names[node], ...command], {
      stdio: ['ignore', 'pipe', 'ignore'],
      cwd: this.folder,
      ...options,
    });
    this.others.add(child);
    child.on('exit', () => this.others.delete(child));
    return child;
  }

  /** Starts the daemon of `node`: its costs are counted. */
  daemon(node, command, env = {}) {
    const child = this.spawn(node, command, { stdio: 'ignore', env: { ...process.env, ...env } });
    this.daemons[node] = child;
  }

  /** CPU time of each daemon since its start, seconds: user and system, of all its threads. */
  cpuSeconds() {
    return this.daemons.map(({ pid }) => {
      const fields = afterName(readFileSync(`/proc/${pid}/stat`, 'utf8'));
      return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
    });
  }

  /** The same of one daemon to the nanosecond, for one that has little to do; threads that ended are not in it. */
  fineCpuSeconds(node) {
    const tasks = `/proc/${this.daemons[node].pid}/task`;
    return readdirSync(tasks).reduce((sum, task) => sum + ranNs(join(tasks, task, 'schedstat')) / 1e9, 0);
  }

  /** Resident memory of the daemon of `node`, KiB. */
  residentKib(node) {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${this.daemons[node].pid}/status`, 'utf8'))?.[1]);
  }

  /** Resident memory of the largest daemon, MB. */
  residentMb() {
    return Math.max(...this.daemons.map((_, node) => this.residentKib(node))) / 1024;
  }

  /** Frames that crossed a device, in and out. */
  frames(node, device) {
    const [{ stats64 }] = JSON.parse(this.in(node, ['ip', '-j', '-s', 'link', 'show', 'dev', device]));
    return stats64.rx.packets + stats64.tx.packets;
  }

  /** Ends all that was started here, and takes the namespaces away. */
  close() {
    open.delete(this);
    for (const child of this.others) child.kill('SIGKILL');
    for (const name of this.created) {
      for (const pid of run(['ip', 'netns', 'pids', name]).split('\n').filter(Boolean)) kill(Number(pid));
      run(['ip', 'netns', 'del', name]);
    }
    this.created = [];
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended in the meantime.
  }
}

/** Time that a thread had a core; 0 if it has just ended. */
function ranNs(file) {
  try {
    return Number(readFileSync(file, 'utf8').split(' ')[0]);
  } catch {
    return 0;
  }
}

/** The fields of /proc/PID/stat behind the name, which may hold spaces. */
function afterName(stat) {
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

// The daemon whose growth is measured, and the processes around it: the hub in one namespace, all others in another, with
// one cable between them.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Lab, run, sleep } from '../lab.mjs';
import { PORT } from '../peers/common.mjs';
import { fcmeshConfig } from '../peers/fcmesh.mjs';

const [HUB, OTHERS] = [0, 1];
/** Device of the cable on the side of the hub. */
const CABLE = 'r0';
/** One login lets in half of all links at most. */
const LOGINS = 3;
const READY_SECONDS = 60;
/** Asking takes a process of its own, which is not to be most of what this machine does. */
const ASK_MS = 2000;

/**
 * A daemon of this checkout, and one process with many nodes that knows how to reach it.
 * @param ours the fcmesh of peers.mjs @param program of scripts/lib/bench/scale that is started with ROOT and a JSON
 */
export class Hub {
  constructor(root, main, ours, program, more = {}) {
    this.ours = ours;
    this.lab = new Lab(2);
    try {
      const key = JSON.parse(run([process.execPath, main, 'keygen', '--json']));
      const logins = Array.from({ length: LOGINS }, (_, i) => ({ login: `bench${i}`, password: randomBytes(16).toString('hex') }));
      const config = fcmeshConfig({ privateKey: key.privateKey, accept: logins });
      this.lab.daemon(HUB, [process.execPath, main, 'up', '--config', this.lab.file('hub.yaml', config)], { FCMESH_DEBUG: '' });
      this.address = key.address;
      const hub = { host: this.lab.underlay(HUB, 'right'), port: PORT, key: key.key, address: key.address };
      const command = [process.execPath, join(root, 'scripts/lib/bench/scale', program), root, JSON.stringify({ hub, logins, ...more })];
      this.others = this.lab.spawn(OTHERS, command, { stdio: ['pipe', 'pipe', 'inherit'] });
    } catch (error) {
      this.lab.close();
      throw error;
    }
  }

  /** Gives the other process an order. */
  order(line) {
    this.others.stdin.write(`${line}\n`);
  }

  status() {
    return this.ours.status(this.lab, HUB);
  }

  /** Waits until the hub's status is as wanted. @returns the last one seen, null when the daemon never answered */
  async until(holds, seconds = READY_SECONDS) {
    let last = null;
    for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(ASK_MS)) {
      try {
        last = this.status();
        if (holds(last)) return last;
      } catch {
        // It does not answer yet.
      }
    }
    return last;
  }

  /** Waits until there are so many, as long as there are more and more. @returns how many there are */
  async growTo(wanted, countOf, stallSeconds) {
    let most = 0;
    for (;;) {
      const now = countOf((await this.until((status) => countOf(status) > most, stallSeconds)) ?? this.status());
      if (now >= wanted || now <= most) return Math.max(now, 0);
      most = now;
    }
  }

  /**
   * What the hub does in so many seconds: share of a core in percent, and frames a second on its cable, both ways; and the
   * least memory seen, as garbage that is not collected yet is no cost of a link.
   */
  async watch(seconds) {
    const look = () => ({ cpu: this.lab.fineCpuSeconds(HUB), frames: this.lab.frames(HUB, CABLE), atMs: performance.now() });
    const before = look();
    let residentKib = Number.POSITIVE_INFINITY;
    for (let second = 0; second < seconds; second++) {
      await sleep(1000);
      residentKib = Math.min(residentKib, this.residentKib());
    }
    const after = look();
    const passed = (after.atMs - before.atMs) / 1000;
    const cpuPercent = (100 * (after.cpu - before.cpu)) / passed;
    return { cpuPercent, framesPerSecond: (after.frames - before.frames) / passed, residentKib };
  }

  residentKib() {
    return this.lab.residentKib(HUB);
  }

  close() {
    this.lab.close();
  }
}

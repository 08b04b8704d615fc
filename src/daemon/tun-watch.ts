/**
 * Is the network device still there, up, and does it have our address? Somebody may take it down, or away, while the daemon
 * runs; without rights it cannot put it back itself. What the kernel gives back (the address outlives down and up) is said;
 * what it cannot is said with the command that mends it, and a service manager, if there is one, starts us again.
 */
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import type { Logger } from '../base/index.ts';
import { formatIp6, parseIp6 } from '../crypto/index.ts';
import { MESH_PREFIX_LENGTH, TUN_LOOK_MS } from './limits.ts';

/** What is wrong with the device. */
export type TunProblem = {
  readonly what: 'gone' | 'address missing' | 'down' | 'mtu changed';
  /** A sentence, with the command that mends it. */
  readonly text: string;
};

/** What is expected of it; the address as `formatIp6` writes it. */
export type WatchedTun = { readonly name: string; readonly address: string; readonly mtu: number };

/** The device as it is. */
export type SeenTun = {
  /** Is there a device of that name? */
  readonly isThere: boolean;
  /** Addresses that the kernel keeps for it, as `formatIp6` writes them. */
  readonly addresses: readonly string[];
  /** Is it up, and do programs reach its addresses? */
  readonly isUp: boolean;
  /** null: cannot be known here. */
  readonly mtu: number | null;
};

/** Compares; null if all is well. */
export function tunProblem({ name, address, mtu }: WatchedTun, seen: SeenTun): TunProblem | null {
  if (!seen.isThere) {
    return { what: 'gone', text: `somebody removed the network device ${name}: the daemon has to be started again` };
  }
  if (!seen.addresses.includes(address)) {
    const command = `sudo ip addr add ${address}/${MESH_PREFIX_LENGTH} dev ${name} nodad`;
    return { what: 'address missing', text: `the network device ${name} has lost its address: ${command}` };
  }
  if (!seen.isUp) {
    const text = `the network device ${name} is down, no program reaches the mesh: sudo ip link set ${name} up`;
    return { what: 'down', text };
  }
  if (seen.mtu !== null && seen.mtu !== mtu) {
    const text = `${name} takes packets of ${seen.mtu} bytes instead of ${mtu}: sudo ip link set ${name} mtu ${mtu}`;
    return { what: 'mtu changed', text };
  }
  return null;
}

/** Looks every two seconds, and tells the log when something changes. */
export class TunWatch {
  readonly #tun: WatchedTun;
  readonly #log: Logger;
  readonly #onLost: (problem: TunProblem) => void;
  readonly #timer: NodeJS.Timeout;
  #problem: TunProblem | null = null;

  /** @param onLost called for each new problem, after it was logged */
  constructor(tun: WatchedTun, log: Logger, onLost: (problem: TunProblem) => void) {
    this.#tun = tun;
    this.#log = log;
    this.#onLost = onLost;
    this.#timer = setInterval(() => this.#look(), TUN_LOOK_MS);
  }

  /** What is wrong at the moment; null: nothing. */
  get problem(): TunProblem | null {
    return this.#problem;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const before = this.#problem?.text;
    this.#problem = tunProblem(this.#tun, lookAt(this.#tun.name));
    if (this.#problem?.text === before) return;
    if (this.#problem === null) {
      this.#log.info('tun.back', { device: this.#tun.name });
      return;
    }
    this.#log.error('tun.lost', { device: this.#tun.name, reason: this.#problem.text });
    this.#onLost(this.#problem);
  }
}

/** Looks at a device of this machine; needs no rights. */
export function lookAt(name: string): SeenTun {
  const [mtu = ''] = linesOf(`/sys/class/net/${name}/mtu`);
  return {
    isThere: linesOf('/proc/net/dev').some((line) => line.trimStart().startsWith(`${name}:`)),
    addresses: linesOf('/proc/net/if_inet6').flatMap((line) => {
      const [digits = '', ...rest] = line.split(/ +/);
      return rest.at(-1) === name ? [digits.replace(/(.{4})(?=.)/g, '$1:')] : [];
    }),
    // Node.js lists what is up and has a carrier, and nothing else.
    isUp: (networkInterfaces()[name] ?? []).some(({ address }) => isSixOf(address)),
    mtu: /^\d+$/.test(mtu) ? Number(mtu) : null,
  };
}

function isSixOf(text: string): boolean {
  const parsed = parseIp6(text);
  return parsed !== null && formatIp6(parsed).startsWith('fc');
}

function linesOf(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8').split('\n');
  } catch {
    return []; // not mounted, or no such device: both mean that nothing is known
  }
}

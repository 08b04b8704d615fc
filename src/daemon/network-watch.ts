/**
 * Watches the network below: devices that come and go, addresses, the way out. A change is told a quarter of a second later, so
 * that what belongs together is told once; a storm of changes costs a twentieth of the time at most.
 */
import type { Clock, Logger, Timer } from '../base/index.ts';
import type { NetworkSource } from '../packet/index.ts';
import type { NetworkDevice } from '../underlay/index.ts';
import { NETWORK_PATIENCE_MS, NETWORK_REST } from './limits.ts';

/** What is watched, and who is told. */
export type NetworkWatchOptions = {
  readonly source: NetworkSource;
  readonly clock: Clock;
  readonly log: Logger;
  /** Our own TUN device, which is no part of the network below; null without one. */
  readonly own: string | null;
  readonly onChange: (devices: readonly NetworkDevice[]) => void;
};

/** Begins to watch when it is made. */
export class NetworkWatch {
  readonly #options: NetworkWatchOptions;
  #devices: readonly NetworkDevice[] = [];
  #timer: Timer | null = null;
  #tookMs = 0;
  #isOtherWayOut = false;
  #isOpen = true;

  constructor(options: NetworkWatchOptions) {
    this.#options = options;
    this.#devices = this.#read();
    try {
      options.source.watch((what) => this.#plan(what));
    } catch (error) {
      // A machine that tells nobody of changes: what was there at the start is used, and timers do the rest.
      options.log.warn('network.unwatched', { reason: reasonOf(error) });
    }
  }

  /** The devices as they were last seen, our own left out. */
  get devices(): readonly NetworkDevice[] {
    return this.#devices;
  }

  close(): void {
    this.#isOpen = false;
    this.#timer?.cancel();
  }

  #plan(what: 'devices' | 'way out'): void {
    this.#isOtherWayOut ||= what === 'way out';
    if (this.#timer !== null || !this.#isOpen) return;
    const waitMs = Math.max(NETWORK_PATIENCE_MS, NETWORK_REST * this.#tookMs);
    this.#timer = this.#options.clock.after(waitMs, () => this.#look());
  }

  #look(): void {
    const { clock, log, onChange } = this.#options;
    const beganMs = clock.nowMs();
    const isOtherWayOut = this.#isOtherWayOut;
    this.#timer = null;
    this.#isOtherWayOut = false;
    const before = this.#devices;
    const devices = this.#read();
    this.#devices = devices;
    const changed = differences(before, devices);
    if (changed !== '' || isOtherWayOut) {
      log.info('network.changed', { devices: changed === '' ? 'way out' : changed });
      onChange(devices);
    }
    this.#tookMs = clock.nowMs() - beganMs;
  }

  /** Where the kernel does not say, all is as it was: the next change asks again. */
  #read(): readonly NetworkDevice[] {
    const { source, own, log } = this.#options;
    try {
      return source.devices().filter(({ name }) => name !== own);
    } catch (error) {
      log.warn('network.unread', { reason: reasonOf(error) });
      return this.#devices;
    }
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** `+eth1 -usb0 eth0` : came, went, changed. */
function differences(before: readonly NetworkDevice[], now: readonly NetworkDevice[]): string {
  const old = new Map(before.map((device) => [device.name, device]));
  const present = new Set(now.map(({ name }) => name));
  const here = now.flatMap((device) => {
    const was = old.get(device.name);
    if (was === undefined) return [`+${device.name}`];
    return JSON.stringify(was) === JSON.stringify(device) ? [] : [device.name];
  });
  return [...here, ...before.filter(({ name }) => !present.has(name)).map(({ name }) => `-${name}`)].join(' ');
}

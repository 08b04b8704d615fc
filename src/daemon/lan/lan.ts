/** Discovery in the local network as the configuration has it: begun, begun anew when that changes, ended. */
import type { LanStatus } from '../../admin/index.ts';
import type { Config } from '../../config/index.ts';
import { LAN_LOGIN } from '../../lan/index.ts';
import type { NodeControl } from '../../node/index.ts';
import type { NetworkDevice } from '../../underlay/index.ts';
import { type Discovery, type DiscoveryOptions, startDiscovery } from './discovery.ts';

/** What it works with; `devices` are those of the machine now. */
export type LanOptions = Omit<DiscoveryOptions, 'lan' | 'node'> & {
  readonly node: DiscoveryOptions['node'] & Pick<NodeControl, 'removeUser' | 'removePeer' | 'peers'>;
  readonly devices: () => readonly NetworkDevice[];
};

/** The neighbourhood of one daemon. */
export class Lan {
  readonly #options: LanOptions;
  #discovery: Discovery | null = null;

  constructor(options: LanOptions) {
    this.#options = options;
  }

  /** Does what the configuration says from now on. */
  use(lan: Config['lan']): void {
    this.#end();
    if (lan.beacon === 'off') return this.#leave();
    this.#discovery = startDiscovery({ ...this.#options, lan }, this.#options.devices());
  }

  /** The devices of the machine are these now. */
  update(devices: readonly NetworkDevice[]): void {
    this.#discovery?.update(devices);
  }

  /** For `status`. */
  status(): LanStatus {
    const nowMs = this.#options.clock.nowMs();
    return {
      devices: (this.#discovery?.devices() ?? []).map(({ name, reason }) => ({ name, reason })),
      heard: (this.#discovery?.heard() ?? []).map(({ lastMs, ...one }) => ({ ...one, agoMs: nowMs - lastMs })),
    };
  }

  warnings(): readonly string[] {
    return this.#discovery?.warnings() ?? [];
  }

  close(): void {
    this.#end();
  }

  #end(): void {
    if (this.#discovery === null) return;
    this.#discovery.close();
    this.#discovery = null;
    this.#options.node.removeUser(LAN_LOGIN);
  }

  /** Whoever was found so is not wanted any more. */
  #leave(): void {
    const { node } = this.#options;
    for (const { direction, key, endpoint } of node.peers()) if (direction === 'lan') node.removePeer(key, endpoint);
  }
}

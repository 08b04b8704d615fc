/** What the operating system says of its network: by rtnetlink where the addon is there, by what Node.js knows elsewhere. */
import { networkInterfaces } from 'node:os';
import type { NetworkSource } from '../packet/index.ts';
import type { NetworkDevice } from '../underlay/index.ts';
import { NETWORK_LOOK_MS } from './limits.ts';
import { type Addon, NETWORK_SOURCE } from './native-addon.ts';
import { changedBy, parseDevices } from './rtnetlink.ts';

/** Watches by an event of the kernel; a storm of them costs one look each time that somebody asks. */
export function createNativeNetwork(addon: Addon, engine: number, isOpen: () => boolean): NetworkSource {
  let isWatched = false;
  const drain = (): ReturnType<typeof changedBy> => {
    let found: ReturnType<typeof changedBy> = null;
    for (;;) {
      const messages = addon.networkChanges(engine);
      if (messages !== null && messages.length === 0) return found;
      // What was lost may have been anything.
      const what = messages === null ? 'way out' : changedBy(messages);
      found = found === 'way out' ? found : (what ?? found);
    }
  };
  return {
    devices: () => {
      if (!isOpen()) return [];
      if (isWatched) {
        drain();
        addon.pause(engine, NETWORK_SOURCE, false);
      }
      return parseDevices(addon.dumpNetwork(0), addon.dumpNetwork(1));
    },
    watch: (onChange) => {
      addon.openNetwork(engine);
      isWatched = true;
      addon.watch(engine, NETWORK_SOURCE, () => {
        const what = drain();
        if (what === null) return;
        addon.pause(engine, NETWORK_SOURCE, true);
        onChange(what);
      });
    },
  };
}

/** Looks now and then. What a device is made of cannot be known. */
export const portableNetwork: NetworkSource = {
  devices: () =>
    Object.entries(networkInterfaces()).map(([name, addresses], at) => deviceOf(name, addresses ?? [], at)),
  watch: (onChange) => {
    let before = JSON.stringify(networkInterfaces());
    const timer = setInterval(() => {
      const now = JSON.stringify(networkInterfaces());
      if (now === before) return;
      before = now;
      onChange('devices');
    }, NETWORK_LOOK_MS);
    timer.unref();
  },
};

type Address = NonNullable<ReturnType<typeof networkInterfaces>[string]>[number];

/** Node.js names only devices that are up and have an address. */
function deviceOf(name: string, addresses: readonly Address[], at: number): NetworkDevice {
  const [first] = addresses;
  return {
    index: addresses.find(({ scopeid }) => scopeid !== undefined && scopeid > 0)?.scopeid ?? -1 - at,
    name,
    link: first?.internal === true ? 'loopback' : first?.mac === '00:00:00:00:00:00' ? 'none' : 'ethernet',
    kind: null,
    mac: first?.mac ?? null,
    mtuBytes: 0,
    isUp: true,
    hasCarrier: true,
    master: null,
    addresses: addresses.map(({ address, cidr }) => ({
      host: address,
      prefixLength: Number(cidr?.split('/')[1] ?? (address.includes(':') ? 128 : 32)),
    })),
  };
}

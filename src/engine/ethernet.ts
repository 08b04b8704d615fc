/** Raw Ethernet over the addon. */
import type { BeaconPort, Ethernet } from '../packet/index.ts';
import { BEACON_BUFFER_BYTES, MAX_DEVICES } from './limits.ts';
import { BEACON_SOURCE, type NativeEthernet, type NativeVectors } from './native-addon.ts';
import { ethernetError, mapped } from './native-errors.ts';

/** What the kernel may hold for the socket of packets, in bytes. */
type Buffers = { readonly receiveBufferBytes: number; readonly sendBufferBytes: number };

/** @param engine number of the engine @param isOpen whether it is */
export function createNativeEthernet(
  addon: NativeEthernet & Pick<NativeVectors, 'watch'>,
  engine: number,
  { receiveBufferBytes, sendBufferBytes }: Buffers,
  isOpen: () => boolean,
): Ethernet {
  let socket: number | null = null;
  const port: BeaconPort = {
    send: (deviceIndex, content) => isOpen() && addon.sendBeacon(engine, deviceIndex, content),
    receive: () => (isOpen() ? addon.receiveBeacons(engine) : []),
    watch: (onReadable) => addon.watch(engine, BEACON_SOURCE, onReadable),
  };
  return {
    open: async () => {
      socket ??= mapped(() => addon.openEthernet(engine, receiveBufferBytes, sendBufferBytes), ethernetError);
      return socket;
    },
    welcome: (devices) => {
      if (isOpen()) addon.welcomeDevices(engine, devices.slice(0, MAX_DEVICES));
    },
    openBeacons: async () => {
      mapped(() => addon.openBeacons(engine, BEACON_BUFFER_BYTES), ethernetError);
      return port;
    },
  };
}

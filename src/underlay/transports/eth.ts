/** Raw Ethernet, by the device: `eth://eth0`. In the schema, but not built yet. Source: protocol 04 §9. */
import { isDeviceName } from '../ip.ts';
import type { Transport } from './transport.ts';

/** A device of this machine. */
export type EthEndpoint = { readonly transport: 'eth'; readonly device: string };

export const eth: Transport<EthEndpoint> = {
  scheme: 'eth',
  notBuilt: 'raw Ethernet (eth://) is not built yet',
  parse: (rest) => (isDeviceName(rest) ? { transport: 'eth', device: rest } : null),
  format: ({ device }) => device,
  hostPortOf: () => null,
  checkListen: () => null,
  checkPeer: () => null,
  explain: () => null,
};

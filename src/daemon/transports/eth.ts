/**
 * Raw Ethernet: one socket for all devices, opened before the privileges are given up. Who dials us is let in by the devices of
 * `listen`, and by those where neighbours are looked for; whom we dial is heard anywhere.
 */
import { MeshError } from '../../base/index.ts';
import type { Engine } from '../../packet/index.ts';
import { type Endpoint, formatEndpoint } from '../../underlay/index.ts';
import type { OpenSocket, SocketTransport } from './transport.ts';

type EthEndpoint = Endpoint & { readonly transport: 'eth' };

const SCHEME = 'eth';

/** What others than `listen` and `dial` do with it. */
export type EthControl = {
  /** Opens the socket, if it is not yet. @throws MeshError ERR_PERMISSION, ERR_UNSUPPORTED */
  readonly open: () => Promise<number>;
  /** Devices besides those of `listen` by which strangers may come, instead of those that were named here before. */
  readonly welcome: (devices: readonly string[]) => void;
};

/** Ethernet without a socket yet. @param use told of the socket when it is opened */
export function createEth(
  { ethernet }: Pick<Engine, 'ethernet'>,
  use: (socket: number, transport: string) => void,
): SocketTransport<EthEndpoint> & EthControl {
  const all: OpenSocket[] = [];
  const listening = new Set<string>();
  let neighbours: readonly string[] = [];

  const open = async (): Promise<number> => {
    if (ethernet === null)
      throw new MeshError(
        'ERR_UNSUPPORTED',
        'raw Ethernet (eth://) needs the native engine',
        'Build it with scripts/build-native, or use udp://.',
      );
    const number = await ethernet.open();
    if (all.length === 0) {
      use(number, SCHEME);
      all.push({ number, name: 'all devices', host: '', family: null });
    }
    return number;
  };
  const welcome = (): void => ethernet?.welcome([...new Set([...listening, ...neighbours])]);

  return {
    scheme: SCHEME,
    open,
    welcome: (devices) => {
      neighbours = devices;
      welcome();
    },
    listen: async (at) => {
      await open();
      listening.add(at.device);
      welcome();
      return at;
    },
    dial: async () => {
      try {
        return await open();
      } catch (error) {
        if (error instanceof MeshError) return null;
        throw error;
      }
    },
    hasName: () => false,
    resolve: async (at) => [at],
    whyNot: () => null,
    networkChanged: () => undefined,
    network: (at) =>
      `raw Ethernet for ${formatEndpoint(at)}: it is opened at the start only, as root or with CAP_NET_RAW`,
    all: () => all,
  };
}

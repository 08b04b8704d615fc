/** The sockets of the daemon, of all transports that it can open: a new one is a file in `transports/` and a line here. */
import { MeshError } from '../base/index.ts';
import type { Engine } from '../packet/index.ts';
import { type Endpoint, formatEndpoint } from '../underlay/index.ts';
import { createEth, type EthControl } from './transports/eth.ts';
import type { OpenSocket, SocketTransport } from './transports/transport.ts';
import { createUdp, type UdpQuestions } from './transports/udp.ts';

/** All sockets of the daemon; each endpoint is dealt with by its own transport. */
export type Sockets = Omit<SocketTransport<Endpoint>, 'scheme' | 'listen'> & {
  /** Where we listen, as `formatEndpoint` writes it, with the real ports. */
  readonly listening: readonly string[];
  /** The port a socket is bound to. */
  readonly boundPort: (socket: number) => number;
  /** Listens at one place more. @throws MeshError ERR_PORT_IN_USE, ERR_ADDRESS, ERR_PERMISSION */
  readonly listen: (at: Endpoint) => Promise<void>;
  /** Raw Ethernet, for those who look for neighbours. */
  readonly ethernet: EthControl;
};

/**
 * Opens every endpoint of `listen`.
 * @param use told of every socket that is opened, now and later, and of its transport
 * @throws MeshError ERR_PORT_IN_USE, ERR_ADDRESS, ERR_PERMISSION; what was opened before is closed with the engine
 */
export async function openSockets(
  engine: Pick<Engine, 'openUdp' | 'boundPort' | 'ethernet'>,
  listen: readonly Endpoint[],
  use: (socket: number, transport: string) => void,
  questions?: UdpQuestions,
): Promise<Sockets> {
  const ethernet = createEth(engine, use);
  const transports = [createUdp(engine, use, questions), ethernet] as unknown as readonly SocketTransport<Endpoint>[];
  const listening: string[] = [];

  const of = (at: Endpoint): SocketTransport<Endpoint> => {
    const found = transports.find(({ scheme }) => scheme === at.transport);
    if (found === undefined) throw new MeshError('ERR_ADDRESS', `${at.transport} is not built`);
    return found;
  };
  const begin = async (at: Endpoint): Promise<void> => {
    listening.push(formatEndpoint(await of(at).listen(at)));
  };
  for (const at of listen) await begin(at);
  return {
    listening,
    boundPort: (socket) => engine.boundPort(socket),
    listen: begin,
    ethernet,
    // Async, so that an endpoint that cannot be dialled is a rejection.
    dial: async (at, taken) => of(at).dial(at, taken),
    hasName: (at) => of(at).hasName(at),
    resolve: async (at) => of(at).resolve(at),
    whyNot: (at) => of(at).whyNot(at),
    network: (at) => of(at).network(at),
    networkChanged: () => {
      for (const one of transports) one.networkChanged();
    },
    all: (): readonly OpenSocket[] => transports.flatMap((one) => one.all()),
  };
}

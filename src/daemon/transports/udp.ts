/** UDP sockets: those of `listen`, and one per address family for dialling where none of them reaches a peer. */

import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import type { Engine } from '../../packet/index.ts';
import {
  checkPeerAddress,
  type Endpoint,
  formatHostPort,
  formatPeerAddress,
  isIp4,
  isIp6,
  isLoopback,
} from '../../underlay/index.ts';
import type { OpenSocket, SocketTransport } from './transport.ts';

type UdpEndpoint = Endpoint & { readonly transport: 'udp' };
type Family = NonNullable<OpenSocket['family']>;

const SCHEME = 'udp';
const NONE: ReadonlySet<number> = new Set();

/** What the machine says; replaced in tests. */
export type UdpQuestions = {
  /** The address that this machine sends from to reach another one; null if it cannot. */
  readonly sourceOf: (address: string) => Promise<string | null>;
  /** All addresses of a name; rejects when there is none. */
  readonly lookUp: (name: string) => Promise<readonly string[]>;
};

const MACHINE: UdpQuestions = {
  sourceOf: kernelSource,
  lookUp: async (name) => (await lookup(name, { all: true })).map(({ address }) => address),
};

/** UDP without a socket yet. @param use told of every socket that is opened */
export function createUdp(
  engine: Pick<Engine, 'openUdp' | 'boundPort'>,
  use: (socket: number, transport: string) => void,
  { sourceOf, lookUp }: UdpQuestions = MACHINE,
): SocketTransport<UdpEndpoint> {
  const all: OpenSocket[] = [];
  const withoutFamily = new Set<Family>();

  const open = async (host: string, wanted: number): Promise<OpenSocket> => {
    const number = await engine.openUdp({ host, port: wanted });
    use(number, SCHEME);
    const name = formatHostPort({ host, port: engine.boundPort(number) });
    const socket = { number, name, host, family: familyOf(host) };
    all.push(socket);
    return socket;
  };

  const dial = async ({ host: address }: UdpEndpoint, taken: ReadonlySet<number> = NONE): Promise<number | null> => {
    const family = familyOf(address);
    if (withoutFamily.has(family)) return null;
    const ofFamily = all.filter((socket) => socket.family === family);
    const candidates = ofFamily.filter(({ number }) => !taken.has(number));
    const free = candidates.find(({ host }) => isAny(host));
    if (free !== undefined) return free.number;
    const source = candidates.length === 0 ? null : await sourceOf(address);
    const bound = candidates.find(({ host }) => host === source);
    if (bound !== undefined) return bound.number;
    try {
      return (await open(family === 6 ? '::' : '0.0.0.0', 0)).number;
    } catch {
      // There are as many sockets as there can be: two ways from one of them are better than none.
      const [first] = ofFamily;
      if (first !== undefined) return first.number;
      // No such family here (IPv6 turned off): not a reason to stop, the peer is said to be out of reach.
      withoutFamily.add(family);
      return null;
    }
  };

  return {
    scheme: SCHEME,
    listen: async (at) => {
      const { number } = await open(at.host, at.port);
      return { ...at, port: engine.boundPort(number) };
    },
    dial,
    hasName: ({ host }) => !isNumeric(host),
    resolve: async (at) => (await lookUp(at.host)).map((host) => ({ ...at, host })),
    whyNot: (at) => {
      if (!isNumeric(at.host)) return { message: 'is no address' };
      if (isLoopback(at.host)) return { message: 'is this very machine' };
      return checkPeerAddress(formatPeerAddress(at));
    },
    // A socket whose address went away works again when it is back (Linux): nothing is opened anew.
    networkChanged: () => withoutFamily.clear(),
    network: ({ host }) => `IPv${familyOf(host)}`,
    all: () => all,
  };
}

function isNumeric(host: string): boolean {
  return isIp4(host) || isIp6(host);
}

/** The family of a numeric address. */
function familyOf(host: string): Family {
  return isIp6(host) ? 6 : 4;
}

function isAny(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

/** The kernel says it of a connected socket; nothing is sent. */
function kernelSource(address: string): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = createSocket(familyOf(address) === 6 ? 'udp6' : 'udp4');
    const end = (source: string | null): void => {
      socket.close();
      resolve(source);
    };
    socket.once('error', () => end(null));
    socket.connect(DISCARD_PORT, address, () => end(socket.address().address));
  });
}

/** Any will do: nothing is sent there. */
const DISCARD_PORT = 9;

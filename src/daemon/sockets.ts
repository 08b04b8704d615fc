/** The underlay sockets: those of `listen`, and one per address family for dialling where none of them reaches a peer. */

import { createSocket } from 'node:dgram';
import type { Engine } from '../packet/index.ts';
import { type Endpoint, endpointAt, formatEndpoint, formatHostPort, hostPortOf, isIp6 } from '../underlay/index.ts';

export type Family = 4 | 6;

/** A socket that is open. */
export type OpenSocket = {
  readonly number: number;
  readonly name: string;
  readonly host: string;
  readonly family: Family;
};

/** All sockets of the daemon. */
export type Sockets = {
  /** Where we listen, as `udp://HOST:PORT` with the real ports. */
  readonly listening: readonly string[];
  /**
   * A socket whose packets reach an address: bound to all addresses, or to the one that packets there leave from. If there is
   * none, one is opened. null: this machine has no such family.
   */
  readonly toReach: (address: string) => Promise<number | null>;
  /** Listens at one address more. @throws MeshError ERR_PORT_IN_USE, ERR_ADDRESS, ERR_PERMISSION */
  readonly listen: (at: Endpoint) => Promise<void>;
  /** All sockets, those for dialling too. */
  readonly all: () => readonly OpenSocket[];
};

/** The address that this machine sends from to reach another one; null if it cannot. */
export type SourceOf = (address: string) => Promise<string | null>;

/**
 * Opens every address of `listen`.
 * @param use told of every socket that is opened, now and later
 * @throws MeshError ERR_PORT_IN_USE, ERR_ADDRESS, ERR_PERMISSION; what was opened before is closed with the engine
 */
export async function openSockets(
  engine: Engine,
  listen: readonly Endpoint[],
  use: (socket: number) => void,
  sourceOf: SourceOf = kernelSource,
): Promise<Sockets> {
  const listening: string[] = [];
  const all: OpenSocket[] = [];
  const withoutFamily = new Set<Family>();
  const open = async (host: string, wanted: number): Promise<OpenSocket> => {
    const number = await engine.openUdp({ host: host, port: wanted });
    use(number);
    const name = formatHostPort({ host, port: engine.boundPort(number) });
    const socket = { number, name, host, family: familyOf(host) };
    all.push(socket);
    return socket;
  };
  const begin = async (at: Endpoint): Promise<void> => {
    const place = hostPortOf(at);
    if (place === null) return;
    const { number } = await open(place.host, place.port);
    listening.push(formatEndpoint(endpointAt({ ...place, port: engine.boundPort(number) })));
  };
  const toReach = async (address: string): Promise<number | null> => {
    const family = familyOf(address);
    if (withoutFamily.has(family)) return null;
    const candidates = all.filter((socket) => socket.family === family);
    const free = candidates.find(({ host }) => isAny(host));
    if (free !== undefined) return free.number;
    const source = candidates.length === 0 ? null : await sourceOf(address);
    const bound = candidates.find(({ host }) => host === source);
    if (bound !== undefined) return bound.number;
    try {
      return (await open(family === 6 ? '::' : '0.0.0.0', 0)).number;
    } catch {
      // No such family here (IPv6 turned off): not a reason to stop, the peer is said to be out of reach.
      withoutFamily.add(family);
      return null;
    }
  };
  for (const at of listen) await begin(at);
  return { listening, toReach, listen: begin, all: () => all };
}

/** The family of a numeric address. */
export function familyOf(host: string): Family {
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

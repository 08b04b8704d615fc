/** The underlay sockets: those of `listen`, and one per address family for dialling where nothing listens. */
import { formatHostPort, formatUnderlay, isIp6, type Underlay } from '../config/index.ts';
import type { Engine } from '../packet/index.ts';

export type Family = 4 | 6;

/** All sockets of the daemon. */
export type Sockets = {
  /** Where we listen, as `udp://HOST:PORT` with the real ports. */
  readonly listening: readonly string[];
  /** A socket that reaches addresses of this family; opened when first needed. null: this machine has none. */
  readonly toReach: (family: Family) => Promise<number | null>;
  /** Listens at one address more. @throws MeshError ERR_PORT_IN_USE, ERR_ADDRESS, ERR_PERMISSION */
  readonly listen: (at: Underlay) => Promise<void>;
  /** All sockets, those for dialling too. */
  readonly all: () => readonly { readonly number: number; readonly name: string; readonly family: Family }[];
};

/**
 * Opens every address of `listen`.
 * @param use told of every socket that is opened, now and later
 * @throws MeshError ERR_PORT_IN_USE, ERR_ADDRESS, ERR_PERMISSION; what was opened before is closed with the engine
 */
export async function openSockets(
  engine: Engine,
  listen: readonly Underlay[],
  use: (socket: number) => void,
): Promise<Sockets> {
  const byFamily = new Map<Family, number | null>();
  const listening: string[] = [];
  const all: { readonly number: number; readonly name: string; readonly family: Family }[] = [];
  const open = async (host: string, wanted: number): Promise<number> => {
    const socket = await engine.openUdp({ address: host, port: wanted });
    use(socket);
    const port = engine.boundPort(socket);
    all.push({ number: socket, name: formatHostPort({ host, port }), family: familyOf(host) });
    return socket;
  };
  const begin = async (at: Underlay): Promise<void> => {
    if (at.transport !== 'udp') return;
    const socket = await open(at.host, at.port);
    listening.push(formatUnderlay({ ...at, port: engine.boundPort(socket) }));
    const family = familyOf(at.host);
    if ((byFamily.get(family) ?? null) === null) byFamily.set(family, socket);
  };
  for (const at of listen) await begin(at);
  return { listening, toReach: (family) => reach(byFamily, family, open), listen: begin, all: () => all };
}

/** The family of a numeric address. */
export function familyOf(host: string): Family {
  return isIp6(host) ? 6 : 4;
}

async function reach(
  byFamily: Map<Family, number | null>,
  family: Family,
  open: (host: string, port: number) => Promise<number>,
): Promise<number | null> {
  const known = byFamily.get(family);
  if (known !== undefined) return known;
  try {
    byFamily.set(family, await open(family === 6 ? '::' : '0.0.0.0', 0));
  } catch {
    // No such family here (IPv6 turned off): not a reason to stop, the peer is said to be out of reach.
    byFamily.set(family, null);
  }
  return byFamily.get(family) ?? null;
}

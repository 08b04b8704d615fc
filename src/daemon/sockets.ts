/** The underlay sockets: those of `listen`, and one per address family for dialling where nothing listens. */
import { formatUnderlay, isIp6, type Underlay } from '../config/index.ts';
import type { Engine } from '../packet/index.ts';

export type Family = 4 | 6;

/** All sockets of the daemon. */
export type Sockets = {
  /** Where we listen, as `udp://HOST:PORT` with the real ports. */
  readonly listening: readonly string[];
  /** A socket that reaches addresses of this family; opened when first needed. null: this machine has none. */
  readonly toReach: (family: Family) => Promise<number | null>;
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
  for (const at of listen) {
    if (at.transport !== 'udp') continue;
    const socket = await engine.openUdp({ address: at.host, port: at.port });
    use(socket);
    listening.push(formatUnderlay({ ...at, port: engine.boundPort(socket) }));
    const family = familyOf(at.host);
    if (!byFamily.has(family)) byFamily.set(family, socket);
  }
  return { listening, toReach: (family) => reach(engine, byFamily, family, use) };
}

/** The family of a numeric address. */
export function familyOf(host: string): Family {
  return isIp6(host) ? 6 : 4;
}

async function reach(
  engine: Engine,
  byFamily: Map<Family, number | null>,
  family: Family,
  use: (socket: number) => void,
): Promise<number | null> {
  const known = byFamily.get(family);
  if (known !== undefined) return known;
  try {
    const socket = await engine.openUdp({ address: family === 6 ? '::' : '0.0.0.0', port: 0 });
    use(socket);
    byFamily.set(family, socket);
  } catch {
    // No such family here (IPv6 turned off): not a reason to stop, the peer is said to be out of reach.
    byFamily.set(family, null);
  }
  return byFamily.get(family) ?? null;
}

/** Everything that is open while the daemon runs, opened in an order that lets failures undo it. */
import { type Logger, MeshError } from '../base/index.ts';
import type { Config } from '../config/index.ts';
import type { Identity } from '../crypto/index.ts';
import { createNode, type MeshNode } from '../node/index.ts';
import type { BeaconPort, Engine } from '../packet/index.ts';
import { type AdminSocket, openAdminSocket } from './admin-socket.ts';
import { realClock, realRng } from './clock.ts';
import { MESH_PREFIX_LENGTH } from './limits.ts';
import type { Platform } from './platform.ts';
import { openSockets, type Sockets } from './sockets.ts';

/** What must be closed at the end. */
export type Resources = {
  readonly node: MeshNode;
  readonly engine: Engine;
  readonly admin: AdminSocket;
  readonly sockets: Sockets;
  /** Beacons of raw Ethernet; null where they are not wanted, or cannot be had. */
  readonly beacons: BeaconPort | null;
};

/**
 * Opens admin socket, underlay sockets and TUN, in this order: the TUN changes the machine, so it comes last.
 * @throws MeshError for what is in use, missing or not permitted; everything is closed again then
 */
export async function openResources(
  config: Config,
  identity: Identity,
  platform: Platform,
  log: Logger,
): Promise<Resources> {
  const admin = await openAdminSocket(config.admin.listen);
  let engine: Engine | null = null;
  let node: MeshNode | null = null;
  try {
    engine = await platform.createEngine(config.crypto);
    const made = createNode({
      identity,
      clock: realClock,
      rng: realRng,
      engine,
      crypto: platform.crypto,
      log,
      firewall: config.firewall.inbound === 'allow' ? null : config.firewall.allow,
      users: config.accept,
    });
    node = made;
    made.setSupernodes(config.supernodes);
    const sockets = await openSockets(engine, config.listen, (socket, transport) => made.useSocket(socket, transport));
    // Now or never: afterwards the right to is gone.
    if (config.peers.some(({ endpoints }) => endpoints.some(({ transport }) => transport === 'eth')))
      await sockets.ethernet.open();
    const beacons = config.lan.beacon === 'off' ? null : await openEthernetBeacons(engine, sockets, log);
    if (config.tun.enabled) {
      const { name, mtu } = config.tun;
      engine.openTun({ name, address: identity.address, prefixLength: MESH_PREFIX_LENGTH, mtu });
      made.useTun();
    }
    made.rehearse();
    return { node, engine, admin, sockets, beacons };
  } catch (error) {
    node?.close();
    engine?.close();
    admin.close();
    throw error;
  }
}

/** Who may not is told, and finds its neighbours by UDP. */
async function openEthernetBeacons({ ethernet }: Engine, sockets: Sockets, log: Logger): Promise<BeaconPort | null> {
  if (ethernet === null) return null;
  try {
    await sockets.ethernet.open();
    return await ethernet.openBeacons();
  } catch (error) {
    if (!(error instanceof MeshError)) throw error;
    log.info('lan.no_ethernet', { reason: error.message });
    return null;
  }
}

/** Closes everything; the TUN disappears with its addresses and routes. Idempotent. */
export function closeResources(resources: Resources): void {
  resources.admin.close();
  resources.node.close();
  resources.engine.close();
}

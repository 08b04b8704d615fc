/**
 * A UDP socket for beacons of one family: broadcasts of IPv4, and a group of our own on link-local IPv6, for networks where
 * nobody gives out addresses. Several programs of a machine may share the port. Source: protocol 04 §9.3.
 */
import { createSocket, type Socket } from 'node:dgram';

/** Nodes of ours listen here, on every link by itself (RFC 4291 §2.7); stock nodes do not. */
export const BEACON_GROUP = 'ff02::fc';

/** A socket that is open. */
export type BeaconSocket = {
  /** Another program has the port for itself: beacons are sent, and none is heard. */
  readonly isDeaf: boolean;
  /** Sends from any of our ports. @param onError what the kernel says against it */
  readonly send: (bytes: Uint8Array, host: string, onError: (reason: string) => void) => void;
  /** Joins the group on a device; IPv6 only. Idempotent; one that was unplugged comes back with another index. */
  readonly join: (device: string, index: number) => void;
  readonly close: () => void;
};

/**
 * Opens the socket, bound to all addresses: one that is bound to a single address hears no broadcast.
 * @param hear given each datagram, and where it came from
 * @param onError what the kernel says against the open socket; what goes wrong with a beacon is told to whoever sends it
 * @returns null when this machine has no such family
 */
export async function openBeaconSocket(
  family: 4 | 6,
  port: number,
  hear: (bytes: Uint8Array, from: string) => void,
  onError: (reason: string) => void,
): Promise<BeaconSocket | null> {
  const own = await bound(family, port);
  const socket = own ?? (await bound(family, 0));
  if (socket === null) return null;
  const isDeaf = own === null;
  if (family === 4) socket.setBroadcast(true);
  if (!isDeaf) socket.on('message', (bytes, { address }) => hear(bytes, address));
  socket.on('error', (error) => onError(reasonOf(error)));
  const joined = new Map<string, number>();
  return {
    isDeaf,
    send: (bytes, host, onError) =>
      socket.send(bytes, port, host, (error) => {
        if (error !== null) onError(reasonOf(error));
      }),
    join: (device, index) => {
      if (family === 4 || isDeaf || joined.get(device) === index) return;
      try {
        socket.addMembership(BEACON_GROUP, `::%${device}`);
        joined.set(device, index);
      } catch {
        // A device without IPv6, or one that went away this moment: it is tried again with the next change.
      }
    },
    close: () => socket.close(),
  };
}

/** @returns null when the port is taken, or there is no such family */
function bound(family: 4 | 6, port: number): Promise<Socket | null> {
  return new Promise((resolve) => {
    const socket = createSocket({ type: family === 4 ? 'udp4' : 'udp6', reuseAddr: true, ipv6Only: family === 6 });
    const fail = (): void => {
      socket.close();
      resolve(null);
    };
    socket.once('error', fail);
    socket.bind({ port, address: family === 4 ? '0.0.0.0' : '::', exclusive: true }, () => {
      socket.off('error', fail);
      resolve(socket);
    });
  });
}

function reasonOf(error: Error): string {
  const { code } = error as NodeJS.ErrnoException;
  return code ?? error.message;
}

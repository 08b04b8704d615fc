/** The UDP socket of the admin API. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { Admin } from '../admin/index.ts';
import { MeshError } from '../base/index.ts';
import { formatHostPort, type HostPort, isIp6 } from '../config/index.ts';

/** A bound socket; it answers once it has somebody to ask. */
export type AdminSocket = {
  /** Where it listens, with the real port. */
  readonly at: HostPort;
  readonly serve: (admin: Admin) => void;
  /** Idempotent. */
  readonly close: () => void;
};

/** Binds the socket. @throws MeshError ERR_PORT_IN_USE, ERR_ADDRESS, ERR_PERMISSION */
export async function openAdminSocket(at: HostPort): Promise<AdminSocket> {
  const socket = createSocket({ type: isIp6(at.host) ? 'udp6' : 'udp4' });
  socket.bind(at.port, at.host);
  try {
    await once(socket, 'listening');
  } catch (error) {
    socket.close();
    throw bindError(at, error);
  }
  let isOpen = true;
  // A failed send (a caller that is gone) says nothing about the next one.
  socket.on('error', () => undefined);
  return {
    at: { host: at.host, port: socket.address().port },
    serve: (admin) => {
      socket.on('message', (message, { address, port }) => {
        void admin.handle(new Uint8Array(message), { host: address, port }).then((reply) => {
          if (reply !== null && isOpen) send(socket, reply, port, address);
        });
      });
    },
    close: () => {
      if (isOpen) socket.close();
      isOpen = false;
    },
  };
}

function send(socket: Socket, reply: Uint8Array, port: number, address: string): void {
  socket.send(reply, port, address, () => undefined);
}

function bindError(at: HostPort, error: unknown): MeshError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  const where = `admin.listen: ${formatHostPort(at)}`;
  if (code === 'EADDRINUSE') {
    return new MeshError(
      'ERR_PORT_IN_USE',
      `${where} is in use, perhaps by another fcmesh or cjdroute`,
      'Stop the other program (fcmesh stop), or set another admin.listen.',
    );
  }
  if (code === 'EADDRNOTAVAIL') {
    return new MeshError(
      'ERR_ADDRESS',
      `${where} is no address of this machine`,
      'Set admin.listen to 127.0.0.1:11234.',
    );
  }
  if (code === 'EACCES') return new MeshError('ERR_PERMISSION', `${where}: not permitted`, 'Use a port above 1023.');
  return new MeshError('ERR_ADDRESS', `${where} can not be opened (${code})`, 'Set admin.listen to 127.0.0.1:11234.');
}

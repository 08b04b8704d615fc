/** The UDP socket of the admin API. */

import { createSocket, type Socket, type SocketOptions } from 'node:dgram';
import { once } from 'node:events';
import type { Admin, Sender } from '../admin/index.ts';
import { MeshError } from '../base/index.ts';
import { formatHostPort, type HostPort, isIp6 } from '../underlay/index.ts';

/** A bound socket; it answers once it has somebody to ask. */
export type AdminSocket = {
  /** Where it listens, with the real port. */
  readonly at: HostPort;
  readonly serve: (admin: Admin) => void;
  /** Sends an asynchronous message. */
  readonly push: (to: Sender, datagram: Uint8Array) => void;
  /** Idempotent. */
  readonly close: () => void;
};

/** Binds the socket. @throws MeshError ERR_PORT_IN_USE, ERR_ADDRESS, ERR_PERMISSION */
export async function openAdminSocket(at: HostPort): Promise<AdminSocket> {
  const host = at.host === 'localhost' ? '127.0.0.1' : at.host;
  const family = isIp6(host) ? 6 : 4;
  // The address is numeric: a lookup of our own keeps node:dns, and the resolver it starts, out of the start-up.
  const lookup: SocketOptions['lookup'] = (name, _options, found) => process.nextTick(found, null, name, family);
  const socket = createSocket({ type: `udp${family}`, lookup });
  // Listened for before `bind`: with the lookup above it may be done within that call.
  const listening = once(socket, 'listening');
  socket.bind(at.port, host);
  try {
    await listening;
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
        const datagram = new Uint8Array(message);
        void admin.handle(datagram, { host: address, port }).then((reply) => {
          // An argument may be a password.
          for (const bytes of [message, datagram]) bytes.fill(0);
          if (reply !== null && isOpen) send(socket, reply, port, address);
        });
      });
    },
    push: (to, datagram) => {
      if (isOpen) send(socket, datagram, to.port, to.host);
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
  return new MeshError('ERR_ADDRESS', `${where} cannot be opened (${code})`, 'Set admin.listen to 127.0.0.1:11234.');
}

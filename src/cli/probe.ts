/**
 * Knocks at an endpoint from this machine and listens to what the network says of it. A daemon never answers what it does
 * not know, so silence is good news or a firewall; what a kernel says (RFC 1122 §4.1.3.3) tells a wrong port or address.
 */

import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { isIp6 } from '../underlay/index.ts';
import { PROBE_AGAIN_MS } from './limits.ts';

/** What was heard: nothing; no program at that port; no machine; no way there; or a firewall of this machine. */
export type Knocked = 'silence' | 'closed' | 'noMachine' | 'noRoute' | 'forbidden';

const ERRORS: Readonly<Record<string, Knocked>> = {
  ECONNREFUSED: 'closed',
  EHOSTUNREACH: 'noMachine',
  EHOSTDOWN: 'noMachine',
  ENETUNREACH: 'noRoute',
  EADDRNOTAVAIL: 'noRoute',
  EPERM: 'forbidden',
  EACCES: 'forbidden',
};

/**
 * Knocks by UDP; and by TCP, which alone is told that no machine has an address.
 * @param host an address, no name
 * @param waitMs for an answer; a machine that is not there is known after 3 s (neighbour discovery gives up then)
 */
export async function knock(host: string, port: number, waitMs: number): Promise<Knocked> {
  return new Promise((resolve) => {
    const socket = createSocket(isIp6(host) ? 'udp6' : 'udp4');
    const connection = connect({ host, port });
    const timers: NodeJS.Timeout[] = [];
    const end = (heard: Knocked): void => {
      for (const timer of timers) clearTimeout(timer);
      for (const one of [socket, connection]) {
        one.removeAllListeners();
        // What still comes is about the same door.
        one.on('error', () => undefined);
      }
      socket.close();
      connection.destroy();
      resolve(heard);
    };
    const failed = (error: Error | null): void => {
      if (error !== null) end(heardIn(error));
    };
    socket.once('error', failed);
    connection.on('error', (error) => {
      if (heardIn(error) === 'noMachine') end('noMachine');
    });
    // A way that does not exist is an error of the callback here, which the types do not know.
    socket.connect(port, host, (error?: Error) => {
      if (error instanceof Error) return failed(error);
      // One byte is no packet of the protocol: it is dropped, and counted, by whoever gets it.
      const send = (): void => socket.send(Uint8Array.of(0), failed);
      send();
      timers.push(
        setInterval(send, PROBE_AGAIN_MS),
        setTimeout(() => end('silence'), waitMs),
      );
    });
  });
}

function heardIn(error: Error): Knocked {
  return ERRORS[(error as NodeJS.ErrnoException).code ?? ''] ?? 'silence';
}
